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

"""What outages do to a live migration, stock Nova against plugin.

In the sandbox (real nova-compute, conductor, RabbitMQ, MariaDB, libvirt and
QEMU) a guest is live-migrated slowly; meanwhile a service fails and comes
back. For each driver and outage a line tells what became of the migration,
of the guest and of the numbers, see sandbox.outage.outcome.

Run as root from the checkout, alone on the machine; each line takes three to
six minutes::

    .venv/bin/python -m benchmarks.outages
    .venv/bin/python -m benchmarks.outages --driver migprogress \\
        --case conductor-frozen --case mariadb-stopped

Exit code 0 when everything could be measured, whatever came out.
"""

import argparse
from collections import abc
import json
import shutil
import sys
import typing

from rich import box
from rich import console
from rich import table

from sandbox import cloud
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox.outage import cases
from sandbox.outage import experiment
from sandbox.outage import outcome

COLUMNS = ('outage', 'driver', 'migration', 'server', 'guest', 'numbers',
           'gap', 'resumed', 'monitor gap', 'request', 'log (own)')
#: The documentation has two tables: what became of it, and what it took.
TABLES = (COLUMNS[:6], COLUMNS[:2] + COLUMNS[6:])


def _format_seconds(value: typing.Optional[float]) -> str:
    return '-' if value is None else '%.1f s' % value


def _format_row(found: outcome.Outcome) -> tuple[str, ...]:
    guest = '%s on %s' % ('intact' if found.intact else 'BROKEN',
                          ', '.join(found.guest_hosts) or 'no host')
    server = ' '.join(word for word in (
        found.server_status, found.task_state, 'on', found.host) if word)
    return (found.case, found.driver,
            found.migration + (' (lost)' if found.lost else ''), server,
            guest, 'right' if found.exact else 'wrong',
            _format_seconds(found.gap), _format_seconds(found.resumed),
            _format_seconds(found.monitor_gap), _format_seconds(found.latency),
            '%d (%d)' % (found.complaints, len(found.own_complaints)))


def _show(outcomes: abc.Iterable[outcome.Outcome]) -> None:
    shown = table.Table(*COLUMNS, box=box.ASCII2)
    for found in outcomes:
        shown.add_row(*_format_row(found))
    console.Console(width=200).print(shown)


def _format_rst(outcomes: abc.Iterable[outcome.Outcome]) -> str:
    """The same as tables for the documentation."""
    lines: list[str] = []
    rows = [dict(zip(COLUMNS, _format_row(found))) for found in outcomes]
    for titles in TABLES:
        lines += ['.. list-table::', '   :header-rows: 1', '']
        for row in [dict(zip(COLUMNS, COLUMNS))] + rows:
            for title in titles:
                # A hyphen alone would begin a list.
                cell = '\\-' if row[title] == '-' else row[title]
                lines.append('   %s - %s' % (
                    '*' if title == titles[0] else ' ', cell))
        lines.append('')
    return '\n'.join(lines[:-1]) + '\n'


def load(paths: abc.Iterable[str]) -> list[outcome.Outcome]:
    """Read what earlier runs wrote with --json; of a case the last counts."""
    found: dict[tuple[str, str], outcome.Outcome] = {}
    for path in paths:
        with open(path) as stream:
            for line in stream:
                one = outcome.Outcome(**json.loads(line))
                found[one.case, one.driver] = one
    order = [case.name for case in cases.ALL]
    return sorted(found.values(), key=lambda one: (
        order.index(one.case), one.driver != 'stock'))


def measure(layout: layout_mod.Layout, drivers: abc.Iterable[str],
            chosen: abc.Iterable[cases.Case],
            say: abc.Callable[[str], object]) -> abc.Iterator[outcome.Outcome]:
    """Yield what became of the migration for each driver and case."""
    for driver in drivers:
        for case in chosen:
            cloud.up(layout, driver, say=lambda line: None)
            yield experiment.run(layout, driver, case, say)
            if not experiment.clean(layout, say):
                logs = layout.state.with_name('%s-%s-%s' % (
                    layout.state.name, driver, case.name))
                shutil.copytree(layout.logs, logs, dirs_exist_ok=True)
                say('starting again with a new sandbox; the logs are kept in '
                    '%s' % logs)
                cloud.down(layout)


def main(argv: typing.Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.outages',
        description='What outages do to a live migration.')
    parser.add_argument('--driver', action='append',
                        choices=layout_mod.DRIVERS,
                        help='may be repeated (default: both)')
    parser.add_argument('--case', action='append', metavar='CASE',
                        choices=[case.name for case in cases.ALL],
                        help='may be repeated (default: all of: %s)'
                        % ', '.join(case.name for case in cases.ALL))
    parser.add_argument('--json', metavar='FILE',
                        type=argparse.FileType('w'),
                        help='also write one JSON object a line')
    parser.add_argument('--show', metavar='FILE', action='append',
                        help='measure nothing: show what earlier runs wrote '
                        'with --json; may be repeated')
    parser.add_argument('--rst', metavar='FILE',
                        type=argparse.FileType('w'),
                        help='also write the table for the documentation')
    args = parser.parse_args(argv)
    if args.show:
        outcomes = load(args.show)
        _show(outcomes)
        if args.rst:
            args.rst.write(_format_rst(outcomes))
        return 0
    layout = layout_mod.Layout()
    outcomes = []
    try:
        for found in measure(
                layout, args.driver or ('stock', 'migprogress'),
                [cases.get(name) for name in args.case]
                if args.case else cases.ALL,
                lambda line: print(line, file=sys.stderr, flush=True)):
            outcomes.append(found)
            if args.json:
                args.json.write(json.dumps(found._asdict()) + '\n')
                args.json.flush()
    except exception.SandboxError as exc:
        print('error: %s' % exc, file=sys.stderr)
        return 1
    finally:
        _show(outcomes)
        if args.rst:
            args.rst.write(_format_rst(outcomes))
        cloud.down(layout)
    return 0


if __name__ == '__main__':
    sys.exit(main())
