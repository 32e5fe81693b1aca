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

"""Follow a migration through the API, as an operator would."""

import time

from sandbox import client
from sandbox import exception
from sandbox import migrations

#: Seconds between two requests.
INTERVAL = 0.5


def follow(layout, entry, microversion, on_reading=lambda reading: None,
           timeout=240):
    """Poll GET /os-migrations until a migration has ended.

    :param entry: the migration
    :param on_reading: called with each reading, see sandbox.checks
    :returns: the readings; the last one is final
    :raises Timeout: if it does not end
    """
    api = client.Client(layout)
    deadline = time.monotonic() + timeout
    readings = []
    while time.monotonic() < deadline:
        began = time.monotonic()
        asked = time.time()
        found = migrations.migration(
            api, entry['instance_uuid'], entry['uuid'],
            microversion=microversion)
        readings.append({'time': asked, 'answered': time.time(),
                         'migration': found})
        on_reading(readings[-1])
        if found['status'] in migrations.FINAL:
            return readings
        time.sleep(max(0, began + INTERVAL - time.monotonic()))
    raise exception.Timeout(
        'The migration %s did not end within %d s.'
        % (entry['uuid'], timeout))


def rate(readings, name):
    """Bytes per second over the last three seconds of changes, or None.

    :param name: memory_processed or disk_processed
    """
    changes = []
    for reading in readings:
        value = reading['migration'][name]
        if value is not None and (not changes or changes[-1][1] != value):
            changes.append((reading['time'], value))
    if len(changes) < 2:
        return None
    (t1, v1), (t2, v2) = changes[-2:]
    return (v2 - v1) / (t2 - t1)
