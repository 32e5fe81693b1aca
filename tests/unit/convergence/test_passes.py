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

from oslotest import base

from nova_migprogress.convergence import passes
from nova_migprogress.convergence import samples

MIB = 1024 * 1024
TOTAL = 512 * MIB
RATE = 32 * MIB


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
        self.assertAlmostEqual(16, sync.error / MIB, delta=0.1)

    def test_headers_are_no_inflow(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.assertFalse(self.add(17, 544.07, 68))
        self.assertEqual(1, len(self.tracker.syncs))

    def test_joined_late(self):
        self.add(0, 700, 100)
        self.assertTrue(self.tracker.past_first)

    def test_more_than_everything(self):
        self.add(0, 400, 90)
        self.assertFalse(self.tracker.past_first)
        self.add(5, 440, 80)
        self.assertTrue(self.tracker.past_first)

    def test_early_sync(self):
        self.first_pass()
        self.add(16, 512, 100)
        self.add(17, 544, 118)
        self.assertTrue(self.tracker.syncs[-1].early)

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
