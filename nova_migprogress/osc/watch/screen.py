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

"""The live picture of ``watch`` on a terminal: a table with bars."""

import collections
import collections.abc
import typing

from rich import cells
from rich import console as rich_console
from rich import progress_bar
from rich import table as rich_table
from rich import text as rich_text

from nova_migprogress.osc import columns
from nova_migprogress.osc.watch import view
from nova_migprogress.text import printable
from nova_migprogress.text import severity
from nova_migprogress.text import units

#: Lines beside those of the migrations: two of totals, the header, the count
#: of the rest.
FRAME_LINES = 4
#: Bounds of the widths of columns that hold names, and of the bars. Names get
#: up to NAME_WIDTH_FIRST before other columns are added.
NAME_WIDTHS = (12, 36)
NAME_WIDTH_FIRST = 20
HOST_WIDTHS = (6, 24)
BAR_WIDTHS = (8, 30)


class Place(typing.NamedTuple):
    """A column with its room on the screen."""

    column: columns.Column
    #: Characters.
    width: int
    #: Its title there, None for the column's own.
    title: typing.Optional[str] = None


class TableLayout(typing.NamedTuple):
    """How the width of a screen is used."""

    #: The columns that are shown, from left to right, but for the first one,
    #: the servers' names, and the bar, which stands before the percentage.
    places: list[Place]
    #: Characters for the names and for the bar.
    name_width: int
    bar_width: int


#: Widths hold the longest that units.size and units.seconds return, so that
#: the columns stand still.
_PHASE = Place(columns.PHASE, 10)
_STATUS = Place(columns.STATUS, 19)
_TYPE = Place(columns.TYPE, 10)
_AGE = Place(columns.AGE, 6)
_PERCENT = Place(columns.PERCENT, 4, '%')
_REMAINING = Place(columns.REMAINING, 9)
_THROUGHPUT = Place(columns.THROUGHPUT, 10)
_DIRTY_RATE = Place(columns.DIRTY_RATE, 10)
_ETA = Place(columns.ETA, 8)
_VERDICT = Place(columns.VERDICT, 14)
_SAMPLE = Place(columns.SAMPLE_AGE, 6, 'Sample')
_TIMEOUT = Place(columns.NOVA_TIMEOUT, 7, 'Timeout')
_PROJECT = Place(columns.PROJECT, 32)


class Screen:
    """A rich renderable that shows as much of a View as there is room for."""

    def __init__(self, view: view.View,
                 height: typing.Optional[int] = None) -> None:
        """Take the view.

        :param height: lines; default: those of the terminal
        """
        self._view = view
        self._height = height

    def __rich_console__(
            self, console: rich_console.Console,
            options: rich_console.ConsoleOptions
    ) -> rich_console.RenderResult:
        height = self._height or options.height or console.height
        rows = self._view.rows
        missing = self._view.missing
        room = max(height - FRAME_LINES - len(missing), 1)
        # The line that counts the rest can as well be the last migration's.
        shown = rows[:room + 1] if len(rows) == room + 1 else rows[:room]
        yield self._format_totals()
        if rows:
            yield _format_verdicts('', rows, options.max_width)
            yield _make_table(shown, choose_layout(rows, options.max_width))
        rest = rows[len(shown):]
        if rest:
            yield _format_verdicts('... and %d more: ' % len(rest), rest,
                                   options.max_width)
        for sentence in missing:
            yield _make_cropped_text(printable.escape(sentence))

    def _format_totals(self) -> rich_text.Text:
        number = len(self._view.rows)
        line = _make_cropped_text()
        line.append('%d migration%s' % (number, '' if number == 1 else 's'),
                    style='bold')
        line.append(', ')
        line.append(printable.escape(self._view.note),
                    style='bold red' if self._view.wrong else '')
        return line


