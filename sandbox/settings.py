# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What was asked of the running sandbox, kept in one small JSON file."""

import json

DEFAULTS = {
    # migprogress or stock
    'driver': 'migprogress',
    # port of the compute API on 127.0.0.1
    'api_port': None,
    # cap of a migration in MiB/s, 0 for none
    'bandwidth': 0,
}


def load(layout):
    """The settings as a dictionary."""
    settings = dict(DEFAULTS)
    try:
        settings.update(json.loads(layout.settings.read_text()))
    except OSError:
        pass
    return settings


def save(layout, **changes):
    """Change some settings."""
    settings = load(layout)
    settings.update(changes)
    layout.settings.parent.mkdir(parents=True, exist_ok=True)
    layout.settings.write_text(json.dumps(settings, indent=2) + '\n')
