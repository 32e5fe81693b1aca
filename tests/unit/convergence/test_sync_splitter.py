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

from nova_migprogress.convergence import sync_splitter


def sync(inflow, single=True, early=False):
    return sync_splitter.Sync(place=0, error=0, time=0, inflow=inflow,
                              early=early, single=single)


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
