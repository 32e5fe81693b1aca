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

import io
import re

import ddt
from rich import cells
from rich import console as rich_console
import testtools

from nova_migprogress.convergence import verdicts
from nova_migprogress.osc import sorting
from nova_migprogress.osc.watch import screen
from nova_migprogress.osc.watch import view
from nova_migprogress.text import severity
from tests.unit.osc import fakes

_ESCAPE = re.compile('\x1b\\[[0-9;]*m')


def drawn(shown, width=80, height=24, **kwargs):
    """Return the lines of a view as a terminal gets them."""
    console = rich_console.Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True,
        color_system='standard', **kwargs)
    console.print(screen.Screen(shown))
    return console.file.getvalue().splitlines()


def plain(lines):
    return [_ESCAPE.sub('', line) for line in lines]


@ddt.ddt
class ScreenTest(testtools.TestCase):

    def make_view(self, number=7, note='seen 1s ago', **kwargs):
        found = [fakes.a_row(n, severity.ORDER[n % len(severity.ORDER)],
                             name='server-%d' % n)
                 for n in range(number)]
        return view.View(
            sorted(found, key=sorting.trouble_rank), note, **kwargs)

    def test_80_columns(self):
        lines = plain(drawn(self.make_view()))
        self.assertEqual('7 migrations, seen 1s ago', lines[0])
        # The least important are the last.
        self.assertEqual('1 not converging, 1 stalled, 1 failed, 1 borderline'
                         ', 1 unknown, 1 converging', lines[1])
        self.assertEqual(['Server', 'Phase', 'Progress', '%', 'Remaining',
                          'ETA', 'Verdict'], lines[2].split())
        self.assertEqual(
            ['server-0', 'pre-copy', '75%', '2.00', 'GiB', 'never', 'not',
             'converging'],
            [word for word in lines[3].split() if word[0] not in '━╸╺'])
        self.assertEqual(10, len(lines))
        for line in lines:
            self.assertLessEqual(cells.cell_len(line), 80)

    def test_200_columns(self):
        lines = plain(drawn(self.make_view(), width=200))
        self.assertEqual(
            ['Server', 'From', 'To', 'Type', 'Project', 'Status', 'Phase',
             'Age', 'Timeout', 'Progress', '%', 'Remaining', 'Throughput',
             'Dirty', 'Rate', 'ETA', 'Verdict', 'Sample'],
            lines[2].split())
        for line in lines:
            self.assertLessEqual(cells.cell_len(line), 200)

    @ddt.data(*range(40, 260, 7))
    def test_every_width(self, width):
        lines = plain(drawn(self.make_view(), width=width))
        for line in lines:
            self.assertLessEqual(cells.cell_len(line), width)
        if width >= 70:
            self.assertIn('not converging', lines[3])
            self.assertIn('server-0', lines[3])

    @ddt.data(1, 5, 6, 10, 24, 50)
    def test_every_height(self, height):
        lines = plain(drawn(self.make_view(30), height=height))
        self.assertLessEqual(len(lines), max(height, 5))
        shown = sum(line.startswith('server-') for line in lines)
        if shown < 30:
            self.assertIn('... and %d more: ' % (30 - shown), lines[-1])

    def test_the_last_line_is_not_wasted(self):
        lines = plain(drawn(self.make_view(21)))
        self.assertEqual(24, len(lines))
        self.assertEqual(21, sum(line.startswith('server-')
                                 for line in lines))

    def test_hidden_hosts_take_no_room(self):
        rows = [fakes.a_row(source_compute=None, source_node=None,
                            dest_compute=None, dest_node=None)]
        head = plain(drawn(view.View(rows, ''), width=200))[2]
        self.assertNotIn('From', head)
        self.assertNotIn('To ', head)

    def test_evil_and_long_names(self):
        rows = [fakes.a_row(1, name='\x1b[2J\x1b]0;x\x07[red]\u202e'),
                fakes.a_row(2, name='\u65e5\u672c' * 40)]
        raw = drawn(view.View(rows, 'note \x1b[2J'), width=100)
        for line in plain(raw):
            self.assertNotIn('\x1b', line)
            self.assertNotIn('\u202e', line)
            self.assertLessEqual(cells.cell_len(line), 100)
        self.assertIn('\\x1b[2J\\x1b]0;x', plain(raw)[3])

    def test_nothing_yet(self):
        self.assertEqual(['0 migrations, nothing seen yet'],
                         plain(drawn(view.View([], 'nothing seen yet'))))

    def test_what_is_wrong_is_marked(self):
        line = drawn(
            self.make_view(note='no answer for 12s', wrong=True))[0]
        self.assertIn('\x1b[1;31mno answer for 12s', line)

    def test_missing(self):
        lines = plain(drawn(
            self.make_view(40, missing=('Hosts are hidden.',))))
        self.assertEqual('Hosts are hidden.', lines[-1])
        self.assertEqual(24, len(lines))

    def test_no_colour(self):
        for width in (80, 200):
            text = '\n'.join(
                drawn(self.make_view(), width=width, no_color=True))
            self.assertNotRegex(text, '\x1b\\[[0-9;]*[349][0-9]')
            self.assertIn('not converging', text)

    def assertNotRegex(self, text, pattern):
        self.assertIsNone(re.search(pattern, text))

    def test_colours_for_any_background(self):
        text = '\n'.join(drawn(self.make_view(), width=200))
        for codes in re.findall('\x1b\\[([0-9;]*)m', text):
            for code in codes.split(';'):
                # Neither a background nor a colour that some background
                # swallows; bright black only for what is not yet done.
                self.assertIn(code, ('', '0', '1', '31', '32', '35', '90'))
        for line in text.splitlines():
            for dim in re.findall('\x1b\\[90m([^\x1b]*)', line):
                self.assertEqual('', dim.strip('━╸╺'))

    def test_verdicts_of_all(self):
        self.assertIn('1 ' + verdicts.COMPLETED, plain(
            drawn(self.make_view(), width=200))[1])


class CountVerdictsTest(testtools.TestCase):

    def test_counts(self):
        self.assertEqual(
            [(verdicts.NOT_CONVERGING, 1), (verdicts.CONVERGING, 2)],
            screen.count_verdicts([
                verdicts.CONVERGING, verdicts.NOT_CONVERGING,
                verdicts.CONVERGING]))
        self.assertEqual([], screen.count_verdicts([]))
