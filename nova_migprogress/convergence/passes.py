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

"""Find the dirty-bitmap syncs between samples and what each brought.

Pre-copy sends memory in passes. During a pass ``memory_remaining`` falls as
memory is sent; what the guest writes meanwhile is not counted. When remaining
has come down to about what can be sent within the permitted downtime, the
hypervisor fetches the dirty bitmap: what was written since the last time is
added to remaining at once (the *inflow* of that *sync*), and the next pass
begins, or the switch-over if it is little enough.

Samples show neither the moment nor the number of syncs, but bytes are
conserved: between two samples inflow = change of remaining + bytes worked off.
And because a sync happens at a known level of remaining, its place is known
too, in bytes worked off since the start, which is better than time: neither
clocks nor changes of the bandwidth disturb it.

*Worked off* counts guest memory, not bytes on the wire. They differ where
pages are compressed (xbzrle) or zero: remaining falls faster than processed
grows; how much is learnt from intervals without a sync.
"""

import collections
import typing

from nova_migprogress.convergence import samples
from nova_migprogress.convergence import sync_splitter

MIB = 1024 * 1024

#: Seconds of transfer that remain when a pass ends: libvirt's default downtime
#: of 0.3 s. Nova raises it in steps up to 0.5 s (live_migration_downtime), the
#: guess is corrected by the levels that are seen.
SYNC_LEVEL = 0.3
#: A sync at a remaining of more than this many seconds did not end a pass by
#: itself: the switch to post-copy, or a periodic sync.
EARLY_LEVEL = 1.0
#: An inflow is one from this size on, and from this share of the bytes that
#: were worked off: page headers and numbers read at slightly different
#: moments make smaller ones.
MIN_INFLOW = MIB
MIN_INFLOW_SHARE = 0.03
#: The same share where the bytes worked off are only estimated.
MIN_INFLOW_SHARE_COMPRESSED = 0.3
#: Worked off per processed byte beyond which pages count as compressed.
COMPRESSED = 1.15
MAX_COMPRESSION = 100
#: Syncs that are kept.
KEPT = 24


