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

    def test_two_points(self):
        meter = self.meter([(1.5, 10), (2.0, 60)])
        self.assertEqual(100, meter.rate())
        self.assertEqual(100, meter.recent_rate())

    def test_recent_unknown(self):
        self.assertIsNone(self.meter([]).recent_rate())
        self.assertIsNone(self.meter([(1.5, 10)]).recent_rate())

    # Seconds since it changed from 100 to 30 a second, 30 to 100.
    @ddt.data(4, 5, 10, 30)
    def test_change_is_seen_after_four_seconds(self, since):
        for before, after in ((100, 30), (30, 100)):
            meter = self.meter(
                (n / 2 + 0.1, before * min(n / 2, 50) +
                 after * max(n / 2 - 50, 0)) for n in range(2 * 50 + 1 +
                                                            2 * since))
            self.assertAlmostEqual(after, meter.rate())
            self.assertAlmostEqual(after, meter.recent_rate())

    @ddt.data(1, 2, 3)
    def test_change_is_not_seen_in_less(self, since):
        meter = self.meter((n / 2 + 0.1, 100 * min(n / 2, 50))
                           for n in range(2 * 50 + 1 + 2 * since))
        self.assertAlmostEqual(25 * (4 - since), meter.recent_rate())

    # One lump of data among steady ones is averaged with what is around it.
    @ddt.data((0.5, 125), (2, 150), (5, 150), (30, 150))
    @ddt.unpack
    def test_recent_is_over_two_steps_at_least(self, step, expected):
        lump = step if step > 1 else 1
        meter = self.meter(
            (n * step + 0.1, 100 * (n * step + (lump if n == 40 else 0)))
            for n in range(41))
        self.assertAlmostEqual(expected, meter.recent_rate())

    # A share by which the rate changed ten seconds ago.
    @ddt.data(0.1, -0.1)
    def test_small_change_is_averaged(self, share):
        meter = self.meter(
            (n + 0.5, 1000 * n + 1000 * share * max(n - 100, 0))
            for n in range(111))
        # Over 20 seconds.
        self.assertAlmostEqual(1000 * (1 + share / 2), meter.rate(), delta=3)
        self.assertAlmostEqual(1000 * (1 + share), meter.recent_rate())

    @ddt.data(0.4, -0.4)
    def test_larger_change_is_not_averaged(self, share):
        meter = self.meter(
            (n + 0.5, 1000 * n + 1000 * share * max(n - 100, 0))
            for n in range(111))
        self.assertAlmostEqual(1000 * (1 + share), meter.rate())

    def test_old_points_are_forgotten(self):
        meter = self.meter([(0.5, 0), (1.5, 5000)] + [
            (n + 0.5, 5000 + 1000 * n) for n in range(2, 60)])
        self.assertAlmostEqual(1000, meter.rate())

    def test_points_close_together(self):
        # Some of them are left out; none of what was counted is.
        meter = self.meter((n / 10 + 0.05, 10 * n) for n in range(31))
        self.assertAlmostEqual(100, meter.rate())
        self.assertAlmostEqual(100, meter.recent_rate())
        self.assertLess(len(meter._points), 10)

    def test_one_whole_second_is_no_rounding(self):
        # The first is whole by chance: four seconds are enough.
        meter = self.meter(
            (n / 2, 100 * min(n / 2, 50)) for n in range(2 * 54 + 1))
        self.assertEqual(0, meter.recent_rate())

    @ddt.data(2.3, 2.4, 2.7, 3.4)
    def test_whole_seconds_recently(self, step):
        # A second of rounding over eight is not more than 15 %.
        for count in range(10, 40):
            meter = self.meter((float(int(step * n)), 100 * step * n)
                               for n in range(count))
            self.assertAlmostEqual(100, meter.recent_rate(), delta=15)
            self.assertAlmostEqual(100, meter.rate(), delta=10)

    @ddt.data(8, 9, 15)
    def test_change_is_seen_after_eight_whole_seconds(self, since):
        meter = self.meter((float(n), 100 * min(n, 50))
                           for n in range(50 + since + 1))
        self.assertEqual(0, meter.recent_rate())
        self.assertEqual(0, meter.rate())

    # A share by which the rate changed ten seconds ago, and whether rounding
    # may explain as much.
    @ddt.data((0.4, True), (0.8, False))
    @ddt.unpack
    def test_change_of_whole_seconds(self, share, averaged):
        meter = self.meter(
            (float(n), 1000 * n + 1000 * share * max(n - 100, 0))
            for n in range(111))
        self.assertAlmostEqual(1000 * (1 + share * (0.5 if averaged else 1)),
                               meter.rate(), delta=25)
