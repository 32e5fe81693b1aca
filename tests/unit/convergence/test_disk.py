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

from nova_migprogress.convergence import disk
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import verdicts

MIB = 1024 * 1024


class DiskTrackerTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.judge = verdicts.Judge()

    def track(self, rate, growth, seconds=60, step=2, total=2000):
        """Copy at a rate a disk that grows; MiB/s, MiB."""
        tracker = disk.DiskTracker()
        for n in range(int(seconds / step)):
            time = n * step + 0.1
            size = int((total + growth * time) * MIB)
            done = int(rate * time) * MIB
            tracker.add(time, samples.Amounts(size, done, size - done))
            self.judge.note_disk(time, tracker.throughput, tracker.growth)
        return tracker, time

    def verdict(self, time):
        return self.judge.judge_storage(time, 0, step=2)

    def test_nothing(self):
        tracker = disk.DiskTracker()
        self.assertIsNone(tracker.throughput)
        self.assertEqual(0, tracker.seconds_left())

    def test_steady(self):
        tracker, time = self.track(32, 0)
        self.assertAlmostEqual(32 * MIB, tracker.throughput, delta=MIB)
        self.assertEqual(0, tracker.growth)
        self.assertAlmostEqual(2000 / 32 - time, tracker.seconds_left(),
                               delta=0.5)
        self.assertEqual(verdicts.UNKNOWN, self.verdict(time))

    def test_growing(self):
        tracker, time = self.track(32, 8)
        self.assertAlmostEqual(2000 / 24 - time, tracker.seconds_left(),
                               delta=1)
        self.assertEqual(verdicts.UNKNOWN, self.verdict(time))

    def test_growing_too_fast(self):
        tracker, time = self.track(32, 33)
        self.assertIsNone(tracker.seconds_left())
        self.assertEqual(verdicts.NOT_CONVERGING, self.verdict(time))

    def test_not_at_once(self):
        tracker, time = self.track(32, 33, seconds=12)
        self.assertEqual(verdicts.UNKNOWN, self.verdict(time))

    def test_one_sample(self):
        tracker = disk.DiskTracker()
        tracker.add(1.5, samples.Amounts(9, 4, 5))
        self.assertIsNone(tracker.throughput)
        self.assertIsNone(tracker.growth)
        self.assertIsNone(tracker.seconds_left())

    def test_bytes_and_seconds(self):
        tracker = disk.DiskTracker()
        for n in range(10):
            tracker.add(n + 0.5, samples.Amounts(100, 4 * n, 100 - 4 * n))
        self.assertEqual(4, tracker.throughput)
        self.assertEqual(0, tracker.growth)
        self.assertEqual(16, tracker.seconds_left())

    def test_grows_as_fast_as_it_is_copied(self):
        tracker = disk.DiskTracker()
        for n in range(10):
            tracker.add(n + 0.5, samples.Amounts(100 + 4 * n, 4 * n, 100))
        self.assertIsNone(tracker.seconds_left())

    def test_grows_nearly_as_fast(self):
        tracker = disk.DiskTracker()
        for n in range(10):
            tracker.add(n + 0.5, samples.Amounts(100 + 3 * n, 4 * n, 100 - n))
        self.assertEqual(91, tracker.seconds_left())
