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

"""Show a migration: bars on a terminal, lines elsewhere."""

from collections import abc
import time
import typing

from rich import console as rich_console
from rich import filesize
from rich import live
from rich import progress_bar
from rich import table
from rich import text

from nova_migprogress import fields
from nova_migprogress import statuses
from sandbox import checks as checks_mod
from sandbox import client
from sandbox.truth import reader
from sandbox import verification

#: Seconds between two lines when the output is not a terminal.
LINE_INTERVAL = 2.0
#: Characters in a line of a picture.
PICTURE_WIDTH = 124


class DemoResult(typing.TypedDict):
    """What was seen in the demo."""

    microversion: str
    stock_microversion: str
    samples: list[checks_mod.Reading]
    #: The migration after its end, at both microversions.
    final: client.JSONObject
    stock: client.JSONObject
    #: libvirt's final statistics, None if there are none.
    truth: typing.Optional[reader.JobStats]
    #: None if it is not alive and intact on the destination.
    guest: typing.Optional[verification.Verification]
    checks: list[checks_mod.Check]


def _size(number: typing.Optional[float]) -> str:
    return '-' if number is None else filesize.decimal(int(number))


def _percent(entry: checks_mod.Entry,
             resource: str) -> typing.Optional[float]:
    return fields.percent(entry[resource + '_total'],
                          entry[resource + '_remaining'])


def _rate(readings: abc.Iterable[checks_mod.Reading],
          name: str) -> typing.Optional[float]:
    """Bytes per second between the last two changes, or None.

    :param name: memory_processed or disk_processed
    """
    changes: list[tuple[float, int]] = []
    for reading in readings:
        value = reading['migration'][name]
        if value is not None and (not changes or changes[-1][1] != value):
            changes.append((reading['time'], value))
    if len(changes) < 2:
        return None
    (t1, v1), (t2, v2) = changes[-2:]
    return (v2 - v1) / (t2 - t1)


def _format_rate(readings: abc.Sequence[checks_mod.Reading],
                 resource: str) -> str:
    rate = _rate(readings, resource + '_processed')
    if not rate or readings[-1]['migration']['status'] != statuses.RUNNING:
        return ''
    return ', %s/s' % _size(rate)


def _format_line(readings: abc.Sequence[checks_mod.Reading]) -> str:
    entry = readings[-1]['migration']
    words = ['%-10s' % entry['status']]
    for resource in ('memory', 'disk'):
        percent = _percent(entry, resource)
        if percent is None:
            if resource == 'memory' or entry['disk_total'] is None:
                words.append('%s: unknown yet' % resource)
            else:
                words.append('%s: nothing to copy' % resource)
            continue
        words.append('%s: %5.1f %%, %s sent, %s of %s remaining%s' % (
            resource, percent, _size(entry[resource + '_processed']),
            _size(entry[resource + '_remaining']),
            _size(entry[resource + '_total']),
            _format_rate(readings, resource)))
    return '  '.join(words)


def _draw_bars(readings: abc.Sequence[checks_mod.Reading]) -> table.Table:
    entry = readings[-1]['migration']
    grid = table.Table.grid(padding=(0, 2))
    grid.add_row('migration', '%s  %s -> %s' % (
        entry['uuid'], entry['source_compute'], entry['dest_compute'] or '?'))
    grid.add_row('status', text.Text(entry['status'], style='bold'))
    for resource in ('memory', 'disk'):
        percent = _percent(entry, resource)
        if percent is None:
            known = entry[resource + '_total'] is not None
            grid.add_row(resource, 'nothing to copy' if known
                         else 'unknown yet (null)')
            continue
        grid.add_row(resource, progress_bar.ProgressBar(
            total=100, completed=percent, width=50))
        grid.add_row('', '%5.1f %%  %s sent, %s of %s remaining%s' % (
            percent, _size(entry[resource + '_processed']),
            _size(entry[resource + '_remaining']),
            _size(entry[resource + '_total']),
            _format_rate(readings, resource)))
    return grid


class Printer:
    """Prints what the demo shows.

    :param record: keep it for save_picture()
    """

    def __init__(self, file: typing.Optional[typing.TextIO] = None,
                 record: bool = False) -> None:
        self.console = rich_console.Console(
            file=file, highlight=False, soft_wrap=True, record=record,
            width=PICTURE_WIDTH if record else None)
        self.began = time.monotonic()

    def say(self, line: str) -> None:
        """Print a line about what is being done."""
        self.console.print('[%5.1f s] %s' % (
            time.monotonic() - self.began, line), markup=False)

    def save_picture(self, path: str) -> None:
        """Write all that was printed as an SVG file.

        :raises OSError: the file cannot be written
        """
        self.console.save_svg(path, title='tools/demo')

    def show_migration(
            self,
            poll: abc.Callable[[abc.Callable[[checks_mod.Reading], None]],
                               list[checks_mod.Reading]],
    ) -> list[checks_mod.Reading]:
        """Show a migration while it runs.

        :param poll: called with a function that takes each reading; returns
            all readings
        """
        seen: list[checks_mod.Reading] = []
        if not self.console.is_terminal:
            shown_at, shown_status = 0.0, None

            def show_line(reading: checks_mod.Reading) -> None:
                nonlocal shown_at, shown_status
                seen.append(reading)
                status = reading['migration']['status']
                now = time.monotonic()
                if status != shown_status or now - shown_at >= LINE_INTERVAL:
                    shown_at, shown_status = now, status
                    self.say(_format_line(seen))

            return poll(show_line)

        with live.Live(console=self.console, refresh_per_second=4) as screen:
            def show_bars(reading: checks_mod.Reading) -> None:
                seen.append(reading)
                screen.update(_draw_bars(seen))

            return poll(show_bars)

    def print_final(self, result: DemoResult) -> None:
        """Print the final row, libvirt's own numbers, and stock's answer."""
        shown = table.Table(title='After the migration, in bytes')
        shown.add_column('field')
        shown.add_column('microversion %s' % result['microversion'],
                         justify='right')
        shown.add_column("libvirt's JOB_COMPLETED", justify='right')
        shown.add_column('microversion %s (stock)'
                         % result['stock_microversion'], justify='right')
        for name in fields.NAMES:
            shown.add_row(
                name, str(result['final'][name]),
                str((result['truth'] or {}).get(name)),
                str(result['stock'].get(name, 'not shown')))
        self.console.print(shown)

    def print_checks(self, checks: abc.Iterable[checks_mod.Check]) -> None:
        """Print each check with its detail."""
        for check in checks:
            self.console.print('%s  %s (%s)' % (
                'ok  ' if check.ok else 'FAIL', check.name, check.detail),
                markup=False, style=None if check.ok else 'bold red')
