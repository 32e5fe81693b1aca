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

from nova_migprogress.convergence import sync_splitter


def sync(inflow, single=True, early=False):
    return sync_splitter.Sync(place=0, error=0, time=0, inflow=inflow,
                              early=early, single=single)


@ddt.ddt
class SplitterTestCase(base.BaseTestCase):

    def split(self, previous, inflow, rest, worked=200, before=None,
              expected=1.0, splitter=None):
        return (splitter or sync_splitter.Splitter()).split(
            previous, before, expected, 1000, worked, inflow, rest)

    def test_no_second_fits(self):
        split = self.split(sync(100), 100, rest=40)
        self.assertEqual((100,), split.inflows)
        self.assertTrue(split.single)

    def test_one_goes_on(self):
        split = self.split(sync(100), 98, rest=60)
        self.assertEqual((98,), split.inflows)
        self.assertTrue(split.single)
        self.assertEqual(0, split.error)

    def test_two_go_on(self):
        split = self.split(sync(100), 190, rest=140)
        self.assertEqual(2, len(split.inflows))
        self.assertAlmostEqual(190, sum(split.inflows))
        self.assertTrue(split.single)
        self.assertGreater(split.error, 0)

    def test_known_ratio_decides(self):
        # One of 104, or two of 70 and 34.
        one = self.split(sync(100), 104, rest=75)
        self.assertEqual(1, len(one.inflows))
        two = self.split(sync(100), 104, rest=75, expected=0.65)
        self.assertEqual(2, len(two.inflows))
        self.assertAlmostEqual(104, sum(two.inflows))

    def test_open_without_a_previous_one(self):
        split = self.split(None, 100, rest=90)
        self.assertFalse(split.single)
        self.assertEqual((100,), split.inflows)
        self.assertEqual(45, split.shift)

    def test_open_after_an_early_one(self):
        self.assertFalse(self.split(sync(100, early=True), 100, 90).single)

    def test_first_after_a_long_pass(self):
        self.assertTrue(self.split(None, 100, rest=60, before=80).single)
        self.assertFalse(self.split(None, 100, rest=60, before=50).single)

    def test_alike(self):
        splitter = sync_splitter.Splitter()
        unclear = sync(240, single=False)
        self.split(unclear, 240, 150, splitter=splitter)
        split = self.split(unclear, 120, 100, splitter=splitter)
        self.assertEqual((120,), split.inflows)
        self.assertEqual(120, split.unit)

    def test_not_alike(self):
        splitter = sync_splitter.Splitter()
        unclear = sync(240, single=False)
        self.split(unclear, 240, 150, splitter=splitter)
        split = self.split(unclear, 125, 100, splitter=splitter)
        self.assertIsNone(split.unit)

    def test_short_passes_are_not_alike(self):
        # Any short passes bring in each interval what was worked off in it.
        splitter = sync_splitter.Splitter()
        unclear = sync(200, single=False)
        for _ in range(3):
            split = self.split(unclear, 199, 190, splitter=splitter)
        self.assertIsNone(split.unit)
        self.assertFalse(split.single)

    def test_fits(self):
        self.assertTrue(sync_splitter.fits(100, 60))
        self.assertFalse(sync_splitter.fits(100, 40))

    # An interval that ends in the first half of a pass.
    @ddt.data(*((ratio, count) for ratio in (0.6, 0.8, 0.95, 1)
                for count in (1, 2, 3, 4)[:3 if ratio < 0.9 else 4]))
    @ddt.unpack
    def test_geometric_series(self, ratio, count):
        parts = [100 * ratio ** n for n in range(1, count + 1)]
        split = self.split(sync(100), sum(parts),
                           rest=sum(parts) - 0.75 * parts[-1],
                           expected=ratio)
        self.assertEqual(count, len(split.inflows))
        for expected, part in zip(parts, split.inflows):
            self.assertAlmostEqual(expected, part, delta=0.06 * expected)
        self.assertAlmostEqual(sum(parts), sum(split.inflows))
        self.assertTrue(split.single)
        self.assertEqual(0, split.shift)
        self.assertIsNone(split.unit)
        if count == 1:
            self.assertEqual(0, split.error)
        else:
            self.assertGreater(split.error, 0)
            self.assertLess(split.error, 0.1)

    @ddt.data(*((ratio, count) for ratio in (0.6, 0.8, 0.95, 1)
                for count in range(1, 12)))
    @ddt.unpack
    def test_rather_open_than_wrong(self, ratio, count):
        parts = [100 * ratio ** n for n in range(1, count + 1)]
        for passed in (0.05, 0.25, 0.5, 0.75, 0.95):
            split = self.split(sync(100), sum(parts),
                               rest=sum(parts) - (1 - passed) * parts[-1],
                               expected=ratio)
            self.assertAlmostEqual(sum(parts), sum(split.inflows))
            if split.single:
                self.assertEqual(count, len(split.inflows), passed)

    def test_too_many_to_tell(self):
        split = self.split(sync(100), 2000, rest=1950)
        self.assertEqual((2000,), split.inflows)
        self.assertFalse(split.single)

    # Inflow after one of 100, whether it is that of one sync.
    @ddt.data((103, True), (106, False))
    @ddt.unpack
    def test_growth_is_doubted(self, inflow, single):
        split = self.split(sync(100), inflow, rest=0.52 * inflow,
                           expected=1.05)
        self.assertEqual((inflow,), split.inflows)
        self.assertIs(single, split.single)

    # Anywhere between the first sync and the end of the interval.
    @ddt.data(None, sync(100, early=True), sync(100, single=False))
    def test_open_split_is_as_uncertain_as_the_interval(self, previous):
        split = self.split(previous, 100, rest=90)
        self.assertEqual((100,), split.inflows)
        self.assertFalse(split.single)
        self.assertEqual(45, split.shift)
        self.assertIsNone(split.unit)

    # Bytes worked off after the first sync: a second of the first two brings
    # less than the first did, a later one may bring as much.
    @ddt.data((None, 51, True), (None, 52, False),
              (sync(100, early=True), 48, True),
              (sync(100, early=True), 49, False))
    @ddt.unpack
    def test_room_for_a_second_one(self, previous, rest, single):
        self.assertIs(single, self.split(previous, 100, rest).single)

    # Inflows of some intervals and in how many syncs the last one came.
    @ddt.data(([240, 120], 1), ([120, 240], 2), ([120, 120], 1),
              ([240, 240, 120], 1), ([120, 240, 360], 3),
              ([120, 122, 240], 2))
    @ddt.unpack
    def test_multiples_of_one_amount(self, inflows, count):
        splitter = sync_splitter.Splitter()
        for inflow in inflows:
            split = self.split(sync(inflows[0], single=False), inflow,
                               rest=0.9 * inflow, worked=180,
                               splitter=splitter)
        self.assertEqual(count, len(split.inflows))
        self.assertAlmostEqual(inflows[-1], sum(split.inflows))
        self.assertAlmostEqual(inflows[-1] / count, split.inflows[0])
        self.assertAlmostEqual(inflows[-1] / count, split.unit)
        self.assertTrue(split.single)
        self.assertEqual((0, 0), (split.shift, split.error))

    @ddt.data([120, 130], [120, 122], [120, 150, 120], [120, 360],
              [240, 120, 133])
    def test_no_multiples(self, inflows):
        splitter = sync_splitter.Splitter()
        for inflow in inflows:
            split = self.split(sync(inflows[0], single=False), inflow,
                               rest=0.9 * inflow, worked=180,
                               splitter=splitter)
        self.assertIsNone(split.unit)
        self.assertEqual((inflows[-1],), split.inflows)

    def test_multiple_that_does_not_fit(self):
        splitter = sync_splitter.Splitter()
        unclear = sync(120, single=False)
        self.split(unclear, 120, rest=100, splitter=splitter)
        split = self.split(unclear, 240, rest=60, splitter=splitter)
        self.assertEqual((240,), split.inflows)
        self.assertTrue(split.single)
        self.assertIsNone(split.unit)
