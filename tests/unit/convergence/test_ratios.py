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

import math

import ddt
from oslotest import base

from nova_migprogress.convergence import ratios
from nova_migprogress.convergence import sync_splitter


def make(inflows, error=0.0):
    """Return syncs with these inflows, at 10 bytes/s."""
    place = 400.0
    syncs = []
    for inflow in inflows:
        syncs.append(sync_splitter.Sync(place, error, place / 10, inflow,
                                        False, True))
        place += inflow
    return syncs


@ddt.ddt
class MeasureTestCase(base.BaseTestCase):

    def test_too_few(self):
        self.assertIsNone(ratios.measure([]))
        self.assertIsNone(ratios.measure(make([100])))

    def test_geometric(self):
        ratio = ratios.measure(make(100 * 0.8 ** n for n in range(10)))
        self.assertAlmostEqual(0.8, ratio.value)
        self.assertEqual(9, ratio.passes)
        self.assertLess(ratio.high - ratio.low, 0.03)
        self.assertIsNone(ratio.earlier)

    def test_one_pass(self):
        ratio = ratios.measure(make([100, 50]))
        self.assertAlmostEqual(0.5, ratio.value)
        self.assertEqual((1, 100, 50),
                         (ratio.passes, ratio.worked, ratio.inflow))
        self.assertEqual(10, ratio.seconds)

    def test_error_widens(self):
        ratio = ratios.measure(make([100, 50], error=10))
        self.assertLess(ratio.low, 50 / 120)
        self.assertGreater(ratio.high, 50 / 80)

    def test_a_change_ends_it(self):
        inflows = [100] * 6 + [60, 36]
        ratio = ratios.measure(make(inflows))
        self.assertAlmostEqual(0.6, ratio.value)
        self.assertEqual(2, ratio.passes)
        self.assertGreater(ratio.earlier, 0.9)

    def test_value_is_within_the_bounds(self):
        ratio = ratios.measure(make([100, 97, 99, 93, 95, 90]))
        self.assertLessEqual(ratio.low, ratio.value)
        self.assertGreaterEqual(ratio.high, ratio.value)

    # The bounds hold what the error of both ends makes possible, and a little
    # that the guest varies.
    @ddt.data((0, 0), (10, 0), (0, 10), (10, 5), (40, 50))
    @ddt.unpack
    def test_bounds(self, first, second):
        one, two = make([100, 50])
        ratio = ratios.measure([one._replace(error=first),
                                two._replace(error=second)])
        error = first + second
        self.assertAlmostEqual(0.5, ratio.value)
        self.assertAlmostEqual(50 / (100 + error), ratio.low, delta=0.05)
        self.assertLess(ratio.low, 50 / (100 + error))
        self.assertAlmostEqual(50 / (100 - error), ratio.high, delta=0.05)
        self.assertGreater(ratio.high, 50 / (100 - error))

    def test_places_that_are_too_uncertain(self):
        # A pass within its error says nothing, two of them may.
        self.assertIsNone(ratios.measure(make([100, 50], error=50)))
        syncs = make([100, 100, 100], error=10)
        syncs[1] = syncs[1]._replace(error=95)
        ratio = ratios.measure(syncs)
        self.assertEqual(2, ratio.passes)
        self.assertAlmostEqual(1, ratio.value)

    def test_narrower_with_each_pass(self):
        widths = []
        for count in (2, 3, 5, 9):
            ratio = ratios.measure(make([100] * count, error=5))
            self.assertEqual(count - 1, ratio.passes)
            self.assertEqual(10 * ratio.passes, ratio.seconds)
            widths.append(ratio.high - ratio.low)
        self.assertEqual(sorted(widths, reverse=True), widths)
        self.assertLess(widths[-1], widths[0] / 2)

    # Inflows before a change to 0.6, and what their ratio was.
    @ddt.data(([100] * 6, 1), ([100] * 2, 1), ([100] * 3, 1),
              ([100, 90, 81, 73], 0.9), ([400] * 5 + [300, 225, 169], 0.75))
    @ddt.unpack
    def test_earlier(self, inflows, expected):
        last = inflows[-1]
        ratio = ratios.measure(make(inflows + [last * 0.6, last * 0.36]))
        self.assertAlmostEqual(0.6, ratio.value)
        self.assertGreaterEqual(ratio.earlier, expected)
        self.assertAlmostEqual(expected, ratio.earlier, delta=0.035)

    def test_earlier_is_an_upper_bound(self):
        syncs = make([100] * 4 + [60, 36])
        for index, error in ((0, 10), (3, 20)):
            syncs[index] = syncs[index]._replace(error=error)
        ratio = ratios.measure(syncs)
        self.assertGreaterEqual(ratio.earlier, 300 / 270)
        self.assertAlmostEqual(300 / 270, ratio.earlier, delta=0.03)

    def test_earlier_may_be_anything(self):
        syncs = make([100] * 2 + [30, 9])
        syncs[0] = syncs[0]._replace(error=100)
        ratio = ratios.measure(syncs)
        self.assertAlmostEqual(0.3, ratio.value)
        self.assertEqual(math.inf, ratio.earlier)


