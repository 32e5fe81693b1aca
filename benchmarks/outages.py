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

With --random the outages begin at a random moment of the last three seconds
before the copy comes to its end, each so many times with this driver and once
with Nova's own. A run of three minutes each; what the file of --json holds is
not run again, so that an interrupted series goes on where it was::

    .venv/bin/python -m benchmarks.outages --random 10 --json ends.jsonl
    .venv/bin/python -m benchmarks.outages --random 10 --show ends.jsonl

Exit code 0 when everything could be measured, whatever came out.
"""

import argparse
from collections import abc
import json
import pathlib
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
#: Of outages at the end of the copy.
END_COLUMNS = ('outage', 'driver', 'seed', 'before the end', 'lasted',
               'migration', 'recorded', 'guest', 'numbers', 'settled')
SUM_COLUMNS = ('outage', 'driver', 'runs', 'unharmed', 'lost',
               'guest not intact', 'numbers wrong')

#: A driver and an outage to be tried with it.
Run = tuple[str, cases.Case]


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


def _format_end_row(found: outcome.Outcome) -> tuple[str, ...]:
    case, driver, _, server, guest, numbers = _format_row(found)[:6]
    return (case, driver, str(found.seed), _format_seconds(found.before_end),
            _format_seconds(found.outage),
            found.migration + (' (lost)' if found.lost else ''), server,
            guest, numbers, _format_seconds(found.settled))


def _sum_up(outcomes: abc.Iterable[outcome.Outcome],
            ) -> abc.Iterator[tuple[str, ...]]:
    """How many of each outage and driver came out how."""
    groups: dict[tuple[str, str], list[outcome.Outcome]] = {}
    for found in outcomes:
        groups.setdefault((found.case, found.driver), []).append(found)
    for (case, driver), group in groups.items():
        yield (case, driver) + tuple(map(str, (
            len(group), sum(found.unharmed for found in group),
            sum(found.lost for found in group),
            sum(not found.intact for found in group),
            sum(not found.exact for found in group))))


def _print_table(titles: abc.Iterable[str],
                 rows: abc.Iterable[abc.Sequence[str]]) -> None:
    shown = table.Table(*titles, box=box.ASCII2)
    for row in rows:
        shown.add_row(*row)
    console.Console(width=200).print(shown)


def _show(outcomes: abc.Sequence[outcome.Outcome]) -> None:
    ends = [found for found in outcomes if found.seed is not None]
    if ends:
        _print_table(END_COLUMNS, map(_format_end_row, ends))
        _print_table(SUM_COLUMNS, _sum_up(ends))
    others = [found for found in outcomes if found.seed is None]
    if others or not ends:
        _print_table(COLUMNS, map(_format_row, others))


def _format_rst(outcomes: abc.Sequence[outcome.Outcome]) -> str:
    """The same as tables for the documentation."""
    ends = [found for found in outcomes if found.seed is not None]
    if ends:
        return _format_rst_tables(
            [SUM_COLUMNS], [dict(zip(SUM_COLUMNS, row))
                            for row in _sum_up(ends)]) + '\n' + (
            _format_rst_tables(
                [END_COLUMNS], [dict(zip(END_COLUMNS, _format_end_row(found)))
                                for found in ends]))
    return _format_rst_tables(
        TABLES, [dict(zip(COLUMNS, _format_row(found)))
                 for found in outcomes])


def _format_rst_tables(tables: abc.Iterable[abc.Sequence[str]],
                       rows: abc.Sequence[dict[str, str]]) -> str:
    lines: list[str] = []
    for titles in tables:
        lines += ['.. list-table::', '   :header-rows: 1', '']
        for row in [dict(zip(titles, titles)), *rows]:
            for title in titles:
                # A hyphen alone would begin a list.
                cell = '\\-' if row[title] == '-' else row[title]
                lines.append('   %s - %s' % (
                    '*' if title == titles[0] else ' ', cell))
        lines.append('')
    return '\n'.join(lines[:-1]) + '\n'


def load(paths: abc.Iterable[typing.Union[str, pathlib.Path]],
         ) -> list[outcome.Outcome]:
    """Read what earlier runs wrote with --json; of a case the last counts."""
    found: dict[tuple[str, str, typing.Optional[int]],
                outcome.Outcome] = {}
    for path in paths:
        with open(path) as stream:
            for line in stream:
                one = outcome.Outcome(**json.loads(line))
                found[one.case, one.driver, one.seed] = one
    order = [case.name for case in cases.ALL + cases.AT_END]
    return sorted(found.values(), key=lambda one: (
        order.index(one.case), one.driver != 'stock', one.seed or 0))


def plan(drivers: abc.Sequence[str], names: abc.Collection[str],
         times: int, seed: int) -> list[Run]:
    """What is to be run.

    :param names: of cases
    :param times: how often those at the end of the copy are tried with this
        driver; 0: none of them
    :param seed: of the first of these
    """
    if not times:
        return [(driver, case) for driver in drivers for case in cases.ALL
                if case.name in names]
    chosen = [case for case in cases.AT_END if case.name in names]
    return [(driver, case.draw(seed + turn))
            for driver in drivers
            for turn in range(times if driver == 'migprogress' else 1)
            # In turns: what is there after a while is of all of them.
            for case in chosen if case.repeated or not turn]


def measure(layout: layout_mod.Layout, runs: abc.Iterable[Run],
            say: abc.Callable[[str], object]) -> abc.Iterator[outcome.Outcome]:
    """Yield what became of the migration in each of the runs."""
    for driver, case in runs:
        cloud.up(layout, driver, say=lambda line: None)
        if not experiment.clean(layout, say):
            # A series that was interrupted.
            cloud.down(layout)
            cloud.up(layout, driver, say=lambda line: None)
        found = experiment.run(layout, driver, case, say)
        yield found
        removed = experiment.clean(layout, say)
        if removed and (found.unharmed or case.seed is None):
            continue
        logs = layout.state.with_name('-'.join(filter(None, (
            layout.state.name, driver, case.name,
            '' if case.seed is None else str(case.seed)))))
        shutil.copytree(layout.logs, logs, dirs_exist_ok=True)
        say('the logs are kept in %s' % logs)
        if not removed:
            say('starting again with a new sandbox')
            cloud.down(layout)


def main(argv: typing.Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.outages',
        description='What outages do to a live migration.')
    parser.add_argument('--driver', action='append',
                        choices=layout_mod.DRIVERS,
                        help='may be repeated (default: both)')
    parser.add_argument('--case', action='append', metavar='CASE',
                        help='may be repeated (default: all of: %s; with '
                        '--random: %s)' % tuple(
                            ', '.join(case.name for case in known)
                            for known in (cases.ALL, cases.AT_END)))
    parser.add_argument('--random', metavar='N', type=int, default=0,
                        help='let the outages begin at a random moment just '
                        'before the end of the copy, for a random time, N '
                        "times each, once with Nova's own driver")
    parser.add_argument('--seed', metavar='N', type=int, default=1,
                        help='of the first of these (default: %(default)s)')
    parser.add_argument('--json', metavar='FILE', type=pathlib.Path,
                        help='also write one JSON object a line; what the '
                        'file holds already is not run again')
    parser.add_argument('--show', metavar='FILE', action='append',
                        help='measure nothing: show what earlier runs wrote '
                        'with --json; may be repeated')
    parser.add_argument('--rst', metavar='FILE',
                        type=argparse.FileType('w'),
                        help='also write the table for the documentation')
    args = parser.parse_args(argv)
    known = [case.name for case in (
        cases.AT_END if args.random else cases.ALL)]
    for name in args.case or ():
        if name not in known:
            parser.error('there is no case %s; the cases are: %s'
                         % (name, ', '.join(known)))
    if args.show:
        outcomes = load(args.show)
        _show(outcomes)
        if args.rst:
            args.rst.write(_format_rst(outcomes))
        return 0
    layout = layout_mod.Layout()
    outcomes = (load([args.json]) if args.json and args.json.exists()
                else [])
    done = {(found.driver, found.case, found.seed) for found in outcomes}
    runs = [(driver, case) for driver, case in plan(
        args.driver or ('stock', 'migprogress'), args.case or known,
        args.random, args.seed)
        if (driver, case.name, case.seed) not in done]
    try:
        for found in measure(
                layout, runs,
                lambda line: print(line, file=sys.stderr, flush=True)):
            outcomes.append(found)
            if args.json:
                with open(args.json, 'a') as stream:
                    stream.write(json.dumps(found._asdict()) + '\n')
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
