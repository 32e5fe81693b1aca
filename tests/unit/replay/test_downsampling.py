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

from nova_migprogress.convergence import samples
from nova_migprogress.recording import reader
from nova_migprogress.replay import downsampling


def rows(times, uuid='a', status='running'):
    return [reader.RecordedSample(line, uuid, samples.Sample(time, status), {})
            for line, time in enumerate(times, 1)]


def times(kept):
    return [row.sample.time for row in kept]


class DownsamplerTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.downsampler = downsampling.Downsampler(2.0)

    def thin(self, some):
        return [row for row in some if self.downsampler.take(row)]

    def test_every_step(self):
        kept = self.thin(rows(number / 2 for number in range(12)))
        self.assertEqual([0, 2, 4], times(kept))
        self.assertEqual([5.5], times(self.downsampler.flush()))
        self.assertEqual([], self.downsampler.flush())

    def test_rows_that_come_a_little_late_do_not_add_up(self):
        kept = self.thin(rows(number * 0.999 for number in range(2001)))
        self.assertAlmostEqual(1000, len(kept), delta=2)

    def test_longer_steps_are_kept(self):
        self.assertEqual([0, 3, 9, 20], times(self.thin(rows((0, 3, 9, 20)))))

    def test_status(self):
        some = rows((0, 0.5)) + rows((0.7, 0.8), status='completed')
        self.assertEqual([0, 0.7], times(self.thin(some)))

    def test_migrations_are_apart(self):
        some = rows((0, 1, 2)) + rows((0.5, 1.5, 2.5), 'b')
        some.sort(key=lambda row: row.sample.time)
        self.assertEqual([0, 0.5, 2, 2.5], times(self.thin(some)))
