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


class Sync(typing.NamedTuple):
    """One fetch of the dirty bitmap."""

    #: Bytes worked off up to it, and how far that may be wrong, in bytes.
    place: float
    error: float
    #: Inferred time, in seconds.
    time: float
    #: Bytes that it added to remaining.
    inflow: float
    #: It did not end a pass by itself.
    early: bool
    #: The inflow is that of this sync alone.
    single: bool


class PassTracker:
    """The passes of one migration's memory; bounded memory."""

    def __init__(self):
        self._last = None
        self._falls = collections.deque(maxlen=9)
        self._clean = False
        self._splitter = sync_splitter.Splitter()
        self._lowest = None
        # Worked off since zero pages were last passed over, before any sync.
        self._plain = 0.0
        self.syncs = collections.deque(maxlen=KEPT)
        #: Guest memory worked off since the first sample, in bytes.
        self.worked = 0.0
        #: Worked off per processed byte, 1.0 unless pages are compressed.
        self.compression = 1.0
        #: Ratio of an inflow to the one before, to be set by the caller.
        self.expected = 1.0
        #: The first pass is over.
        self.past_first = False
        #: Remaining at which passes end, in bytes.
        self.level = 0.0

    def add(self, time, total, processed, remaining, rate):
        """Add a sample of the memory numbers.

        :param time: seconds
        :param total: memory_total in bytes
        :param processed: memory_processed in bytes
        :param remaining: memory_remaining in bytes
        :param rate: bytes sent per second, None if unknown
        :returns: True if there was a sync since the sample before
        """
        last = self._last
        self._last = (time, processed, remaining)
        if last is None:
            self.past_first = _past_first(total, processed, remaining)
            return False
        sent = processed - last[1]
        change = remaining - last[2]
        worked = sent * self.compression
        inflow = change + worked
        if self.compression > COMPRESSED:
            share = MIN_INFLOW_SHARE_COMPRESSED
        else:
            share = MIN_INFLOW_SHARE
        least = max(min(MIN_INFLOW, total / 512), share * worked)
        if inflow <= least and change <= least:
            if self.past_first and sent > 0:
                self._learn_compression(-change / sent)
                self._clean = True
            # All that left remaining was worked off, zero pages included.
            self.worked += max(-change, 0.0)
            self._plain = self._plain + worked if -inflow <= least else 0.0
            self.past_first |= _past_first(total, processed, remaining)
            return False
        if rate:
            rate *= self.compression
        elif time > last[0]:
            rate = worked / (time - last[0])
        if self.past_first and sent > 0 and not self._clean:
            # No pass is seen but its end, which took all that remained.
            self._learn_compression(
                (last[2] - SYNC_LEVEL * (rate or 0.0)) / sent)
        self._synced(last, time, remaining, worked, inflow, rate or 0.0)
        self._clean = False
        self.past_first = True
        return True

    def since_sync(self):
        """Return the bytes worked off since the last sync."""
        return self.worked - self.syncs[-1].place

    def _learn_compression(self, fall):
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

    def _synced(self, last, time, remaining, worked, inflow, rate):
        """Note one or more syncs in an interval that ended at a time."""
        start = self.worked
        self.worked = end = start + worked
        before = last[2]
        reach = before - worked
        early = (self.past_first and
                 reach > max(EARLY_LEVEL * rate, MIN_INFLOW))
        if early:
            place = start + worked / 2
            error = worked / 2
        else:
            # The level is where remaining was low enough for a sync: below
            # what was seen before, and not below what would be left now.
            level = SYNC_LEVEL * rate
            if self._lowest is not None:
                level = min(level, self._lowest)
            level = min(max(level, reach, 0.0), before)
            self.level = level
            self._lowest = min(before, (self._lowest or before) * 1.05)
            place = min(start + before - level, end)
            error = 0.0
        per_byte = (time - last[0]) / worked if worked else 0.0
        previous = self.syncs[-1] if self.syncs else None
        before = None if self.past_first else self._plain + place - start
        # Zero pages may have ended the pass at any moment before, and hide
        # as much of the inflow.
        doubtful = not self.past_first and (
            not self._plain or place >= end) and last[2] > 0.1 * inflow
        if doubtful:
            if sync_splitter.fits(remaining - self.level, worked):
                place = end
            split = sync_splitter.Split((inflow,), single=False)
            error = place = (place - start) / 2
            place += start
        else:
            split = self._splitter.split(
                previous, before, self.expected, place, worked, inflow,
                end - place)
        if split.unit:
            # All alike: the one before can be told better now.
            self.syncs.clear()
            self.syncs.append(previous._replace(
                place=place - split.unit, error=0.0, inflow=split.unit,
                time=last[0] + (place - split.unit - start) * per_byte,
                single=True))
        for part in split.inflows:
            place += split.shift
            self.syncs.append(Sync(
                place, error + split.shift,
                last[0] + (place - start) * per_byte, part, early,
                split.single))
            place = min(place + part, end)
            error += split.error * part


def _past_first(total, processed, remaining):
    """Tell whether more than all memory was or will be sent.

    The share allows for page headers.
    """
    return processed + remaining > 1.01 * total
