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

"""Poll a migration through the API for as long as a test wants."""

from collections import abc
import threading
import time
import typing

from keystoneauth1 import exceptions as ks_exceptions

from nova_migprogress import fields
from sandbox import client
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import settings

#: Seconds between two requests, and until one that is not answered is given
#: up.
INTERVAL = 1.0
TIMEOUT = 3.0


class APIAnswer(typing.TypedDict):
    """What one request told."""

    #: When it was made, in seconds since 1970.
    time: float
    #: The six numbers, None if the list does not hold the migration.
    numbers: typing.Optional[dict[str, typing.Optional[int]]]
    #: Its status, None if the list does not hold it.
    status: typing.Optional[str]
    #: The API's error, or None.
    error: typing.Optional[str]


class APIPoller(threading.Thread):
    """Polls a server's migration once a second, failures included.

    With the plugin from the list of all migrations. The API of stock Nova has
    the numbers only in the server's own list of migrations.
    """

    def __init__(self, layout: layout_mod.Layout,
                 entry: client.JSONObject) -> None:
        super().__init__(daemon=True)
        self._api = client.Client(layout, timeout=TIMEOUT)
        self._server = entry['instance_uuid']
        self._uuid = entry['uuid']
        self._done = threading.Event()
        self._list: abc.Callable[[], list[client.JSONObject]]
        if settings.load(layout)['driver'] == 'migprogress':
            self._list, self._suffix = self._list_all, ''
            self._microversion = self._api.maximum()
        else:
            self._list, self._suffix = self._list_servers, '_bytes'
        self._results: list[APIAnswer] = []

    def _list_all(self) -> list[client.JSONObject]:
        return self._api.migrations(microversion=self._microversion,
                                    instance_uuid=self._server)

    def _list_servers(self) -> list[client.JSONObject]:
        entries: list[client.JSONObject] = self._api.get(
            '/servers/%s/migrations' % self._server)['migrations']
        return entries

    def _poll(self) -> APIAnswer:
        found: APIAnswer = {'time': time.time(), 'numbers': None,
                            'status': None, 'error': None}
        try:
            entries = self._list()
        except (exception.SandboxError,
                ks_exceptions.ClientException) as exc:
            found['error'] = str(exc)
            return found
        for entry in entries:
            if entry['uuid'] == self._uuid:
                found['status'] = entry['status']
                found['numbers'] = {name: entry[name + self._suffix]
                                    for name in fields.NAMES}
        return found

    def run(self) -> None:
        while not self._done.is_set():
            began = time.monotonic()
            self._results.append(self._poll())
            self._done.wait(max(0, began + INTERVAL - time.monotonic()))

    def stop(self) -> list[APIAnswer]:
        """Poll no more; returns what all polls told."""
        self._done.set()
        self.join(2 * TIMEOUT)
        return self._results


def change_times(results: abc.Iterable[APIAnswer]) -> list[float]:
    """The times at which new numbers were first seen."""
    times = []
    last = None
    for result in results:
        numbers = result['numbers']
        if numbers and numbers['memory_total'] and numbers != last:
            times.append(result['time'])
            last = numbers
    return times
