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

import ddt
from oslotest import base

from nova_migprogress.convergence import memory
from nova_migprogress.convergence import samples
from tests.unit.convergence import exact_guest

MIB = exact_guest.MIB
RATE = 32


def geometric(first, ratio, count=200):
    return [first * ratio ** n for n in range(count)]


def follow(guest, step, until, offset=0.1):
    """Return a tracker and the time of the last sample before a time."""
    tracker = memory.MemoryTracker()
    time = offset
    while True:
        measured = tracker.add(time, guest.memory(time))
        if time + step > until:
            return tracker, time, measured
        time += step


@ddt.ddt
class PreCopyTestCase(base.BaseTestCase):
    """Measured of a guest that is known exactly, at 32 MiB/s."""

    def test_nothing_yet(self):
        tracker = memory.MemoryTracker()
        self.assertIsNone(tracker.throughput)
        self.assertIsNone(tracker.ratio)
        self.assertIsNone(tracker.dirty_rate())
        self.assertEqual((None, None), tracker.pause())
        self.assertEqual(0, tracker.pass_seconds)
        self.assertFalse(tracker.past_first)
        self.assertEqual([], list(tracker.syncs))

    def test_one_sample(self):
        guest = exact_guest.ExactGuest(512, RATE, [])
        tracker, _time, measured = follow(guest, 1, until=0.5)
        self.assertFalse(measured)
        self.assertIsNone(tracker.throughput)
        self.assertIsNone(tracker.seconds_left())
        self.assertEqual((None, None), tracker.pause())

    def test_first_pass(self):
        guest = exact_guest.ExactGuest(512, RATE, [])
        tracker, time, measured = follow(guest, 0.5, until=10)
        self.assertFalse(measured)
        self.assertFalse(tracker.past_first)
        self.assertAlmostEqual(RATE, tracker.throughput / MIB, delta=0.01)
        left = guest.remaining(time) / RATE
        self.assertAlmostEqual(left, tracker.seconds_left(), delta=0.01)
        self.assertAlmostEqual(left, tracker.pause()[0], delta=0.01)
        self.assertIsNone(tracker.pause()[1])
        self.assertIsNone(tracker.ratio)
        self.assertIsNone(tracker.dirty_rate())
        self.assertFalse(tracker.finishing())

    def test_one_sync_is_no_ratio(self):
        guest = exact_guest.ExactGuest(512, RATE, [128])
        tracker, _time, measured = follow(guest, 0.5, until=18)
        self.assertFalse(measured)
        self.assertTrue(tracker.past_first)
        self.assertIsNone(tracker.ratio)
        self.assertIsNone(tracker.dirty_rate())

    # Ratio, step between samples, syncs that are seen.
    @ddt.data((0.5, 0.5, 3), (0.5, 1, 4), (0.7, 0.25, 5), (0.8, 0.5, 6),
              (0.8, 2, 6), (0.9, 2, 9), (1.0, 0.5, 6), (1.0, 2, 12),
              (1.0, 8, 5))
    @ddt.unpack
    def test_measures(self, ratio, step, count):
        guest = exact_guest.ExactGuest(512, RATE, geometric(128, ratio))
        place, inflow = guest.syncs[count - 1]
        tracker, time, measured = follow(
            guest, step, until=guest.seconds_at(place) + step)
        worked = time * RATE
        self.assertTrue(measured)
        self.assertTrue(tracker.past_first)
        self.assertAlmostEqual(RATE, tracker.throughput / MIB, delta=0.01)
        self.assertAlmostEqual(ratio, tracker.ratio.value, delta=0.001)
        self.assertAlmostEqual(ratio * RATE, tracker.dirty_rate() / MIB,
                               delta=0.03)
        self.assertAlmostEqual(inflow / RATE, tracker.pass_seconds,
                               delta=0.01)
        least, most = tracker.pause()
        self.assertAlmostEqual(guest.remaining(time) / RATE, least,
                               delta=0.01)
        self.assertAlmostEqual(ratio * (worked - place) / RATE, most - least,
                               delta=0.01)
        if ratio == 1:
            self.assertIsNone(tracker.seconds_left())
        else:
            self.assertAlmostEqual(guest.seconds_at(guest.end) - time,
                                   tracker.seconds_left(), delta=0.01)

    @ddt.data((0.5, 1, 4), (0.8, 0.5, 6), (0.8, 2, 6), (1.0, 2, 6))
    @ddt.unpack
    def test_syncs(self, ratio, step, count):
        guest = exact_guest.ExactGuest(512, RATE, geometric(128, ratio))
        until = guest.seconds_at(guest.syncs[count - 1][0]) + step
        tracker, _time, _measured = follow(guest, step, until, offset=0)
        self.assertEqual(count, len(tracker.syncs))
        for sync, (place, inflow) in zip(tracker.syncs, guest.syncs):
            self.assertAlmostEqual(place, sync.place / MIB, delta=0.01)
            self.assertAlmostEqual(guest.seconds_at(place), sync.time,
                                   delta=0.01)
            self.assertAlmostEqual(inflow, sync.inflow / MIB, delta=0.01)
            self.assertEqual((0, False, True),
                             (sync.error, sync.early, sync.single))

    def test_pass_shorter_than_a_second(self):
        guest = exact_guest.ExactGuest(512, RATE, geometric(16, 0.5))
        tracker, _time, measured = follow(guest, 0.125, until=16.4)
        self.assertTrue(measured)
        self.assertEqual(1, tracker.ratio.passes)
        self.assertAlmostEqual(0.5, tracker.ratio.seconds, delta=0.01)
        self.assertAlmostEqual(RATE / 2, tracker.dirty_rate() / MIB,
                               delta=0.01)
        self.assertAlmostEqual(8 / RATE, tracker.pass_seconds, delta=0.01)

    def test_standing_still(self):
        guest = exact_guest.ExactGuest(512, RATE, geometric(256, 0.9))
        tracker, time, _measured = follow(guest, 0.5, until=25)
        for n in range(1, 8):
            self.assertTrue(tracker.add(time + n, guest.memory(time)))
        self.assertEqual(0, tracker.throughput)
        self.assertEqual(0, tracker.pass_seconds)
        self.assertIsNone(tracker.seconds_left())
        self.assertEqual((None, None), tracker.pause())

    def test_nothing_remains(self):
        tracker = memory.MemoryTracker()
        for n in range(5):
            tracker.add(n + 0.1, samples.Amounts(512 * MIB, 512 * MIB, 0))
        self.assertEqual(0, tracker.seconds_left())
        self.assertEqual((None, None), tracker.pause())
        self.assertTrue(tracker.finishing())

    @ddt.data((33, False), (31.9, True), (1, True))
    @ddt.unpack
    def test_finishing_within_a_second(self, remaining, finishing):
        tracker = memory.MemoryTracker()
        for n in range(8):
            left = int(remaining + (7 - n) * RATE) * MIB
            tracker.add(n + 0.1, samples.Amounts(512 * MIB, 512 * MIB - left,
                                                 left))
        self.assertIs(finishing, tracker.finishing())

    def test_never_less_than_nothing_is_left(self):
        guest = exact_guest.ExactGuest(512, RATE, [128, 4])
        tracker, _time, _measured = follow(guest, 0.5, until=20.2)
        self.assertEqual(0, tracker.seconds_left())


