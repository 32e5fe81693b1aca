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

"""Thin out a recording, as if a client had polled less often."""

import math
import typing

from nova_migprogress.recording import reader

#: Seconds between two polls.
MIN_STEP = 0.1
MAX_STEP = 3600.0


class Downsampler:
    """Keeps one row of each migration every step.

    A change of the status is always kept, and the last row of each migration.

    :param step: seconds
    """

    def __init__(self, step: float) -> None:
        self._step = step
        # By uuid.
        self._polls: dict[typing.Optional[str], _Polls] = {}

    def take(self, row: reader.RecordedSample) -> bool:
        """Take the next row of any migration and tell whether it is kept."""
        polls = self._polls.get(row.uuid)
        if polls is None:
            self._polls[row.uuid] = _Polls(row, self._step)
            return True
        return polls.take(row)

    def flush(self) -> list[reader.RecordedSample]:
        """Return the last rows of those migrations that end between polls."""
        rows = [polls.skipped for polls in self._polls.values()
                if polls.skipped is not None]
        self._polls.clear()
        return sorted(rows, key=lambda row: row.line)


class _Polls:
    """The polls of one migration.

    :param first: its first row, which is kept
    :param step: seconds between two of them
    """

    def __init__(self, first: reader.RecordedSample, step: float) -> None:
        self._step = step
        self._next = first.sample.time + step
        self._status = first.sample.status
        #: The newest row since the last poll, None if there is none.
        self.skipped: typing.Optional[reader.RecordedSample] = None

    def take(self, row: reader.RecordedSample) -> bool:
        time = row.sample.time
        if time < self._next and row.sample.status == self._status:
            self.skipped = row
            return False
        if time >= self._next:
            # Polls stay on their grid, or rows that come a little late would
            # make the step longer and longer.
            self._next += self._step * (
                math.floor((time - self._next) / self._step) + 1)
        self._status = row.sample.status
        self.skipped = None
        return True
