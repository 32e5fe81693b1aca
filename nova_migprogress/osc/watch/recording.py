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

"""The recording of a watch, which must not end it."""

import collections.abc
import logging
import types
import typing

from osc_lib import exceptions

from nova_migprogress.client import follow
from nova_migprogress.recording import writer

LOG = logging.getLogger(__name__)


class WatchRecording:
    """Writes each sample of a watch; does nothing without a file.

    :param path: the file, None for none
    :raises CommandError: it cannot be written
    """

    def __init__(self, path: typing.Optional[str]) -> None:
        self._writer: typing.Optional[writer.Writer] = None
        #: Why nothing is recorded any more, None while all is well.
        self.problem: typing.Optional[str] = None
        if path is not None:
            try:
                self._writer = writer.Writer(path)
            except (OSError, ValueError) as exc:
                # A null character in the name is a ValueError.
                raise exceptions.CommandError(
                    'The recording %r cannot be written: %s' % (path, exc))

    def __enter__(self) -> 'WatchRecording':
        return self

    def __exit__(
            self, exc_type: typing.Optional[type[BaseException]],
            exc: typing.Optional[BaseException],
            traceback: typing.Optional[types.TracebackType]) -> None:
        if self._writer is not None:
            self._writer.close()
        if self.problem:
            LOG.warning(self.problem)

    def write(self, snapshot: follow.Snapshot,
              server_names: collections.abc.Mapping[str, str]) -> None:
        """Write what is new in a snapshot.

        :param server_names: by the servers' uuids
        """
        if self._writer is None or self.problem:
            return
        try:
            for tracked in snapshot.tracked:
                record = tracked.record
                name = None
                if record.instance_uuid is not None:
                    name = server_names.get(record.instance_uuid)
                self._writer.add(record, name)
        except (OSError, ValueError) as exc:
            # Closed already is a ValueError.
            self.problem = 'the recording ends here: %s' % exc
