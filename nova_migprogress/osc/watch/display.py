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

"""Where a watch is shown: a terminal, or a stream of lines."""

import datetime

from rich import console as rich_console
from rich import live

from nova_migprogress.cli import streams
from nova_migprogress.osc.watch import change_lines
from nova_migprogress.osc.watch import screen
from nova_migprogress.text import printable


def open_display(stream, width=None):
    """Return the Terminal or the Stream for a text stream.

    :param width: characters, default: those of the terminal
    """
    # Names may hold characters that the terminal's encoding has not.
    streams.tolerate(stream)
    console = rich_console.Console(file=stream, highlight=False, width=width)
    if console.is_terminal and not console.is_dumb_terminal:
        return Terminal(console)
    return Stream(stream)


class Terminal:
    """A live picture; the last one stays on the screen."""

    #: Whatever else is printed disturbs it.
    covers = True

    def __init__(self, console):
        self._console = console
        self._live = live.Live(console=console, screen=True,
                               auto_refresh=False, redirect_stdout=False,
                               redirect_stderr=False)
        self._last = None

    def __enter__(self):
        self._live.__enter__()
        return self

    def __exit__(self, *exc_info):
        self._live.__exit__(*exc_info)
        if self._last is not None:
            self._console.print(screen.Screen(
                self._last, self._console.height - 1))

    def show(self, view, news):
        """Draw a screen.View; an old one is drawn again, with newer ages.

        :param news: whether there is anything but the ages that is new
        """
        self._last = view
        self._live.update(screen.Screen(view), refresh=True)


class Stream:
    """A line for each change, flushed at once."""

    covers = False

    def __init__(self, stream, clock=None):
        self._stream = stream
        self._changes = change_lines.Changes()
        self._clock = clock or (
            lambda: datetime.datetime.now(datetime.timezone.utc))
        self._wrong = False

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def show(self, view, news):
        """Print what has changed in a screen.View."""
        when = self._clock()
        if view.wrong != self._wrong:
            self._wrong = view.wrong
            self._print('%s  %s' % (
                change_lines.stamp(when), view.note if view.wrong
                else 'the cloud answers again'))
        if news:
            for row in self._changes.changed_rows(view.rows):
                self._print(change_lines.format_line(row, when))

    def _print(self, line):
        encoding = getattr(self._stream, 'encoding', None) or 'utf-8'
        line = printable.escape(line)
        self._stream.write(line.encode(
            encoding, 'backslashreplace').decode(encoding) + '\n')
        self._stream.flush()
