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

from nova_migprogress.convergence import verdicts
from nova_migprogress.osc.watch import change_lines
from tests.unit.osc import fakes


class ChangeLinesTest(testtools.TestCase):

    def test_line(self):
        self.assertEqual(
            '2026-11-23T03:00:00+00:00  web  '
            '10000000-0000-0000-0000-000000000001  compute1 -> compute2  '
            'live  running  pre-copy  75%  remaining 2.00 GiB  '
            'throughput 100 MiB/s  dirty 40.0 MiB/s  ETA 34s  converging',
            change_lines.format_line(fakes.a_row(), fakes.NOW))

    def test_unknown_is_left_out(self):
        row = fakes.a_row(
            verdict=verdicts.UNKNOWN, memory_total=None,
            memory_remaining=None, disk_total=None, disk_remaining=None,
            dest_compute=None, dest_node=None)
        row = row._replace(assessment=row.assessment._replace(
            throughput=None, dirty_rate=None))
        self.assertTrue(change_lines.format_line(row, fakes.NOW).endswith(
            '  compute1 -> -  live  running  pre-copy  unknown'))

    def test_evil_names(self):
        line = change_lines.format_line(
            fakes.a_row(name='a\nb\x1b[0m'), fakes.NOW)
        self.assertIn('a\\nb\\x1b[0m', line)
        self.assertTrue(line.isprintable())

    def test_changes(self):
        changes = change_lines.ChangeDetector()
        rows = [fakes.a_row(1), fakes.a_row(2)]
        self.assertEqual(rows, list(changes.changed_rows(rows)))
        self.assertEqual([], list(changes.changed_rows(rows)))
        for values, changed in (
                ({'memory_remaining': 2 * fakes.GIB - 1}, False),
                ({'memory_remaining': fakes.GIB}, True),
                ({'memory_remaining': 0, 'status': 'post-migrating'}, True),
                ({'memory_remaining': 0, 'status': 'post-migrating'}, False)):
            rows[1] = fakes.a_row(2, **values)
            self.assertEqual(rows[1:] if changed else [],
                             list(changes.changed_rows(rows)))
        rows[0] = fakes.a_row(1, verdict=verdicts.BORDERLINE)
        self.assertEqual(rows[:1], list(changes.changed_rows(rows)))

    def test_forgets_those_that_are_gone(self):
        changes = change_lines.ChangeDetector()
        list(changes.changed_rows([fakes.a_row(1)]))
        list(changes.changed_rows([]))
        self.assertEqual(1, len(list(changes.changed_rows([fakes.a_row(1)]))))
