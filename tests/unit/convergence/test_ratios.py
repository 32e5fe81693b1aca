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

from nova_migprogress.convergence import ratios
from nova_migprogress.convergence import sync_splitter


def make(inflows, error=0.0):
    """Return syncs with these inflows, at 10 bytes/s."""
    place = 0.0
    syncs = []
    for inflow in inflows:
        syncs.append(sync_splitter.Sync(place, error, place / 10, inflow,
                                        False, True))
        place += inflow
    return syncs


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
