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

"""Read what the recorders wrote."""

import json
import pathlib
import typing

from sandbox import exception


#: What virDomain.jobStats() returned, and when: ``time`` in seconds since 1970
#: and, but for those of the end, when it was ``asked``.
JobStats = dict[str, typing.Any]


class Run(typing.TypedDict):
    """One live migration of a server, as libvirt of the source saw it."""

    server: str
    #: The source.
    host: str
    #: Seconds since 1970; ended is None while it runs.
    started: float
    ended: typing.Optional[float]
    samples: list[JobStats]
    #: The other lines of the record, see sandbox.truth.recorder.
    events: list[dict[str, typing.Any]]
    #: The statistics of the job-completed event, None without one.
    completed: typing.Optional[JobStats]


def _records(path: pathlib.Path) -> list[dict[str, typing.Any]]:
    records = []
    for line in path.read_text().splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            # The last line may be incomplete: it is being written.
            continue
    return records


def runs(directory: pathlib.Path, server_id: str) -> list[Run]:
    """All recorded live migrations of a server, the oldest first."""
    found: list[Run] = []
    for path in directory.glob('*/%s.jsonl' % server_id):
        run: typing.Optional[Run] = None
        for record in _records(path):
            if record.get('event') == 'job-started':
                run = {'server': server_id, 'host': path.parent.name,
                       'started': record['time'], 'ended': None,
                       'samples': [], 'events': [], 'completed': None}
                found.append(run)
            if run is None:
                continue
            if 'sample' in record:
                run['samples'].append(
                    dict(record['sample'], time=record['time'],
                         asked=record['asked']))
                continue
            run['events'].append(record)
            if record['event'] == 'job-ended':
                run['ended'] = record['time']
            elif record['event'] == 'job-completed':
                run['completed'] = dict(record['stats'], time=record['time'])
    return sorted(found, key=lambda run: run['started'])


def last_run(directory: pathlib.Path, server_id: str) -> Run:
    """The newest recorded live migration of a server.

    :raises NotFound: if none was recorded
    """
    found = runs(directory, server_id)
    if not found:
        raise exception.NotFound(
            'No live migration of server %s was recorded.' % server_id)
    return found[-1]