class PassTracker:
    """The passes of one migration's memory; bounded memory."""

    def __init__(self) -> None:
        # Time and numbers of the last sample.
        self._last: typing.Optional[tuple[float, samples.Amounts]] = None
        self._falls: collections.deque[float] = collections.deque(maxlen=9)
        self._clean = False
        self._splitter = sync_splitter.Splitter()
        self._lowest: typing.Optional[float] = None
        # Worked off since zero pages were last passed over, before any sync.
        self._plain = 0.0
        #: The latest ones, oldest first.
        self.syncs: collections.deque[sync_splitter.Sync] = (
            collections.deque(maxlen=KEPT))
        #: Guest memory worked off since the first sample, in bytes.
        self.worked = 0.0
        #: Worked off per processed byte, 1.0 unless pages are compressed.
        self.compression = 1.0
        #: The first pass is over.
        self.past_first = False
        #: Remaining at which passes end, in bytes.
        self.level = 0.0

    def add(self, time: float, memory: samples.Amounts,
            rate: typing.Optional[float], expected: float = 1.0) -> bool:
        """Add the memory numbers of a sample.

        :param time: seconds
        :param rate: bytes sent per second, None if unknown
        :param expected: ratio of an inflow to the one before, as far as known
        :returns: True if there was a sync since the sample before
        """
        if self._last is None:
            self._last = (time, memory)
            self.past_first = _is_past_first(memory)
            return False
        last_time, last = self._last
        self._last = (time, memory)
        sent = memory.processed - last.processed
        change = memory.remaining - last.remaining
        worked = sent * self.compression
        inflow = change + worked
        if self.compression > COMPRESSED:
            share = MIN_INFLOW_SHARE_COMPRESSED
        else:
            share = MIN_INFLOW_SHARE
        least = max(min(MIN_INFLOW, memory.total / 512), share * worked)
        if inflow <= least and change <= least:
            if self.past_first and sent > 0:
                self._learn_compression(-change / sent)
                self._clean = True
            # All that left remaining was worked off, zero pages included.
            self.worked += max(-change, 0.0)
            self._plain = self._plain + worked if -inflow <= least else 0.0
            self.past_first |= _is_past_first(memory)
            return False
        if rate:
            rate *= self.compression
        elif time > last_time:
            rate = worked / (time - last_time)
        if self.past_first and sent > 0 and not self._clean:
            # No pass is seen but its end, which took all that remained.
            self._learn_compression(
                (last.remaining - SYNC_LEVEL * (rate or 0.0)) / sent)
        self._note_syncs((last_time, time), (last.remaining, memory.remaining),
                         worked, inflow, rate or 0.0, expected)
        self._clean = False
        self.past_first = True
        return True

    def since_sync(self) -> float:
        """Return the bytes worked off since the last sync."""
        return self.worked - self.syncs[-1].place

    def _learn_compression(self, fall: float) -> None:
        falls = self._falls
        falls.append(fall)
        if len(falls) < 3:
            return
        # Unseen syncs make a fall smaller, a stretch of zero pages makes a
        # single one larger.
        typical = sorted(falls)[-2]
        if typical > COMPRESSED:
            self.compression = min(typical, MAX_COMPRESSION)
        else:
            self.compression = 1.0

    def _note_syncs(self, times: tuple[float, float],
                    remaining: tuple[int, int], worked: float, inflow: float,
                    rate: float, expected: float) -> None:
        """Note one or more syncs in an interval between two samples.

        :param times: seconds, at its start and at its end
        :param remaining: bytes, at its start and at its end
        :param worked: bytes worked off in it
        :param inflow: bytes that came in
        :param rate: bytes worked off per second
        :param expected: ratio of an inflow to the one before
        """
        start = self.worked
        self.worked = end = start + worked
        early, place, error = self._locate(remaining[0], start, worked, rate)
        per_byte = (times[1] - times[0]) / worked if worked else 0.0
        previous = self.syncs[-1] if self.syncs else None
        # Zero pages may have ended the pass at any moment before, and hide
        # as much of the inflow.
        doubtful = not self.past_first and (
            not self._plain or place >= end) and remaining[0] > 0.1 * inflow
        if doubtful:
            if sync_splitter.fits(remaining[1] - self.level, worked):
                place = end
            split = sync_splitter.Split((inflow,), single=False)
            error = place = (place - start) / 2
            place += start
        else:
            before = None if self.past_first else self._plain + place - start
            split = self._splitter.split(
                previous, before, expected, place, worked, inflow,
                end - place)
        if split.unit and previous is not None:
            # All alike: the one before can be told better now.
            self.syncs.clear()
            self.syncs.append(previous._replace(
                place=place - split.unit, error=0.0, inflow=split.unit,
                time=times[0] + (place - split.unit - start) * per_byte,
                single=True))
        for part in split.inflows:
            place += split.shift
            self.syncs.append(sync_splitter.Sync(
                place, error + split.shift,
                times[0] + (place - start) * per_byte, part, early,
                split.single))
            place = min(place + part, end)
            error += split.error * part

    def _locate(self, before: int, start: float, worked: float,
                rate: float) -> tuple[bool, float, float]:
        """Find the place of the first sync of an interval.

        :param before: bytes that remained at its start
        :param start: bytes worked off before it
        :param worked: bytes worked off in it
        :param rate: bytes worked off per second
        :returns: whether it is early; the place and its error in bytes
        """
        reach = before - worked
        if self.past_first and reach > max(EARLY_LEVEL * rate, MIN_INFLOW):
            return True, start + worked / 2, worked / 2
        # The level is where remaining was low enough for a sync: below what
        # was seen before, and not below what would be left now.
        level = SYNC_LEVEL * rate
        if self._lowest is not None:
            level = min(level, self._lowest)
        self.level = level = min(max(level, reach, 0.0), before)
        self._lowest = min(before, (self._lowest or before) * 1.05)
        return False, min(start + before - level, start + worked), 0.0


def _is_past_first(memory: samples.Amounts) -> bool:
    """Tell whether more than all memory was or will be sent.

    The share allows for page headers.
    """
    return memory.processed + memory.remaining > 1.01 * memory.total
