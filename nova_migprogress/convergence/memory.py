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

"""Rates, ratio and time left of the memory of a live migration."""

import collections.abc
import typing

from nova_migprogress.convergence import passes
from nova_migprogress.convergence import rates
from nova_migprogress.convergence import ratios
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import sync_splitter

#: Ratios from this one on make no useful time left.
LAST_RATIO = 0.99


class MemoryTracker:
    """The memory numbers of one migration; bounded memory."""

    def __init__(self) -> None:
        self._passes = passes.PassTracker()
        self._sent = rates.RateMeter()
        self._worked = rates.RateMeter()
        self._measured: typing.Optional[ratios.Ratio] = None
        self._expected = 1.0
        self._rate: typing.Optional[float] = None
        self._remaining = 0
        self._switched = False
        #: Bytes sent per second, None if unknown.
        self.throughput: typing.Optional[float] = None
        #: Ratio at the current rate; None before it was measured.
        self.ratio: typing.Optional[ratios.Ratio] = None
        #: How long sending the latest inflow takes; 0 if that is unknown.
        self.pass_seconds = 0.0

    @property
    def past_first(self) -> bool:
        """The first pass is over."""
        return self._passes.past_first

    @property
    def syncs(self) -> collections.abc.Sequence[sync_splitter.Sync]:
        """The latest dirty-bitmap syncs, oldest first; not to be changed."""
        return self._passes.syncs

    def add(self, time: float, memory: samples.Amounts) -> bool:
        """Add the numbers of a sample in pre-copy.

        :param time: seconds
        :returns: True if the ratio was measured, up to this sample
        """
        tracker = self._passes
        synced = tracker.add(time, memory, self._sent.recent_rate(),
                             self._expected)
        self._sent.add(time, memory.processed)
        self._worked.add(time, tracker.worked)
        self._take_rates(memory)
        if synced:
            self._measured = ratios.renew(
                self._measured, ratios.measure(tracker.syncs),
                tracker.syncs[-1].single)
        if self._measured is None:
            return False
        self._expected = ratios.expect_next(self._measured)
        recent = self._worked.recent_rate()
        self.ratio = ratios.adjust(self._measured, recent)
        self.pass_seconds = tracker.syncs[-1].inflow / recent if recent else 0
        return True

    def add_post_copy(self, time: float, memory: samples.Amounts) -> None:
        """Add the numbers of a sample after the switch to post-copy.

        :param time: seconds
        """
        if not self._switched or self.ratio is not None:
            # The link is shared with the pages that the guest asks for.
            self._switched = True
            self._sent = rates.RateMeter()
            self._worked = rates.RateMeter()
            self.ratio = self._measured = None
        self._sent.add(time, memory.processed)
        self._worked.add(time, -memory.remaining)
        self._take_rates(memory)

    def _take_rates(self, memory: samples.Amounts) -> None:
        self.throughput = self._sent.rate()
        self._rate = self._worked.rate()
        self._remaining = memory.remaining

    def dirty_rate(self) -> typing.Optional[float]:
        """Return bytes per second that must be sent again, None if unknown."""
        measured = self._measured
        if measured is None or measured.seconds <= 0:
            return None
        return measured.inflow / measured.seconds

    def seconds_left(self) -> typing.Optional[float]:
        """Return seconds until the memory is sent, None if unknown.

        With the ratio: what remains, and what was written since the last
        sync, and what will be written while that is sent, and so on, down to
        the level at which the switch-over happens.
        """
        if not self._rate:
            return None if self._remaining else 0.0
        ratio = self.ratio
        if ratio is None:
            return self._remaining / self._rate
        if ratio.value > LAST_RATIO:
            return None
        left = (self._remaining - self._passes.level +
                ratio.value * self._passes.since_sync())
        return max(left, 0.0) / (1 - ratio.value) / self._rate

    def pause(self) -> tuple[typing.Optional[float], typing.Optional[float]]:
        """Return (least, most) seconds to send everything, None if unknown.

        ``most`` counts what was written since the last sync.
        """
        if not self._rate:
            return None, None
        least = self._remaining / self._rate
        if self.ratio is None:
            return least, None
        hidden = self.ratio.value * self._passes.since_sync()
        return least, least + hidden / self._rate

    def finishing(self) -> bool:
        """Tell whether the switch-over may have begun: little remains."""
        return not self._rate or (
            self._remaining <= passes.EARLY_LEVEL * self._rate)
