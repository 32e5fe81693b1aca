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

from sandbox import exception


def _records(path):
    records = []
    for line in path.read_text().splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            # The last line may be incomplete: it is being written.
            continue
    return records


def runs(directory, server_id):
    """All recorded live migrations of a server, the oldest first.

    :returns: a list of dictionaries: ``server``; ``host``, the source;
        ``started`` and ``ended``, seconds since 1970, ``ended`` null while it
        runs; ``samples``, jobStats() with a ``time`` and when it was
        ``asked`` for each; ``events``;
        ``completed``, the statistics of the job-completed event with a
        ``time``, null without one
    """
    found = []
    for path in pathlib.Path(directory).glob('*/%s.jsonl' % server_id):
        run = None
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


def last(directory, server_id):
    """The newest recorded live migration of a server.

    :raises NotFound: if none was recorded
    """
    found = runs(directory, server_id)
    if not found:
        raise exception.NotFound(
            'No live migration of server %s was recorded.' % server_id)
    return found[-1]
