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

from nova_migprogress.convergence import rates


@ddt.ddt
class RateMeterTestCase(base.BaseTestCase):

    def meter(self, points):
        meter = rates.RateMeter()
        for time, value in points:
            meter.add(time, value)
        return meter

    def test_unknown(self):
        self.assertIsNone(self.meter([]).rate())
        self.assertIsNone(self.meter([(1.5, 10)]).rate())
        self.assertIsNone(self.meter([(1.5, 10), (1.5, 20)]).rate())

    @ddt.data(0.1, 0.5, 2, 5, 30)
    def test_steady(self, step):
        meter = self.meter((n * step + 0.01, 100 * n * step)
                           for n in range(500))
        self.assertAlmostEqual(100, meter.rate(), delta=0.01)
        self.assertLessEqual(len(meter._points), 64)

    @ddt.data(0.5, 2, 5)
    def test_follows_a_change(self, step):
        meter = self.meter((n * step + 0.01, 100 * n * step)
                           for n in range(40))
        start, value = meter._newest
        for n in range(1, 5):
            meter.add(start + n * step, value + 30 * n * step)
        if step > 1:
            self.assertAlmostEqual(30, meter.rate(), delta=1)
        else:
            self.assertLess(meter.rate(), 100)

    def test_whole_seconds(self):
        # What was true at 0.0, 2.3, 4.6 ... is told as of 0, 2, 4 ...
        meter = self.meter((float(int(2.3 * n)), 230 * n) for n in range(30))
        self.assertAlmostEqual(100, meter.rate(), delta=10)

    def test_gap(self):
        meter = self.meter([(0.5, 0), (1.5, 100), (301.5, 30100)])
        self.assertAlmostEqual(100, meter.rate())

    def test_stop(self):
        meter = self.meter([(n + 0.5, min(n, 20) * 100) for n in range(40)])
        self.assertEqual(0, meter.rate())
