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

from nova_migprogress.convergence import sample_filter
from nova_migprogress.convergence import samples

NEW = sample_filter.Kind.NEW
REPEATED = sample_filter.Kind.REPEATED
LATE = sample_filter.Kind.LATE
RESTARTED = sample_filter.Kind.RESTARTED


def sample(time, processed, status='running'):
    return samples.Sample(time, status, 1000, processed, 1000 - processed, 0,
                          0, 0)


@ddt.ddt
class SampleFilterTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.filter = sample_filter.SampleFilter()

    def classify(self, *args, now=None, **kwargs):
        made = sample(*args, **kwargs)
        return self.filter.classify(made, made.time if now is None else now)

    def test_new(self):
        self.assertEqual([NEW, NEW, NEW],
                         [self.classify(t, 10 * t) for t in range(3)])

    def test_repeated(self):
        self.classify(0, 5)
        self.assertEqual(REPEATED, self.classify(0, 5, now=3))
        self.assertEqual(REPEATED, self.classify(4, 5))
        self.assertEqual(4, self.filter.unchanged_for(4))
        self.assertEqual(0, self.filter.last.time)

    def test_same_second_other_numbers(self):
        self.classify(0, 5)
        self.assertEqual(NEW, self.classify(0, 6))

    def test_late(self):
        self.classify(10, 50)
        self.assertEqual(LATE, self.classify(9, 40))
        self.assertEqual(LATE, self.classify(9, 60))
        self.assertEqual(50, self.filter.last.memory_processed)

    def test_numbers_lost(self):
        self.classify(10, 50)
        for time in range(11, 30):
            zeros = samples.Sample(time, 'running', 0, 0, 0, 0, 0, 0)
            self.assertEqual(LATE, self.filter.classify(zeros, time))
            nothing = samples.Sample(time, 'running')
            self.assertEqual(LATE, self.filter.classify(nothing, time))
        self.assertEqual(50, self.filter.last.memory_processed)

    def test_end_with_lost_numbers(self):
        self.classify(10, 50)
        self.assertEqual(
            NEW, self.filter.classify(samples.Sample(11, 'failed'), 11))
        self.assertEqual('failed', self.filter.last.status)
        self.assertEqual(50, self.filter.last.memory_processed)

    def test_end_with_an_old_time(self):
        self.classify(10, 50)
        self.assertEqual(NEW, self.classify(9, 60, status='completed'))
        self.assertEqual((10, 'completed'), self.filter.last[:2])

    def test_restart(self):
        self.classify(10, 50)
        self.assertEqual([LATE, LATE, RESTARTED, NEW],
                         [self.classify(t, t - 10) for t in (11, 12, 13, 14)])

    def test_step(self):
        self.assertIsNone(self.filter.step)
        for time in range(0, 50, 2):
            self.classify(time, time)
            self.classify(time + 1, time)
        self.assertAlmostEqual(2, self.filter.step)

    def test_step_counts_numbers_only(self):
        for time, status in enumerate(('accepted', 'queued', 'preparing')):
            self.filter.classify(samples.Sample(time, status), time)
        self.classify(10, 5)
        self.assertIsNone(self.filter.step)
        self.classify(12, 5, status='running (post-copy)')
        self.assertIsNone(self.filter.step)
        self.classify(70, 50)
        self.assertEqual(60, self.filter.step)

    def test_step_begins_with_the_first_numbers(self):
        self.classify(10, 5)
        self.classify(13, 6)
        self.assertEqual(3, self.filter.step)

    def test_step_follows(self):
        self.classify(0, 1)
        self.classify(2, 2)
        self.classify(12, 3)
        self.assertGreater(self.filter.step, 2)
        self.assertLess(self.filter.step, 10)

    def test_seen_twice_at_one_time(self):
        self.classify(0, 1)
        self.classify(2, 2)
        self.classify(3, 3, now=2)
        self.assertEqual(2, self.filter.step)

    def test_unchanged_for(self):
        self.assertEqual(0, self.filter.unchanged_for(7))
        self.classify(5, 1)
        self.assertEqual(2, self.filter.unchanged_for(7))
        self.classify(6, 1, now=8)
        self.assertEqual(4, self.filter.unchanged_for(9))
        self.classify(9, 2, now=10)
        self.assertEqual(1, self.filter.unchanged_for(11))
        # A new status is a sign of life.
        self.classify(9, 2, now=20, status='running (post-copy)')
        self.assertEqual(1, self.filter.unchanged_for(21))

    # What comes after two samples whose counters went back.
    @ddt.data((14, 60), (10, 50))
    @ddt.unpack
    def test_restart_is_three_in_a_row(self, time, processed):
        self.classify(10, 50)
        for _ in range(2):
            self.assertEqual([LATE, LATE],
                             [self.classify(t, t - 10) for t in (11, 12)])
            self.classify(time, processed)
        self.assertEqual(processed, self.filter.last.memory_processed)

    def test_restart_counts_anew_after_a_restart(self):
        self.classify(10, 50)
        for start in (20, 10):
            self.assertEqual(
                [LATE, LATE, RESTARTED],
                [self.classify(t, start) for t in (30, 31, 32)])

    def test_restart_is_a_change(self):
        self.classify(10, 50)
        for time in (11, 12, 13):
            self.classify(time, time - 10)
        self.assertEqual(0, self.filter.unchanged_for(13))
        # From the last change, not from the two that were doubted.
        self.assertEqual(3, self.filter.step)

    # Memory and disks processed; whether they go back from 5 and 5.
    @ddt.data((5, 5, False), (4, 5, True), (5, 4, True), (4, 6, True),
              (6, 4, True), (6, 6, False), (None, 5, True), (5, None, True))
    @ddt.unpack
    def test_goes_back(self, memory, disk, back):
        first = samples.Sample(1, 'running', 9, 5, 4, 9, 5, 4)
        self.filter.classify(first, 1)
        kind = self.filter.classify(first._replace(
            time=2, memory_processed=memory, disk_processed=disk,
            disk_total=10), 2)
        self.assertEqual(LATE if back else NEW, kind)

    @ddt.data(('memory_processed', 0, 0), ('memory_processed', 0, None),
              ('memory_processed', None, 0), ('memory_processed', 1, 1),
              ('disk_processed', 0, 0), ('disk_processed', 0, None),
              ('disk_processed', None, 0), ('disk_processed', 1, 1))
    @ddt.unpack
    def test_nothing_is_not_less_than_zero(self, name, before, after):
        first = samples.Sample(1, 'running', 9, 0, 9, 9, 0, 9)._replace(
            **{name: before})
        self.filter.classify(first, 1)
        self.assertEqual(NEW, self.filter.classify(first._replace(
            time=2, memory_remaining=8, **{name: after}), 2))

    @ddt.data('memory_processed', 'disk_processed')
    def test_one_byte_is_more_than_none(self, name):
        first = samples.Sample(1, 'running', 9, 5, 4, 9, 5, 4)._replace(
            **{name: 1})
        self.filter.classify(first, 1)
        self.assertEqual(LATE, self.filter.classify(first._replace(
            time=2, **{name: 0}), 2))
