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

import argparse

import ddt
import testtools

from nova_migprogress.osc import sorting
from nova_migprogress.text import severity
from tests.unit.osc import fakes


@ddt.ddt
class SortingTest(testtools.TestCase):

    def order(self, rows, value):
        return [row.record.id for row in
                sorting.sort_rows(rows, sorting.parse_order(value))]

    def test_trouble(self):
        rows = [fakes.a_row(number, verdict)
                for number, verdict in enumerate(reversed(severity.ORDER))]
        self.assertEqual([6, 5, 4, 3, 2, 1, 0], self.order(rows, 'trouble'))
        self.assertEqual([0, 1, 2, 3, 4, 5, 6],
                         self.order(rows, 'trouble:desc'))
        self.assertEqual([6, 5, 4, 3, 2, 1, 0], self.order(rows, 'verdict'))

    def test_unknown_last(self):
        rows = [fakes.a_row(1, memory_remaining=5),
                fakes.a_row(2, memory_remaining=None, disk_remaining=None),
                fakes.a_row(3, memory_remaining=3)]
        self.assertEqual([3, 1, 2], self.order(rows, 'remaining'))
        self.assertEqual([3, 1, 2], self.order(rows, 'remaining:asc'))
        self.assertEqual([1, 3, 2], self.order(rows, 'remaining:desc'))

    @ddt.data(*sorting.COLUMNS)
    def test_every_key(self, key):
        rows = [fakes.a_row(number) for number in (2, 1)]
        self.assertEqual([1, 2], self.order(rows, key))

    @ddt.data(('size', "'size'"), ('', "''"), (':asc', "''"),
              ('age:down', "'down'"))
    @ddt.unpack
    def test_wrong(self, value, named):
        error = self.assertRaises(argparse.ArgumentTypeError,
                                  sorting.parse_order, value)
        self.assertIn(named, str(error))


class TroubleTest(testtools.TestCase):

    def order(self, rows):
        return [row.record.id
                for row in sorted(rows, key=sorting.trouble_rank)]

    def test_the_worst_verdict_first(self):
        rows = [fakes.a_row(number, verdict)
                for number, verdict in enumerate(reversed(severity.ORDER))]
        self.assertEqual(list(range(len(rows)))[::-1], self.order(rows))

    def test_the_slowest_first(self):
        rows = [fakes.a_row(number) for number in (1, 2)]
        rows[1] = rows[1]._replace(
            assessment=fakes.an_assessment(eta=1000.0))
        self.assertEqual([2, 1], self.order(rows))

    def test_then_the_oldest(self):
        rows = [fakes.a_row(1), fakes.a_row(
            2, created_at=fakes.NOW.replace(year=2025))]
        self.assertEqual([2, 1], self.order(rows))

    def test_unknown_creation(self):
        rows = [fakes.a_row(2, created_at=None),
                fakes.a_row(1, created_at=None)]
        self.assertEqual([1, 2], self.order(rows))
