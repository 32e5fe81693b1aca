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

import fixtures
import testtools

from nova_migprogress.osc.watch import display
from nova_migprogress.osc.watch import view
from tests.unit.osc import fakes


class Tty(io.StringIO):
    encoding = 'utf-8'

    def isatty(self):
        return True


class DisplayTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        for name in ('NO_COLOR', 'COLUMNS', 'LINES', 'FORCE_COLOR',
                     'TTY_COMPATIBLE', 'TTY_INTERACTIVE'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'xterm'))

    def test_where(self):
        self.assertIsInstance(display.open_display(io.StringIO()),
                              display.LineDisplay)
        self.assertIsInstance(display.open_display(Tty()),
                              display.TerminalDisplay)
        self.useFixture(fixtures.EnvironmentVariable('TERM', 'dumb'))
        self.assertIsInstance(display.open_display(Tty()), display.LineDisplay)

    def test_terminal(self):
        out = Tty()
        shown_last = view.View([fakes.a_row()], 'seen 1s ago')
        with display.open_display(out, width=80) as shown:
            shown.show(shown_last._replace(note='seen 0s ago'), True)
            shown.show(shown_last, False)
        drawn = out.getvalue()
        # The alternate screen, and its end; the cursor is there again.
        before, left, after = drawn.partition('\x1b[?1049l')
        self.assertTrue(before.startswith('\x1b[?1049h'))
        self.assertIn('seen 0s ago', before)
        self.assertIn('\x1b[?25h', before[-20:] + after)
        self.assertIn('seen 1s ago', after)
        self.assertIn('web', after)

    def test_terminal_without_a_view(self):
        out = Tty()
        with display.open_display(out, width=80):
            pass
        self.assertTrue(out.getvalue().endswith('\x1b[?1049l'))

    def test_terminal_no_color(self):
        self.useFixture(fixtures.EnvironmentVariable('NO_COLOR', '1'))
        out = Tty()
        with display.open_display(out, width=80) as shown:
            shown.show(view.View([fakes.a_row()], ''), True)
        self.assertNotIn('\x1b[32m', out.getvalue())
        self.assertNotIn('\x1b[90m', out.getvalue())

    def test_stream(self):
        out = io.StringIO()
        rows = [fakes.a_row(1), fakes.a_row(2)]
        shown = display.LineDisplay(out, clock=lambda: fakes.NOW)
        with shown:
            shown.show(view.View([], 'nothing seen yet'), False)
            shown.show(view.View(rows, 'seen 0s ago'), True)
            shown.show(view.View(rows, 'seen 1s ago'), False)
            shown.show(view.View(rows, 'seen 9s ago; 503', True), True)
            shown.show(view.View(rows, 'seen 10s ago; 503', True), False)
            shown.show(view.View(rows, 'seen 0s ago'), True)
        lines = out.getvalue().splitlines()
        self.assertEqual(4, len(lines))
        self.assertIn('000000000001', lines[0])
        self.assertIn('000000000002', lines[1])
        self.assertEqual(['2026-11-23T03:00:00+00:00  seen 9s ago; 503',
                          '2026-11-23T03:00:00+00:00  the cloud answers again'
                          ], lines[2:])
        self.assertNotIn('\x1b', out.getvalue())

    def test_stream_of_another_encoding(self):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding='ascii')
        shown = display.LineDisplay(out, clock=lambda: fakes.NOW)
        shown.show(view.View([fakes.a_row(name='Gr\u00fc\u00dfe')], ''),
                   True)
        self.assertIn(b'Gr\\xfc\\xdfe', raw.getvalue())

    def test_terminal_of_another_encoding(self):
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding='ascii', write_through=True)
        out.isatty = lambda: True
        with display.open_display(out, width=80) as shown:
            shown.show(view.View([fakes.a_row(name='Gr\u00fc\u00dfe')], ''),
                       True)
        self.assertIn(b'Gr\\xfc\\xdfe', raw.getvalue())
