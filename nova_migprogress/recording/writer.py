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

"""Writes the samples of migrations as JSON lines.

One object a line, as the reader and ``nova-migprogress-replay`` take them:
``time`` in seconds since 1970, ``uuid`` of the migration, ``status``, the six
fields of nova_migprogress.fields, and for people and other programs
``server`` (its uuid), ``name``, ``type``, ``source``, ``destination``,
``project`` and ``created_at``. Needs Python alone, unlike the client, whose
records it takes.
"""

import json
import os
import typing

from nova_migprogress.convergence import samples
from nova_migprogress import fields
from nova_migprogress import timestamps

if typing.TYPE_CHECKING:
    from nova_migprogress.client import migration_record


class Writer:
    """Appends to a recording, each sample once.

    A file that exists is continued, be it cut off in the middle of a line.

    :param path: the file
    :raises OSError: it cannot be written
    :raises ValueError: it exists and is something else, or path holds a null
    """

    def __init__(self, path: str) -> None:
        self.path = path
        # By key of the migration: what was written last.
        self._newest: dict[str, samples.Sample] = {}
        # Unbuffered, so that nothing is lost or written late.
        self._file = open(path, 'ab', buffering=0)
        try:
            # Reading from a pipe would wait for a writer.
            if os.path.isfile(path) and _is_cut_off(path):
                self._write(b'\n')
        except (OSError, ValueError):
            self._file.close()
            raise

    def add(self, record: 'migration_record.MigrationRecord',
            name: typing.Optional[str] = None) -> bool:
        """Write what is known of a migration unless it was written before.

        :param record: one that does not tell its time is left out
        :param name: the server's name
        :returns: whether it was written
        :raises OSError: it cannot be written, as on a full disk
        """
        if record.sampled_at is None:
            return False
        sample = record.to_sample(record.sampled_at)
        if self._newest.get(record.key) == sample:
            return False
        line: dict[str, object] = {
            'time': sample.time, 'uuid': record.key, 'status': sample.status}
        line.update(zip(fields.NAMES, sample.numbers))
        line.update(
            server=record.instance_uuid, name=name,
            type=record.migration_type, source=record.source_compute,
            destination=record.dest_compute, project=record.project_id,
            created_at=None if record.created_at is None else
            timestamps.format_datetime(record.created_at, 'auto'))
        self._write(json.dumps(line).encode('ascii') + b'\n')
        self._newest[record.key] = sample
        return True

    def close(self) -> None:
        """Close the file; may be called again."""
        self._file.close()

    def _write(self, line: bytes) -> None:
        while line:
            line = line[self._file.write(line):]


def _is_cut_off(path: str) -> bool:
    """Tell whether a recording ends in the middle of a line.

    :raises ValueError: it is no recording
    """
    with open(path, 'rb') as existing:
        if not existing.seek(0, 2):
            return False
        existing.seek(0)
        if existing.read(1) != b'{':
            raise ValueError('it exists and is not a recording')
        existing.seek(-1, 2)
        return existing.read(1) != b'\n'
