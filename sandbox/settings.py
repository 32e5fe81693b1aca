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
import typing

from sandbox import layout as layout_mod


class _Guest(typing.TypedDict, total=False):
    """Known once the guest is built."""

    kernel_id: str
    ramdisk_id: str


class Settings(_Guest):
    """What is kept."""

    #: migprogress or stock
    driver: str
    #: port of the compute API on 127.0.0.1
    api_port: typing.Optional[int]
    #: cap of a migration in MiB/s, 0 for none
    bandwidth: int


DEFAULTS: Settings = {
    'driver': 'migprogress', 'api_port': None, 'bandwidth': 0}


def load(layout: layout_mod.Layout) -> Settings:
    """Return the settings."""
    settings = DEFAULTS.copy()
    try:
        settings.update(json.loads(layout.settings.read_text()))
    except OSError:
        pass
    return settings


def save(layout: layout_mod.Layout, **changes: typing.Any) -> None:
    """Change some settings.

    :param changes: some of the keys of Settings
    """
    settings = dict(load(layout), **changes)
    layout.settings.parent.mkdir(parents=True, exist_ok=True)
    layout.settings.write_text(json.dumps(settings, indent=2) + '\n')
