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

import datetime

import ddt
import testtools

from nova_migprogress.convergence import verdicts
from nova_migprogress.osc import columns
from tests.unit.osc import fakes


@ddt.ddt
class ColumnsTest(testtools.TestCase):

    def test_values_are_raw_and_texts_are_not(self):
        row = fakes.a_row()
        for title, value, shown in (
                ('Server', 'web', 'web'), ('Type', 'live-migration', 'live'),
                ('Source', 'compute1', 'compute1'),
                ('Age', 300.0, '5m00s'), ('Percent', 75.0, '75%'),
                ('Remaining', 2 * fakes.GIB, '2.00 GiB'),
                ('Throughput', 100.0 * fakes.MIB, '100 MiB/s'),
                ('ETA', 34.0, '34s'), ('Verdict', 'converging', 'converging'),
                ('Sample Age', 2.0, '2.0s'), ('Nova Timeout', 6100.0, '1h41m'),
                ('Created At', '2026-11-23T02:55:00+00:00',
                 '2026-11-23T02:55:00+00:00'),
                ('Migration ID', 1, '1')):
            column, = (c for c in columns.ALL if c.title == title)
            self.assertEqual(value, column.value(row), title)
            self.assertEqual(shown, column.text(row), title)

    def test_unknown(self):
        row = fakes.a_row(
            verdict=verdicts.UNKNOWN, name=None, created_at=None,
            updated_at=None, memory_total=None, memory_processed=None,
            memory_remaining=None, disk_total=None, disk_processed=None,
            disk_remaining=None, source_compute=None, source_node=None,
            dest_compute=None, dest_node=None, project_id=None)
        for column in columns.ALL:
            if column.title in ('Server', 'Source', 'Destination', 'Project',
                                'Age', 'Percent', 'Remaining', 'ETA',
                                'Created At', 'Memory Total', 'Disk Total'):
                self.assertIsNone(column.value(row), column.title)
            self.assertIsInstance(column.text(row), str)
        self.assertEqual('-', columns.PERCENT.text(row))
        self.assertEqual(row.record.instance_uuid, columns.SERVER.text(row))

    def test_ended_ones_do_not_age(self):
        row = fakes.a_row(verdict=verdicts.COMPLETED, status='completed',
                          updated_at=fakes.NOW - datetime.timedelta(hours=1))
        row = row._replace(assessment=row.assessment._replace(
            time=row.record.updated_at.timestamp(), sample_age=3600.0))
        tracked = fakes.a_tracked(status='completed')
        tracked = type(tracked)(row.record, row.assessment)
        self.assertEqual(0.0, columns.make_row(tracked, {}).age)

    def test_time_goes_on(self):
        row = columns.make_row(fakes.a_tracked(), {}, elapsed=30.0)
        self.assertEqual((330.0, 32.0, 4.0), (
            row.age, row.assessment.sample_age, row.assessment.eta))
        row = columns.make_row(fakes.a_tracked(), {}, elapsed=300.0)
        self.assertEqual(0.0, row.assessment.eta)
        tracked = fakes.a_tracked(verdict=verdicts.FAILED, status='error')
        row = columns.make_row(tracked, {}, elapsed=30.0)
        self.assertIs(tracked.assessment, row.assessment)

    def test_evil_names(self):
        row = fakes.a_row(name='a\x1b[2J')
        self.assertEqual('a\\x1b[2J', columns.safe_text(columns.SERVER, row))

    def test_cells_sort_unknown_last(self):
        cells = [columns.Cell(value, 'x') for value in (None, 3, 1, None, 2)]
        self.assertEqual([1, 2, 3, None, None], [
            cell.machine_readable() for cell in sorted(cells)])
        self.assertEqual('x', cells[0].human_readable())

    def test_all_titles_differ(self):
        titles = [column.title for column in columns.ALL]
        self.assertEqual(len(titles), len(set(titles)))

    @ddt.data((300, len(columns.TABLE)), (80, 7), (40, 5), (1, 5))
    @ddt.unpack
    def test_fitting(self, width, number):
        rows = [fakes.a_row(1), fakes.a_row(2, name='database-17')]
        chosen = columns.choose_fitting(columns.TABLE, rows, width)
        self.assertEqual(number, len(chosen))
        self.assertIn(columns.SERVER, chosen)
        self.assertIn(columns.VERDICT, chosen)
        used = 1 + sum(3 + max(
            len(column.title), *(len(column.text(row)) for row in rows))
            for column in chosen)
        if number > 5:
            self.assertLessEqual(used, width)

    def test_fitting_nothing(self):
        self.assertEqual(list(columns.TABLE),
                         columns.choose_fitting(columns.TABLE, [], 200))