class SlowerLinkTestCase(base.BaseTestCase):

    def test_pass_takes_longer(self):
        guest = exact_guest.ExactGuest(512, RATE, geometric(256, 0.9))
        tracker, time, _measured = follow(guest, 0.5, until=24.2)
        self.assertAlmostEqual(230.4 / RATE, tracker.pass_seconds, delta=0.01)
        before = guest.memory(time)
        for n in range(1, 13):
            sent = n * RATE * MIB // 4
            tracker.add(time + n / 2, before._replace(
                processed=before.processed + sent,
                remaining=before.remaining - sent))
        self.assertAlmostEqual(RATE / 2, tracker.throughput / MIB, delta=0.01)
        self.assertAlmostEqual(230.4 / (RATE / 2), tracker.pass_seconds,
                               delta=0.02)
        # It may write twice as much again now; what was measured stays.
        self.assertAlmostEqual(0.9, tracker.ratio.value, delta=0.001)
        self.assertGreaterEqual(tracker.ratio.high, 1.8)
        self.assertAlmostEqual(0.9 * RATE, tracker.dirty_rate() / MIB,
                               delta=0.01)


@ddt.ddt
class PostCopyTestCase(base.BaseTestCase):

    def switch(self, tracker, time, memory, rate=8):
        """Go on in post-copy; return the seconds of transfer that remain."""
        for n in range(4):
            # The pages that the guest asks for are sent as well.
            moved = memory._replace(
                processed=memory.processed + n * 2 * rate * MIB,
                remaining=memory.remaining - n * rate * MIB)
            tracker.add_post_copy(time + n, moved)
        return moved.remaining / rate / MIB

    # In the first pass, in the next one, and with a ratio.
    @ddt.data(10, 18, 25)
    def test_rates_begin_anew(self, until):
        guest = exact_guest.ExactGuest(512, RATE, geometric(256, 0.9))
        tracker, time, _measured = follow(guest, 0.5, until)
        left = self.switch(tracker, time, guest.memory(time))
        self.assertAlmostEqual(16, tracker.throughput / MIB, delta=0.01)
        self.assertIsNone(tracker.ratio)
        self.assertIsNone(tracker.dirty_rate())
        self.assertAlmostEqual(left, tracker.seconds_left(), delta=0.01)
        self.assertAlmostEqual(left, tracker.pause()[0], delta=0.01)
        self.assertIsNone(tracker.pause()[1])

    def test_first_samples_are_of_post_copy(self):
        tracker = memory.MemoryTracker()
        left = self.switch(tracker, 5.5, samples.Amounts(
            512 * MIB, 300 * MIB, 250 * MIB))
        self.assertAlmostEqual(left, tracker.seconds_left(), delta=0.01)
        self.assertAlmostEqual(16, tracker.throughput / MIB, delta=0.01)

    def test_a_row_of_pre_copy_in_between(self):
        # As a replica of the database may still show it.
        guest = exact_guest.ExactGuest(512, RATE, geometric(256, 0.9))
        tracker, time, _measured = follow(guest, 0.5, 25)
        last = guest.memory(time)
        tracker.add_post_copy(time, last)
        tracker.add(time, last)
        left = self.switch(tracker, time, last)
        self.assertAlmostEqual(left, tracker.seconds_left(), delta=0.01)
        self.assertAlmostEqual(16, tracker.throughput / MIB, delta=0.01)
