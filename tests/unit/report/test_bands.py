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

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import samples
from nova_migprogress.recording import reader
from nova_migprogress.replay import moments
from nova_migprogress.report import bands


def moment(time, verdict, status='running'):
    return moments.Moment(
        reader.RecordedSample(1, 'a', samples.Sample(time, status), {}),
        assessment.Assessment(time, 'pre-copy', verdict), [])


class BandsTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.bands = bands.Bands()

    def said(self):
        return [(start.time, start.assessment.verdict)
                for start in self.bands.starts]

    def test_stretches(self):
        for time, verdict in enumerate('aabbbac'):
            self.bands.add(moment(time, verdict), 10)
        self.assertEqual([(0, 'a'), (2, 'b'), (5, 'a'), (6, 'c')],
                         self.said())

    def test_status(self):
        self.bands.add(moment(0, 'a'), 10)
        self.bands.add(moment(1, 'a', 'running (post-copy)'), 10)
        self.assertEqual(2, len(self.bands.starts))

    def test_short_ones_are_left_out(self):
        self.bands.add(moment(0, 'a'), 4)
        for time, verdict in ((10, 'b'), (10.2, 'a'), (50, 'c'), (50.1, 'b'),
                              (90, 'a'), (95, 'b')):
            self.bands.add(moment(time, verdict), 4)
        self.assertEqual([(0, 'a'), (50.1, 'b'), (90, 'a'), (95, 'b')],
                         self.said())
        self.assertEqual(2, self.bands.left_out)

    def test_bounded(self):
        for time in range(5000):
            self.bands.add(moment(float(time), 'ab'[time % 2]), 50)
            self.assertLessEqual(len(self.bands.starts), 50)
        self.assertEqual((0.0, 'a'), self.said()[0])

    def test_shrink_to_nothing(self):
        for time in range(50):
            self.bands.add(moment(float(time), 'ab'[time % 2]), 50)
        self.bands.shrink(0)
        self.assertLessEqual(len(self.bands.starts), 2)
