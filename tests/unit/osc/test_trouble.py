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

import testtools

from nova_migprogress.osc import trouble
from nova_migprogress.text import severity
from tests.unit.osc import fakes


class TroubleTest(testtools.TestCase):

    def order(self, rows):
        return [row.record.id for row in sorted(rows, key=trouble.key)]

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
