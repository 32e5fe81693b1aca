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

"""Watch a migration through the API for as long as a test wants."""

import threading
import time

from keystoneauth1 import exceptions as ks_exceptions

from nova_migprogress import fields
from sandbox import client
from sandbox import exception
from sandbox import settings

#: Seconds between two requests, and until one that is not answered is given
#: up.
INTERVAL = 1.0
TIMEOUT = 3.0


class Poller(threading.Thread):
    """Reads a server's migration once a second, failures included.

    With the plugin from the list of all migrations. The API of stock Nova has
    the numbers only in the server's own list of migrations.
    """

    def __init__(self, layout, entry):
        super().__init__(daemon=True)
        self._api = client.Client(layout, timeout=TIMEOUT)
        self._server = entry['instance_uuid']
        self._uuid = entry['uuid']
        self._done = threading.Event()
        if settings.load(layout)['driver'] == 'migprogress':
            self._list, self._suffix = self._list_all, ''
            self._microversion = self._api.maximum()
        else:
            self._list, self._suffix = self._list_servers, '_bytes'
        #: Each ``{'time', 'numbers', 'status', 'error'}``: the six numbers or
        #: None, the status or None if the list does not hold it, the API's
        #: error or None.
        self.readings = []

    def _list_all(self):
        return self._api.migrations(microversion=self._microversion,
                                    instance_uuid=self._server)

    def _list_servers(self):
        return self._api.get(
            '/servers/%s/migrations' % self._server)['migrations']

    def _read(self):
        found = {'time': time.time(), 'numbers': None, 'status': None,
                 'error': None}
        try:
            entries = self._list()
        except (exception.SandboxError,
                ks_exceptions.ClientException) as exc:
            return dict(found, error=str(exc))
        for entry in entries:
            if entry['uuid'] == self._uuid:
                found['status'] = entry['status']
                found['numbers'] = {name: entry[name + self._suffix]
                                    for name in fields.NAMES}
        return found

    def run(self):
        while not self._done.is_set():
            began = time.monotonic()
            self.readings.append(self._read())
            self._done.wait(max(0, began + INTERVAL - time.monotonic()))

    def stop(self):
        """Read no more; returns the readings."""
        self._done.set()
        self.join(2 * TIMEOUT)
        return self.readings


def changes(readings):
    """The times at which new numbers were first seen."""
    times = []
    last = None
    for reading in readings:
        numbers = reading['numbers']
        if numbers and numbers['memory_total'] and numbers != last:
            times.append(reading['time'])
            last = numbers
    return times
