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

"""Where a watch is shown: on a terminal, or as a stream of lines."""

import abc
import collections.abc
import datetime
import types
import typing

from rich import console as rich_console
from rich import live

from nova_migprogress.cli import streams
from nova_migprogress.osc.watch import change_lines
from nova_migprogress.osc.watch import screen
from nova_migprogress.osc.watch import view
from nova_migprogress.text import printable
from nova_migprogress.text import units


class Display(abc.ABC):
    """Shows one view after the other, within its own context."""

    #: Whether it has the whole screen: whatever else is printed disturbs it.
    whole_screen = False

    def __enter__(self) -> 'Display':
        return self

    def __exit__(
            self, exc_type: typing.Optional[type[BaseException]],
            exc: typing.Optional[BaseException],
            traceback: typing.Optional[types.TracebackType]) -> None:
        """Nothing more will be shown."""

    @abc.abstractmethod
    def show(self, view: view.View, is_new: bool) -> None:
        """Show a view.

        :param is_new: whether anything but the ages is new since the last one
        """


def open_display(stream: typing.TextIO,
                 width: typing.Optional[int] = None) -> Display:
    """Return the display for a text stream.

    :param width: characters, default: those of the terminal
    """
    console = rich_console.Console(file=stream, highlight=False, width=width)
    if console.is_terminal and not console.is_dumb_terminal:
        # Names may hold characters that the stream's encoding has not.
        streams.tolerate(stream)
        return TerminalDisplay(console)
    return LineDisplay(stream)


class TerminalDisplay(Display):
    """A live picture; the last one stays on the screen."""

    whole_screen = True

    def __init__(self, console: rich_console.Console) -> None:
        self._console = console
        self._live = live.Live(console=console, screen=True,
                               auto_refresh=False, redirect_stdout=False,
                               redirect_stderr=False)
        self._last: typing.Optional[view.View] = None

    def __enter__(self) -> 'TerminalDisplay':
        self._live.__enter__()
        return self

    def __exit__(
            self, exc_type: typing.Optional[type[BaseException]],
            exc: typing.Optional[BaseException],
            traceback: typing.Optional[types.TracebackType]) -> None:
        self._live.__exit__(exc_type, exc, traceback)
        if self._last is not None:
            self._console.print(screen.Screen(
                self._last, self._console.height - 1))

    def show(self, view: view.View, is_new: bool) -> None:
        """Draw a view; an old one is drawn again, with newer ages."""
        self._last = view
        self._live.update(screen.Screen(view), refresh=True)


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class LineDisplay(Display):
    """A line for each change, flushed at once."""

    def __init__(
            self, stream: typing.TextIO,
            clock: collections.abc.Callable[[], datetime.datetime] = _utc_now
    ) -> None:
        streams.tolerate(stream)
        self._stream = stream
        self._changes = change_lines.ChangeDetector()
        self._clock = clock
        self._wrong = False

    def show(self, view: view.View, is_new: bool) -> None:
        """Print what has changed in a view."""
        when = self._clock()
        if view.wrong != self._wrong:
            self._wrong = view.wrong
            self._print('%s  %s' % (
                units.timestamp(when), view.note if view.wrong
                else 'the cloud answers again'))
        if is_new:
            for row in self._changes.changed_rows(view.rows):
                self._print(change_lines.format_line(row, when))

    def _print(self, line: str) -> None:
        self._stream.write(printable.escape(line) + '\n')
        self._stream.flush()
