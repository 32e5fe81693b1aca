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

"""A writing policy that the recorder does not use; see policies."""

import typing

#: Two writes of one migration are at least this far apart, in seconds.
MINIMUM_GAP = 1.0


class WriteSchedule:
    """Decides at each poll whether the newest sample is due to be written.

    The first sample is due at once, then one every interval. The end of a
    pre-copy pass, when ``memory_remaining`` is lowest and most telling, pulls
    a write forward that is due within a quarter of the interval; the write
    after it keeps its place, so that there is never more than one write per
    interval on average and never more than 1.25 intervals between two.
    """

    def __init__(self) -> None:
        #: Times of the write that was started last, and of the next.
        self._last: typing.Optional[float] = None
        self._next: typing.Optional[float] = None

    def is_due(self, now: float, interval: float,
               pass_ended: bool = False) -> bool:
        """Tell whether to write now.

        :param now: monotonic time, in seconds
        :param interval: seconds between writes
        :param pass_ended: a pre-copy pass ended since the last poll
        """
        if self._last is None or self._next is None:
            return True
        # An interval that was shortened while we run counts at once.
        due = min(self._next, self._last + 1.25 * interval)
        if now >= due:
            return True
        return (pass_ended and now - self._last >= MINIMUM_GAP and
                due - now <= interval / 4)

    def note_write(self, now: float, interval: float) -> None:
        """Note that a write was started at this time."""
        base = now
        if self._next is not None and now < self._next:
            base = min(self._next, now + interval / 4)
        self._last = now
        self._next = base + interval