@ddt.ddt
class AdjustTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.ratio = ratios.measure(make([100, 80, 64, 51]))

    def test_same_rate(self):
        self.assertEqual(self.ratio, ratios.adjust(self.ratio, 10.5))
        self.assertEqual(self.ratio, ratios.adjust(self.ratio, None))

    def test_slower(self):
        # Passes take twice as long and collect up to twice as much.
        ratio = ratios.adjust(self.ratio, 5)
        self.assertAlmostEqual(2 * self.ratio.high, ratio.high)
        self.assertEqual(self.ratio.low, ratio.low)

    def test_faster(self):
        ratio = ratios.adjust(self.ratio, 20)
        self.assertAlmostEqual(self.ratio.low / 2, ratio.low)
        self.assertEqual(self.ratio.high, ratio.high)

    # Bytes per second now, 10 before; what the value and its bounds are
    # multiplied by.
    @ddt.data((20, 0.5, 0.5, 1), (13, 10 / 13, 10 / 13, 1), (12, 1, 1, 1),
              (9, 1, 1, 1), (7, 1, 1, 10 / 7), (5, 1, 1, 2))
    @ddt.unpack
    def test_factors(self, rate, value, low, high):
        ratio = ratios.adjust(self.ratio, rate)
        self.assertAlmostEqual(value * self.ratio.value, ratio.value)
        self.assertAlmostEqual(low * self.ratio.low, ratio.low)
        self.assertAlmostEqual(high * self.ratio.high, ratio.high)

    @ddt.data(0.5, 2)
    def test_short_passes(self, seconds):
        ratio = self.ratio._replace(seconds=seconds, worked=10 * seconds)
        self.assertAlmostEqual(ratio.value / 2,
                               ratios.adjust(ratio, 20).value)

    def test_no_time(self):
        ratio = self.ratio._replace(seconds=0.0)
        self.assertEqual(ratio, ratios.adjust(ratio, 5))


@ddt.ddt
class RenewTestCase(base.BaseTestCase):

    def test_told_apart(self):
        old = ratios.measure(make([100, 100, 100]))
        new = ratios.measure(make([100, 50]))
        self.assertEqual(new, ratios.renew(old, new, single=True))

    def test_known_holds_and_fades(self):
        old = ratios.measure(make([100, 100, 100]))
        new = ratios.measure(make([100, 90], error=30))
        kept = ratios.renew(old, new, single=False)
        self.assertEqual(old.value, kept.value)
        self.assertGreater(kept.high - kept.low, old.high - old.low)

    def test_contradicted(self):
        old = ratios.measure(make([100, 100, 100]))
        new = ratios.measure(make([100, 20], error=30))
        self.assertEqual(new, ratios.renew(old, new, single=False))

    def test_expect_next(self):
        self.assertAlmostEqual(
            0.8, ratios.expect_next(ratios.measure(make([100, 80, 64, 51.2]))))
        self.assertEqual(
            1, ratios.expect_next(ratios.measure(make([100, 80], error=30))))
        self.assertEqual(
            0.5, ratios.expect_next(ratios.measure(make([100, 10]))))
        self.assertEqual(
            1, ratios.expect_next(ratios.measure(make([100, 130]))))

    def test_nothing_known_or_measured(self):
        ratio = ratios.measure(make([100, 100, 100]))
        for single in (False, True):
            self.assertEqual(ratio, ratios.renew(None, ratio, single))
            self.assertIsNone(ratios.renew(ratio, None, single))
            self.assertIsNone(ratios.renew(None, None, single))

    def test_fades_by_little_on_both_sides(self):
        old = ratios.measure(make([100, 100, 100]))
        new = ratios.measure(make([100, 90], error=30))
        kept = ratios.renew(old, new, single=False)
        self.assertAlmostEqual(old.low, kept.low, delta=0.05)
        self.assertLess(kept.low, old.low)
        self.assertAlmostEqual(old.high, kept.high, delta=0.05)
        self.assertGreater(kept.high, old.high)

    def test_more_certain_one_wins(self):
        old = ratios.measure(make([100, 100], error=20))
        new = ratios.measure(make([100, 100, 100], error=2))
        self.assertEqual(new, ratios.renew(old, new, single=False))

    # Width of the bounds.
    @ddt.data((0.1, 0.8), (0.19, 0.8), (0.3, 1), (1, 1))
    @ddt.unpack
    def test_only_a_certain_ratio_is_expected_again(self, width, expected):
        ratio = ratios.measure(make([100, 80, 64]))._replace(
            value=0.8, low=0.8 - width / 2, high=0.8 + width / 2)
        self.assertAlmostEqual(expected, ratios.expect_next(ratio))
