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

from nova_migprogress.convergence import passes
from nova_migprogress.convergence import rates
from nova_migprogress.convergence import ratios
from nova_migprogress.convergence import verdicts

#: Ratios from this one on make no useful time left.
LAST_RATIO = 0.99


class MemoryTracker:
    """The memory numbers of one migration; bounded memory."""

    def __init__(self):
        self._passes = passes.PassTracker()
        self._sent = rates.RateMeter()
        self._worked = rates.RateMeter()
        self._confirmation = verdicts.Confirmation()
        self._measured = None
        self._rate = None
        #: Ratio at the current rate, a ratios.Ratio or None.
        self.ratio = None
        #: What the ratio means.
        self.verdict = verdicts.UNKNOWN
        #: memory_remaining of the last sample, in bytes.
        self.remaining = None

    @property
    def past_first(self):
        """The first pass is over."""
        return self._passes.past_first

    @property
    def syncs(self):
        """The latest passes.Sync objects, oldest first; not to be changed."""
        return self._passes.syncs

    def add(self, sample):
        """Add a sample in pre-copy whose memory numbers are not None."""
        tracker = self._passes
        synced = tracker.add(sample.time, sample.memory_total,
                             sample.memory_processed, sample.memory_remaining,
                             self._sent.recent())
        self._sent.add(sample.time, sample.memory_processed)
        self._worked.add(sample.time, tracker.worked)
        self._rate = self._worked.rate()
        self.remaining = sample.memory_remaining
        if synced:
            self._measured = ratios.renew(
                self._measured, ratios.measure(tracker.syncs),
                tracker.syncs[-1].single)
        if self._measured is None:
            return
        tracker.expected = ratios.expected(self._measured)
        recent = self._worked.recent()
        self.ratio = ratios.adjust(self._measured, recent)
        if not self.remaining:
            # Switched over.
            self.verdict = verdicts.CONVERGING
            return
        pass_seconds = tracker.syncs[-1].inflow / recent if recent else 0
        self.verdict = self._confirmation.confirm(
            verdicts.judge_ratio(self.ratio, pass_seconds), self.ratio)

    def add_post_copy(self, sample):
        """Add a sample after the switch to post-copy."""
        if self.verdict is not verdicts.CONVERGING or self.ratio is not None:
            # The link is shared with the pages that the guest asks for.
            self._sent = rates.RateMeter()
            self._worked = rates.RateMeter()
            self.ratio = self._measured = None
            self.verdict = verdicts.CONVERGING
        self._sent.add(sample.time, sample.memory_processed)
        self._worked.add(sample.time, -sample.memory_remaining)
        self._rate = self._worked.rate()
        self.remaining = sample.memory_remaining

    def throughput(self):
        """Return bytes sent per second, None if unknown."""
        return self._sent.rate()

    def dirty_rate(self):
        """Return bytes per second that must be sent again, None if unknown."""
        measured = self._measured
        if measured is None or measured.seconds <= 0:
            return None
        return measured.inflow / measured.seconds

    def seconds_left(self):
        """Return seconds until the memory is sent, None if unknown.

        With the ratio: what remains, and what was written since the last
        sync, and what will be written while that is sent, and so on, down to
        the level at which the switch-over happens.
        """
        if not self._rate:
            return None if self.remaining else 0.0
        ratio = self.ratio
        if ratio is None:
            return self.remaining / self._rate
        if ratio.value > LAST_RATIO:
            return None
        left = (self.remaining - self._passes.level +
                ratio.value * self._passes.since_sync())
        return max(left, 0.0) / (1 - ratio.value) / self._rate

    def pause(self):
        """Return (least, most) seconds to send everything, None if unknown.

        ``most`` counts what was written since the last sync.
        """
        if not self._rate:
            return None, None
        least = self.remaining / self._rate
        if self.ratio is None:
            return least, None
        hidden = self.ratio.value * self._passes.since_sync()
        return least, least + hidden / self._rate

    def finishing(self):
        """Little enough remains for the switch-over to have begun."""
        return not self._rate or (
            self.remaining <= passes.EARLY_LEVEL * self._rate)
