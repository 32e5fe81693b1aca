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

import logging

from osc_lib import exceptions

from nova_migprogress.recording import writer

LOG = logging.getLogger(__name__)


class WatchRecording:
    """Writes each sample of a watch; does nothing without a file.

    :param path: the file, None for none
    :raises CommandError: it cannot be written
    """

    def __init__(self, path):
        self._writer = None
        #: Why nothing is recorded any more, None while all is well.
        self.problem = None
        if path is not None:
            try:
                self._writer = writer.Writer(path)
            except (OSError, ValueError) as exc:
                # A null character in the name is a ValueError.
                raise exceptions.CommandError(
                    'The recording %r cannot be written: %s' % (path, exc))

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if self._writer is not None:
            self._writer.close()
        if self.problem:
            LOG.warning(self.problem)

    def keep(self, snapshot, names):
        """Write what is new.

        :param picture: a follow.Snapshot
        :param names: a mapping of server uuids to names
        """
        if self._writer is None or self.problem:
            return
        try:
            for tracked in snapshot.tracked:
                record = tracked.record
                self._writer.add(record, names.get(record.instance_uuid))
        except (OSError, ValueError) as exc:
            # Closed already is a ValueError.
            self.problem = 'the recording ends here: %s' % exc
