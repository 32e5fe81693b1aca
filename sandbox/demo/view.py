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

import time

from rich import console as rich_console
from rich import filesize
from rich import live
from rich import progress_bar
from rich import table
from rich import text

from nova_migprogress import fields
from sandbox.demo import follow

#: Seconds between two lines when the output is not a terminal.
LINE_INTERVAL = 2.0
#: Characters in a line of a picture.
PICTURE_WIDTH = 124


def _size(number):
    return '-' if number is None else filesize.decimal(int(number))


def _percent(entry, resource):
    """How much has not to be sent any more, in percent; None if unknown."""
    total = entry[resource + '_total']
    if not total:
        return None
    return 100.0 * (total - entry[resource + '_remaining']) / total


def _line(readings):
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
            _rate(readings, resource)))
    return '  '.join(words)


def _rate(readings, resource):
    rate = follow.rate(readings, resource + '_processed')
    if not rate or readings[-1]['migration']['status'] != 'running':
        return ''
    return ', %s/s' % _size(rate)


def _bars(readings):
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
            _size(entry[resource + '_total']), _rate(readings, resource)))
    return grid


class View:
    """What the demo prints."""

    def __init__(self, file=None, record=False):
        self.console = rich_console.Console(
            file=file, highlight=False, soft_wrap=True, record=record,
            width=PICTURE_WIDTH if record else None)
        self.began = time.monotonic()

    def say(self, line):
        """A line about what is being done."""
        self.console.print('[%5.1f s] %s' % (
            time.monotonic() - self.began, line), markup=False)

    def save_picture(self, path):
        """Write all that was printed as an SVG file.

        :raises OSError: the file cannot be written
        """
        self.console.save_svg(path, title='tools/demo')

    def follow(self, follow):
        """Show a migration while it runs.

        :param follow: called with a function that takes each reading;
            returns all readings
        """
        seen = []
        if not self.console.is_terminal:
            last = [0.0, None]

            def show_line(reading):
                seen.append(reading)
                status = reading['migration']['status']
                now = time.monotonic()
                if status != last[1] or now - last[0] >= LINE_INTERVAL:
                    last[:] = [now, status]
                    self.say(_line(seen))

            return follow(show_line)

        with live.Live(console=self.console, refresh_per_second=4) as screen:
            def show_bars(reading):
                seen.append(reading)
                screen.update(_bars(seen))

            return follow(show_bars)

    def final(self, result):
        """The final row, libvirt's own numbers, and stock Nova's answer."""
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

    def checks(self, checks):
        """Each check with its detail."""
        for check in checks:
            self.console.print('%s  %s (%s)' % (
                'ok  ' if check.ok else 'FAIL', check.name, check.detail),
                markup=False, style=None if check.ok else 'bold red')
