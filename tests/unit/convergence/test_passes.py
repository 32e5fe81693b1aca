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

from nova_migprogress.convergence import passes
from nova_migprogress.convergence import samples
from tests.unit.convergence import exact_guest

MIB = 1024 * 1024
TOTAL = 512 * MIB
RATE = 32 * MIB


@ddt.ddt
class PassTrackerTestCase(base.BaseTestCase):
    """A link of 32 MiB/s; passes end with 9.6 MiB remaining."""

    def setUp(self):
        super().setUp()
        self.tracker = passes.PassTracker()

    def add(self, time, processed, remaining, rate=RATE):
        return self.tracker.add(time, samples.Amounts(
            TOTAL, int(processed * MIB), int(remaining * MIB)), rate)

    def first_pass(self):
        self.add(0, 0, 512)
        self.add(8, 256, 256)
        self.add(15, 480, 32)

    def test_first_pass(self):
        self.first_pass()
        self.assertFalse(self.tracker.past_first)
        self.assertEqual(0, len(self.tracker.syncs))
        self.assertEqual(480 * MIB, self.tracker.worked)

    def test_place_and_time_of_a_sync(self):
        self.first_pass()
        # 22.4 of 32 MiB later 100 MiB come in, 9.6 MiB are sent of them.
        self.assertTrue(self.add(16, 512, 100))
        sync, = self.tracker.syncs
        self.assertTrue(self.tracker.past_first)
        self.assertAlmostEqual(502.4, sync.place / MIB, delta=0.1)
        self.assertAlmostEqual(15.7, sync.time, delta=0.01)
        self.assertAlmostEqual(100, sync.inflow / MIB)
        self.assertTrue(sync.single)
        self.assertAlmostEqual(9.6, self.tracker.since_sync() / MIB,
                               delta=0.1)

    def test_next_sync_is_one_inflow_later(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.add(18, 576, 36)
        self.add(19, 608, 54)
        first, second = self.tracker.syncs
        self.assertAlmostEqual(50, second.inflow / MIB)
        self.assertAlmostEqual(100, (second.place - first.place) / MIB,
                               delta=0.1)

    def test_zero_pages_are_worked_off(self):
        self.add(0, 0, 512)
        self.assertFalse(self.add(1, 32, 200))
        self.assertEqual(312 * MIB, self.tracker.worked)

    def test_zero_pages_before_the_first_sync(self):
        self.add(0, 0, 512)
        self.add(1, 32, 200)
        # 150 MiB of zero pages, then a sync: anywhere in the interval.
        self.add(2, 64, 180)
        sync, = self.tracker.syncs
        self.assertFalse(sync.single)
        self.assertAlmostEqual(312, (sync.place - sync.error) / MIB)
        self.assertAlmostEqual(344, (sync.place + sync.error) / MIB)
        self.assertAlmostEqual(12, sync.inflow / MIB)
        self.assertTrue(self.tracker.past_first)

    # Remaining after the sync; MiB within which it was: up to where the pass
    # would have ended without zero pages, to the end if there may be two.
    @ddt.data((100, 20.4), (50, 32))
    @ddt.unpack
    def test_zero_pages_near_the_end(self, remaining, reach):
        self.add(0, 0, 512)
        self.add(1, 32, 30)
        self.add(2, 64, remaining)
        sync, = self.tracker.syncs
        self.assertFalse(sync.single)
        self.assertAlmostEqual(482, (sync.place - sync.error) / MIB)
        self.assertAlmostEqual(482 + reach, (sync.place + sync.error) / MIB)

    def test_zero_pages_do_not_matter_when_little_remained(self):
        self.add(0, 0, 512)
        self.add(1, 32, 12)
        self.add(2, 64, 200)
        sync, = self.tracker.syncs
        self.assertTrue(sync.single)
        self.assertAlmostEqual(502.4, sync.place / MIB)

    def test_headers_are_no_inflow(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.assertFalse(self.add(17, 544.07, 68))
        self.assertEqual(1, len(self.tracker.syncs))

    # MiB sent and remaining; 512 in all, and 1 % of headers.
    @ddt.data((700, 100, True), (300, 300, True), (100, 420, True),
              (256, 256, False), (256, 260, False), (512, 0, False),
              (0, 512, False))
    @ddt.unpack
    def test_joined_late(self, processed, remaining, past_first):
        self.assertFalse(self.add(0, processed, remaining))
        self.assertIs(past_first, self.tracker.past_first)
        self.assertEqual(0, self.tracker.worked)

    # MiB of memory, MiB that came in while 4 were sent, whether it is seen.
    @ddt.data((4096, 1.1, True), (4096, 0.9, False), (256, 0.6, True),
              (256, 0.4, False), (64, 0.2, True), (64, 0.1, False),
              # The guess at the share of headers wins for the smallest.
              (16, 0.13, True), (16, 0.11, False))
    @ddt.unpack
    def test_smallest_inflow(self, total, inflow, seen):
        def amounts(processed, remaining):
            return samples.Amounts(total * MIB, int(processed * MIB),
                                   int(remaining * MIB))

        self.tracker.add(0.1, amounts(2 * total, 6), RATE)
        self.assertIs(seen, self.tracker.add(
            0.2, amounts(2 * total + 4, 2 + inflow), RATE))

    def test_more_than_everything(self):
        self.add(0, 400, 90)
        self.assertFalse(self.tracker.past_first)
        self.add(5, 440, 80)
        self.assertTrue(self.tracker.past_first)

    def test_early_sync(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.add(17, 544, 118)
        sync = self.tracker.syncs[-1]
        self.assertTrue(sync.early)
        self.assertAlmostEqual(50, sync.inflow / MIB)
        # Anywhere between the samples.
        self.assertAlmostEqual(512, (sync.place - sync.error) / MIB)
        self.assertAlmostEqual(544, (sync.place + sync.error) / MIB)
        self.assertAlmostEqual(16.5, sync.time)

    # MiB that remain half a second before the sample after the sync: with
    # less than a second of transfer left the pass ended by itself.
    @ddt.data((40, False), (47, False), (49, True), (70, True))
    @ddt.unpack
    def test_little_remained(self, remaining, early):
        self.first_pass()
        self.add(16, 512, remaining)
        self.add(16.5, 528, remaining + 20)
        self.assertIs(early, self.tracker.syncs[-1].early)

    def test_nothing_was_sent(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.assertTrue(self.add(17, 512, 150))
        sync = self.tracker.syncs[-1]
        self.assertAlmostEqual(50, sync.inflow / MIB)
        self.assertEqual((512 * MIB, 0, 16),
                         (sync.place, sync.error, sync.time))
        self.assertEqual(0, self.tracker.since_sync())

    def test_levels_that_are_seen_correct_the_guess(self):
        self.first_pass()
        self.add(15.9, 508.8, 3.2)
        self.add(16, 512, 100)
        self.assertAlmostEqual(3.2, self.tracker.level / MIB, delta=0.01)
        self.add(19, 608, 4)
        self.add(20, 640, 72)
        second = self.tracker.syncs[1]
        self.assertAlmostEqual(3.2, self.tracker.level / MIB, delta=0.01)
        self.assertAlmostEqual(608 + 4 - 3.2, second.place / MIB, delta=0.01)
        # Passes that end earlier now are believed by and by.
        self.add(22, 704, 8)
        self.add(23, 736, 60)
        self.assertGreater(self.tracker.level, 3.3 * MIB)
        self.assertLess(self.tracker.level, 4 * MIB)

    def test_compression(self):
        self.first_pass()
        self.add(16, 512, 200)
        for n in range(1, 4):
            self.assertFalse(self.add(16 + n, 512 + 16 * n, 200 - 48 * n))
        self.assertAlmostEqual(3, self.tracker.compression, delta=0.01)
        # 16 MiB on the wire are 48 of memory: 80 came in.
        self.assertTrue(self.add(20, 576, 88))
        self.assertAlmostEqual(80, self.tracker.syncs[-1].inflow / MIB,
                               delta=0.1)

    def test_bounded(self):
        self.first_pass()
        processed = 480
        for n in range(500):
            processed += 32
            self.add(16 + n, processed, 32 + n % 2)
        self.assertLessEqual(len(self.tracker.syncs), passes.KEPT)


@ddt.ddt
class ExactTestCase(base.BaseTestCase):
    """Of a guest that is known exactly, the rate being told or not."""

    def follow(self, guest, step, until, rate=None):
        tracker = passes.PassTracker()
        time = 0
        while time < until:
            tracker.add(time, guest.memory(time), rate)
            time += step
        return tracker, (time - step) * guest.rate

    def assert_syncs(self, guest, tracker, worked, first=0):
        for sync, (place, inflow) in list(zip(
                tracker.syncs, guest.syncs))[first:]:
            self.assertAlmostEqual(inflow, sync.inflow / MIB, delta=0.01)
            self.assertAlmostEqual(guest.seconds_at(place), sync.time,
                                   delta=0.01)
            # Places count from the first sync that is known exactly.
            shift = tracker.syncs[first].place / MIB - guest.syncs[first][0]
            self.assertAlmostEqual(place + shift, sync.place / MIB,
                                   delta=0.01 + sync.error / MIB)
            self.assertLessEqual(0, sync.error)
            self.assertFalse(sync.early)
            self.assertTrue(sync.single)
        self.assertAlmostEqual(
            worked - guest.syncs[len(tracker.syncs) - 1][0],
            tracker.since_sync() / MIB,
            delta=0.01 + tracker.syncs[-1].error / MIB)
        self.assertAlmostEqual(guest.rate * exact_guest.LEVEL,
                               tracker.level / MIB, delta=0.01)

    @ddt.data((None, 0.5), (None, 1), (None, 2), (RATE, 0.5), (RATE, 2),
              # Zero is no rate either.
              (0, 1))
    @ddt.unpack
    def test_syncs(self, rate, step):
        guest = exact_guest.ExactGuest(
            512, 32, [128 * 0.8 ** n for n in range(12)])
        tracker, worked = self.follow(guest, step, 30.4, rate)
        self.assertEqual(6, len(tracker.syncs))
        self.assertAlmostEqual(worked, tracker.worked / MIB)
        self.assert_syncs(guest, tracker, worked)
        self.assertEqual(1, tracker.compression)

    # Samples that are so rare that a pass may be over unseen: all are alike.
    @ddt.data(1.1, 1.5, 2.3, 2.7)
    def test_short_passes_that_are_alike(self, step):
        guest = exact_guest.ExactGuest(512, 32, [32] * 60)
        tracker, worked = self.follow(guest, step, 30)
        self.assertGreater(len(tracker.syncs), 6)
        self.assert_syncs(guest, tracker, worked)

    # First sample, inflow, step.
    @ddt.data((20, 32, 1.3), (20.2, 32, 1.7), (20, 48, 2.3), (20, 48, 1.6),
              (14, 32, 1.3))
    @ddt.unpack
    def test_joined_late(self, start, inflow, step):
        # What was open at first is told when all turn out to be alike.
        guest = exact_guest.ExactGuest(512, 32, [inflow] * 60)
        truth = [(place, guest.seconds_at(place))
                 for place, _inflow in guest.syncs]
        for count in range(2, 12):
            tracker = passes.PassTracker()
            for n in range(count):
                time = start + n * step
                tracker.add(time, guest.memory(time), None)
            for sync in tracker.syncs:
                if sync.single:
                    place, moment = min(
                        truth, key=lambda true: abs(true[1] - sync.time))
                    self.assertAlmostEqual(moment, sync.time, delta=0.01)
                    self.assertAlmostEqual(inflow, sync.inflow / MIB,
                                           delta=0.01)
                self.assertTrue(any(
                    abs(place - start * 32 - sync.place / MIB) <=
                    sync.error / MIB + 0.01 for place, _time in truth))
                self.assertGreaterEqual(sync.error, 0)
            if count > 5:
                # None is left of the time when they were open.
                self.assertGreater(len(tracker.syncs), 2)
                for sync in tracker.syncs:
                    self.assertTrue(sync.single)
                    self.assertLess(sync.error / MIB, 0.1 * inflow)
                self.assertLessEqual(moment, time)
                self.assertGreater(moment, time - inflow / 32 - 0.01)

    def test_joined_at_the_end_of_the_first_pass(self):
        # How long the pass before was is not known: there may be two.
        guest = exact_guest.ExactGuest(512, 32, [32] * 60)
        tracker = passes.PassTracker()
        for time in (14.6, 15.6, 17.2):
            tracker.add(time, guest.memory(time), None)
        sync, = tracker.syncs
        self.assertFalse(sync.single)
        self.assertAlmostEqual(64, sync.inflow / MIB)

    def test_zero_pages_are_not_compressed(self):
        tracker = passes.PassTracker()
        for n in range(6):
            tracker.add(n, samples.Amounts(TOTAL, n * MIB,
                                           TOTAL - n * 40 * MIB), None)
        self.assertEqual(1, tracker.compression)

    def test_one_stretch_of_zero_pages_is_not_compressed(self):
        tracker = passes.PassTracker()
        remaining = 400
        for n in range(9):
            remaining -= 40 if n == 4 else 8
            tracker.add(n, samples.Amounts(TOTAL, TOTAL + n * 8 * MIB,
                                           remaining * MIB), None)
        self.assertEqual(1, tracker.compression)

    def test_early_syncs_are_not_compressed(self):
        tracker = passes.PassTracker()
        for n in range(12):
            # Half of what is sent comes in again at every other sample.
            tracker.add(n, samples.Amounts(
                TOTAL, TOTAL + n * 8 * MIB,
                (400 - n * 8 + n // 2 * 8) * MIB), None)
        self.assertEqual(1, tracker.compression)
        self.assertEqual(5, len(tracker.syncs))

    @ddt.data((1.3, 0.5), (1.3, 1), (3, 0.5), (3, 1))
    @ddt.unpack
    def test_compressed(self, compression, step):
        guest = exact_guest.ExactGuest(
            512, 32, [128 * 0.8 ** n for n in range(12)], compression)
        for rate in (None, 32 * MIB / compression):
            tracker, worked = self.follow(guest, step, 30.4, rate)
            self.assertEqual(6, len(tracker.syncs))
            self.assertAlmostEqual(compression, tracker.compression,
                                   delta=0.001)
            # What the first pass taught comes too late for its own end.
            self.assert_syncs(guest, tracker, worked, first=1)

    def test_hardly_compressed_is_not_compressed(self):
        guest = exact_guest.ExactGuest(
            512, 32, [128 * 0.8 ** n for n in range(12)], 1.1)
        tracker, _worked = self.follow(guest, 0.5, 30.4)
        self.assertEqual(1, tracker.compression)
        self.assertEqual(6, len(tracker.syncs))

    def test_compression_is_bounded(self):
        guest = exact_guest.ExactGuest(512, 32, [128] * 12, 100000)
        tracker, _worked = self.follow(guest, 0.5, 25)
        self.assertLessEqual(tracker.compression, 100)

    def test_compression_without_a_clean_interval(self):
        # Each of them holds the end of a pass.
        guest = exact_guest.ExactGuest(512, 32, [32] * 60, 3)
        tracker, _worked = self.follow(guest, 1, 30)
        self.assertGreater(tracker.compression, 2)
        self.assertLessEqual(tracker.compression, 3)

    def test_compression_ends(self):
        guest = exact_guest.ExactGuest(512, 32, [256], 1.3)
        tracker, _worked = self.follow(guest, 1, 20)
        self.assertAlmostEqual(1.3, tracker.compression, delta=0.001)
        last = guest.memory(19)
        for n in range(1, 10):
            self.assertFalse(tracker.add(19 + n, last._replace(
                processed=last.processed + n * 4 * MIB,
                remaining=last.remaining - n * 4 * MIB), None))
        self.assertEqual(1, tracker.compression)