def choose_layout(rows: collections.abc.Sequence[columns.MigrationRow],
                  width: int) -> TableLayout:
    """Choose the columns and give each its room.

    :param rows: all rows, also those that are not shown, so that the columns
        stand still when the order changes
    :param width: characters of the terminal
    """
    name = _longest_text(columns.SERVER, rows, NAME_WIDTHS)
    least = min(name, NAME_WIDTH_FIRST)
    source = Place(columns.SOURCE,
                   _longest_text(columns.SOURCE, rows, HOST_WIDTHS), 'From')
    destination = Place(
        columns.DESTINATION,
        _longest_text(columns.DESTINATION, rows, HOST_WIDTHS), 'To')
    # Always there, then what is added as long as there is room.
    chosen = {_PERCENT, _REMAINING, _ETA, _VERDICT}
    left = width - least - BAR_WIDTHS[0] - 2
    left -= sum(place.width + 1 for place in chosen)
    more = [place for place in (
        _PHASE, _THROUGHPUT, source, destination, _AGE, _DIRTY_RATE, _SAMPLE,
        _TIMEOUT, _STATUS, _TYPE)
        if any(place.column.value(row) is not None for row in rows)]
    for place in more:
        if place.width + 1 > left:
            break
        chosen.add(place)
        left -= place.width + 1
    longer = max(0, min(name - least, left))
    left -= longer
    if _PROJECT.width + 1 <= left:
        chosen.add(_PROJECT)
        left -= _PROJECT.width + 1
    order = (source, destination, _TYPE, _PROJECT, _STATUS, _PHASE, _AGE,
             _TIMEOUT, _PERCENT, _REMAINING, _THROUGHPUT, _DIRTY_RATE, _ETA,
             _VERDICT, _SAMPLE)
    least_bar, most_bar = BAR_WIDTHS
    return TableLayout([place for place in order if place in chosen],
                       least + longer,
                       least_bar + max(0, min(left, most_bar - least_bar)))


def _longest_text(column: columns.Column,
                  rows: collections.abc.Sequence[columns.MigrationRow],
                  bounds: tuple[int, int]) -> int:
    """Return the characters of a column's longest text, within bounds."""
    longest = max((len(columns.safe_text(column, row)) for row in rows),
                  default=0)
    return min(max(longest, bounds[0]), bounds[1])


def _format_verdicts(
        words: str, rows: collections.abc.Iterable[columns.MigrationRow],
        width: int) -> rich_text.Text:
    """Count the verdicts, the worst first, as far as there is room.

    :param words: what stands before them
    """
    line = _make_cropped_text(words)
    comma = ''
    for verdict, number in count_verdicts(row.assessment.verdict
                                          for row in rows):
        count = '%s%d %s' % (comma, number, verdict)
        if line.cell_len + len(count) > width:
            break
        line.append(count, style=severity.STYLES[verdict])
        comma = ', '
    return line


def count_verdicts(
        verdicts: collections.abc.Iterable[str]) -> list[tuple[str, int]]:
    """Return pairs of verdict and number, the worst verdict first.

    :param verdicts: one for each migration
    """
    found = collections.Counter(verdicts)
    return [(verdict, found[verdict]) for verdict in severity.ORDER
            if found[verdict]]


def _make_cropped_text(content: str = '') -> rich_text.Text:
    """Make a line that is cut off where the terminal ends."""
    return rich_text.Text(content, no_wrap=True, overflow='crop')


def _make_table(shown: collections.abc.Iterable[columns.MigrationRow],
                layout: TableLayout) -> rich_table.Table:
    table = rich_table.Table(box=None, padding=(0, 1, 0, 0), pad_edge=False,
                             header_style='bold')
    table.add_column('Server', width=layout.name_width, no_wrap=True)
    for place in layout.places:
        if place.column is columns.PERCENT:
            table.add_column('Progress', width=layout.bar_width, no_wrap=True)
        table.add_column(
            place.title or place.column.title, width=place.width,
            no_wrap=True, justify='right' if place.column.right else 'left')
    for row in shown:
        line: list[rich_console.RenderableType] = [_cut_to_width(
            columns.safe_text(columns.SERVER, row), layout.name_width)]
        for place in layout.places:
            if place.column is columns.PERCENT:
                line.append(_make_bar(row, layout.bar_width))
            line.append(_make_cell(place, row))
        table.add_row(*line)
    return table


def _make_cell(place: Place, row: columns.MigrationRow) -> rich_text.Text:
    style = ''
    if place.column is columns.VERDICT:
        style = severity.STYLES[row.assessment.verdict]
    return rich_text.Text(
        _cut_to_width(columns.safe_text(place.column, row), place.width),
        style=style)


def _make_bar(row: columns.MigrationRow,
              width: int) -> rich_console.RenderableType:
    if row.record.percent is None:
        return rich_text.Text(units.UNKNOWN)
    style = severity.STYLES[row.assessment.verdict]
    return progress_bar.ProgressBar(
        total=100, completed=row.record.percent, width=width,
        style='bright_black', complete_style=style, finished_style=style)


def _cut_to_width(string: str, width: int) -> str:
    """Cut a string to so many cells, marked by two dots."""
    if cells.cell_len(string) <= width:
        return string
    return cells.set_cell_size(string, width - 2) + '..'
