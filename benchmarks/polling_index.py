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

"""What the polling index (schema change 002) gains and costs on MariaDB.

A private MariaDB has two databases with Nova's own schema, each with many
finished migrations and a few in progress; in one of them schema change 002 is
applied. Nova's own DB call for ``GET /os-migrations?status=...`` is timed in
both, and so are the writes that the index makes more expensive. The two take
turns, so that a loaded machine slows both; figures are medians. The server has
its usual durability (every commit is flushed).

Run it as ``python -m benchmarks.polling_index`` from the checkout; ``--rows
20000`` for a quick look.
"""

import argparse
from collections import abc
import json
import statistics
import sys
import time
import typing

from benchmarks import migrations_table
from nova_migprogress.db_migrations import m002_polling_index
from nova_migprogress import statuses
from tests.db import servers

IN_PROGRESS = migrations_table.IN_PROGRESS
#: Those in which a migration is under way, but the one before Nova begins.
STATUSES = tuple(status for status in statuses.IN_PROGRESS_STATUSES
                 if status != statuses.ACCEPTED)


class TimedCase(typing.NamedTuple):
    """What is timed."""

    run: abc.Callable[[migrations_table.MigrationsTable], None]
    #: How many operations that makes.
    operations: int


CASES = {
    'poll status=running': TimedCase(
        lambda table: table.poll(statuses.RUNNING), 1),
    'poll %d statuses' % len(STATUSES): TimedCase(
        lambda table: table.poll(STATUSES), 1),
    'update the six columns': TimedCase(
        migrations_table.MigrationsTable.save_progress, IN_PROGRESS),
    'change the status': TimedCase(
        migrations_table.MigrationsTable.change_status, 2 * IN_PROGRESS),
    'insert a row': TimedCase(
        migrations_table.MigrationsTable.insert, IN_PROGRESS),
    'insert 5000 rows at once': TimedCase(
        migrations_table.MigrationsTable.insert_at_once, 1),
}


class Figures(typing.TypedDict):
    """What came out; of each case the medians [without, with] the index."""

    #: For one operation.
    milliseconds: dict[str, list[float]]
    #: Written to the redo log for one operation.
    redo_bytes: dict[str, list[float]]
    index_bytes: int
    table_bytes_with_all_indexes: int
    build_seconds: float


def measure(server: migrations_table.PrivateMariaDB, rows: int,
            rounds: int) -> Figures:
    """Time every case without and with the index."""
    # Nova reads one [database] only; its context names the other ones.
    without, with_index = (
        migrations_table.MigrationsTable(server, name, rows)
        for name in ('without_index', 'with_index'))
    build_seconds = with_index.create_index()
    for table in (without, with_index):
        table.execute('ANALYZE TABLE migrations')
    sizes = with_index.sizes()
    times: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in CASES}
    redo: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in CASES}
    for name, case in CASES.items():
        server.settle()
        for turn in range(rounds + 1):
            for side, table in enumerate((without, with_index)):
                logged = server.status('Innodb_os_log_written')
                started = time.perf_counter()
                case.run(table)
                seconds = time.perf_counter() - started
                logged = server.status('Innodb_os_log_written') - logged
                table.remove_inserted()
                # The first turn fills caches.
                if turn:
                    times[name][side].append(
                        seconds / case.operations * 1000)
                    redo[name][side].append(logged / case.operations)
    return {
        'milliseconds': {name: list(map(statistics.median, sides))
                         for name, sides in times.items()},
        'redo_bytes': {name: list(map(statistics.median, sides))
                       for name, sides in redo.items()},
        'index_bytes': sizes[m002_polling_index.INDEX],
        'table_bytes_with_all_indexes': sum(sizes.values()),
        'build_seconds': build_seconds,
    }


def _print(rows: int, result: Figures) -> None:
    print('%d finished migrations, %d in progress' % (rows, IN_PROGRESS))
    print('%-30s %12s %12s %8s %8s' % ('median', 'without, ms', 'with, ms',
                                       'ratio', 'redo'))
    for name, (without, with_index) in result['milliseconds'].items():
        redo = result['redo_bytes'][name]
        print('%-30s %12.2f %12.2f %8.3f %8s' % (
            name, without, with_index, with_index / without,
            '%.3f' % (redo[1] / redo[0]) if min(redo) else '-'))
    print('The index: %.1f MiB of %.1f MiB, created in %.1f s.' % (
        result['index_bytes'] / 2 ** 20,
        result['table_bytes_with_all_indexes'] / 2 ** 20,
        result['build_seconds']))
    without, with_index = result['milliseconds']['poll status=running']
    print('Polling is %.1f times faster.' % (without / with_index))


def main() -> None:
    """Measure, print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rows', type=int, default=1000000,
                        help='finished migrations (%(default)s)')
    parser.add_argument('--rounds', type=int, default=15,
                        help='turns of each case '
                             '(%(default)s)')
    parser.add_argument('--json', metavar='FILE',
                        help='write all figures to this file')
    args = parser.parse_args()
    if not 1000 <= args.rows <= 10 ** 8:
        parser.error('--rows %d: expected 1000 to 100000000' % args.rows)
    if args.rounds < 3:
        parser.error('--rounds %d: expected at least 3' % args.rounds)
    try:
        with migrations_table.PrivateMariaDB() as server:
            result = measure(server, args.rows, args.rounds)
    except servers.Unavailable as error:
        sys.exit('polling_index: %s (Debian and Ubuntu: mariadb-server)'
                 % error)
    _print(args.rows, result)
    if args.json:
        with open(args.json, 'w') as report:
            json.dump(dict(result, rows=args.rows), report, indent=4)
            report.write('\n')


if __name__ == '__main__':
    main()
