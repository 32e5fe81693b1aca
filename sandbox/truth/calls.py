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

"""Read from libvirtd's own log which calls about a server it got, and when.

This shows what Nova did without touching Nova.
"""

from collections import abc
import datetime
import pathlib
import re
import typing

from sandbox.truth import reader

#: How Nova polls a migration.
POLL = 'virDomainGetJobStats'
#: How Nova ends one early, or makes it end.
ABORT = 'virDomainAbortJob'
SUSPEND = 'virDomainSuspend'
POST_COPY = 'virDomainMigrateStartPostCopy'

_CALL = re.compile(
    r'^(?P<time>[0-9-]+ [0-9:.]+)\+0000: \d+: debug : '
    r'(?P<function>\w+):\d+ : .*uuid=(?P<server>[0-9a-f-]{36})')

#: Seconds by which the log's clock, in whole milliseconds, may be behind.
_ROUNDING = 0.002


class Call(typing.NamedTuple):
    """One call that libvirtd got."""

    #: Seconds since 1970.
    time: float
    #: Name of the C function.
    function: str


def read(path: pathlib.Path, server_id: str) -> list[Call]:
    """The calls about one server, the oldest first."""
    found = []
    try:
        with open(path, errors='replace') as log:
            for line in log:
                call = _CALL.match(line)
                if call and call['server'] == server_id:
                    moment = datetime.datetime.strptime(
                        call['time'], '%Y-%m-%d %H:%M:%S.%f')
                    found.append(Call(
                        moment.replace(
                            tzinfo=datetime.timezone.utc).timestamp(),
                        call['function']))
    except FileNotFoundError:
        pass
    return found


def poll_times(calls: abc.Iterable[Call], run: reader.Run) -> list[float]:
    """The times at which Nova polled a migration.

    :param calls: what read() returned for the source host
    :param run: the migration as sandbox.truth.reader returns it; its recorder
        polls too, and its calls are left out
    """
    times = [time for time, function in calls
             if function == POLL and time >= run['started'] - _ROUNDING and
             (run['ended'] is None or time <= run['ended'])]
    for sample in run['samples']:
        own = [time for time in times if
               sample['asked'] - _ROUNDING <= time <= sample['time']]
        if own:
            times.remove(own[0])
    return times
