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

from nova_migprogress.convergence import sample_filter
from nova_migprogress.convergence import samples

NEW = sample_filter.Kind.NEW
REPEATED = sample_filter.Kind.REPEATED
LATE = sample_filter.Kind.LATE
RESTARTED = sample_filter.Kind.RESTARTED


def sample(time, processed, status='running'):
    return samples.Sample(time, status, 1000, processed, 1000 - processed, 0,
                          0, 0)


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
