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

A private MariaDB with Nova's own schema holds many finished migrations and a
few in progress. Nova's own DB call for ``GET /os-migrations?status=...`` is
timed without and with the index, and so are the writes that the index makes
more expensive. The index is made and removed by the schema change itself, three
times in turn, so that a loaded machine slows both sides. Figures are
medians. The server has its usual durability (every commit is flushed).

Run it as ``python -m benchmarks.polling_index`` from the checkout; ``--rows
20000`` for a quick look.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time

import tests  # noqa: F401  (before anything imports eventlet)

from nova.compute import migration_list  # noqa: I100
from nova import config
from nova import context as nova_context
import sqlalchemy as sa

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import m002_polling_index
from nova_migprogress import fields
from tests.db import nova_database
from tests.db import servers

IN_PROGRESS = 100
#: The status of a migration that is still under way, by its kind.
STATUSES = ('queued', 'preparing', 'running', 'running (post-copy)',
            'post-migrating', 'pre-migrating', 'migrating')
PAGE = 1000
#: How often it is measured without and with the index, alternately.
TURNS = 3
#: What a server for a table of this size would be given at least.
SERVER_OPTIONS = ('--innodb-buffer-pool-size=1G', '--innodb-log-file-size=1G')

# MariaDB's sequence engine makes the rows; finished over the last year.
_INSTANCES = """
INSERT INTO instances (created_at, uuid, deleted)
SELECT NOW(), CONCAT('aaaaaaaa-0000-4000-8000-', LPAD(seq, 12, '0')), 0
FROM seq_1_to_1000"""
_ROW = """
INSERT INTO migrations (created_at, updated_at, uuid, source_compute,
    source_node, dest_compute, dest_node, dest_host, status, instance_uuid,
    old_instance_type_id, new_instance_type_id, migration_type, hidden,
    cross_cell_move, memory_total, memory_processed, memory_remaining,
    disk_total, disk_processed, disk_remaining, user_id, project_id, deleted)
SELECT NOW() - INTERVAL {age} SECOND, NOW() - INTERVAL {age} SECOND, UUID(),
    CONCAT('compute-', seq % 200), CONCAT('compute-', seq % 200),
    CONCAT('compute-', (seq + 7) % 200), CONCAT('compute-', (seq + 7) % 200),
    '192.0.2.1', {status},
    CONCAT('aaaaaaaa-0000-4000-8000-', LPAD(1 + seq % 1000, 12, '0')),
    1, 1, 'live-migration', 0, 0, 4294967296, 5368709120, 0, 0, 0, 0,
    'user', 'project', 0
FROM seq_1_to_{rows}"""
_FINISHED = ("ELT(1 + seq % 10, 'completed', 'completed', 'completed', "
             "'completed', 'completed', 'completed', 'confirmed', "
             "'confirmed', 'error', 'cancelled')")
_RUNNING = "'running'"


class Table:
    """Nova's table of migrations on a private server."""

    def __init__(self, rows, directory):
        self.server = servers.MariaDB(SERVER_OPTIONS)
        try:
            self.server.start()
            url = self.server.create_database('nova')
            conf = nova_database.write_conf(directory, url)
            done = nova_database.nova_manage(conf, 'db', 'sync',
                                             '--local_cell')
            if done.returncode:
                raise RuntimeError(done.stdout)
            config.parse_args(['nova', '--config-file', conf],
                              init_rpc=False)
            self.engine = sa.create_engine(url)
            self.execute(_INSTANCES)
            self.add(rows, _FINISHED, '31536000 - seq * 31536000 DIV %d'
                     % (rows + 1))
            self.add(IN_PROGRESS, _RUNNING, 'seq')
        except BaseException:
            self.close()
            raise

    def close(self):
        self.server.stop()

    def execute(self, *statements):
        with self.engine.begin() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(
                    statement.replace('%', '%%'))
                if result.returns_rows:
                    result = result.all()
        return result

    def add(self, rows, status, age):
        self.execute(_ROW.format(rows=rows, status=status, age=age))

    def set_index(self, wanted):
        """Make or remove the index; return the seconds that it took."""
        plan = (db_migrations.plan_upgrade if wanted
                else db_migrations.plan_downgrade)(self.engine)
        plan = [one for one in plan
                if one.number == m002_polling_index.NUMBER]
        started = time.perf_counter()
        db_migrations.execute(self.engine, plan)
        seconds = time.perf_counter() - started
        self.execute('ANALYZE TABLE migrations')
        return seconds

    def index_bytes(self):
        """Return the size of the index, and of table and all indexes."""
        sizes = dict(tuple(row) for row in self.execute(
            "SELECT index_name, stat_value * @@innodb_page_size "
            "FROM mysql.innodb_index_stats WHERE database_name = 'nova' "
            "AND table_name = 'migrations' AND stat_name = 'size'"))
        return (int(sizes[m002_polling_index.INDEX]),
                int(sum(sizes.values())))

    def redo_bytes(self):
        return int(self.execute(
            "SHOW GLOBAL STATUS LIKE 'Innodb_os_log_written'")[0][1])


def _poll(status):
    """Return a call of Nova for a page of migrations with these status."""
    lister = migration_list.MigrationLister(['created_at', 'id'],
                                            ['desc', 'desc'])
    context = nova_context.get_admin_context()

    def poll():
        found = lister.get_by_filters(context, {'status': status}, PAGE, None)
        assert len(found) == IN_PROGRESS, len(found)
    return poll


class Writes:
    """Writes to rows in progress, as one migration makes them."""

    def __init__(self, table):
        self.table = table
        self.ids = [row[0] for row in table.execute(
            "SELECT id FROM migrations WHERE status = 'running'")]
        self.turn = 0

    def _each(self, statement):
        """Execute a statement for every row, each in its transaction."""
        self.turn += 1
        with self.table.engine.connect() as connection:
            for number in self.ids:
                connection.exec_driver_sql(
                    statement.format(id=number, turn=self.turn))
                connection.commit()

    def progress(self):
        self._each('UPDATE migrations SET updated_at = NOW(), %s '
                   'WHERE id = {id}' % ', '.join(
                       '%s = {turn}' % name for name in fields.NAMES))

    def status(self):
        # Away and back: two changes of status for every row.
        self._each("UPDATE migrations SET updated_at = NOW(), "
                   "status = 'post-migrating' WHERE id = {id}")
        self._each("UPDATE migrations SET updated_at = NOW(), "
                   "status = 'running' WHERE id = {id}")

    def insert(self):
        for _number in self.ids:
            self.table.add(1, "'inserted'", '0')

    def insert_many(self):
        self.table.add(5000, "'inserted'", '0')

    def remove_inserted(self):
        self.table.execute(
            "DELETE FROM migrations WHERE id > %d" % max(self.ids))


def measure(table, rounds):
    """Time everything without and with the index.

    :returns: a dict: case -> [medians without, with] in milliseconds for the
        statements named by the case; and figures about the index
    """
    writes = Writes(table)
    polls = {
        "poll status=running": _poll('running'),
        'poll %d statuses' % len(STATUSES): _poll(list(STATUSES)),
    }
    # How many transactions one call makes; the time is that of one.
    changes = {
        'update the six columns': (writes.progress, IN_PROGRESS),
        'change the status': (writes.status, 2 * IN_PROGRESS),
        'insert a row': (writes.insert, IN_PROGRESS),
        'insert 5000 rows at once': (writes.insert_many, 1),
    }
    times = {case: ([], []) for case in (*polls, *changes)}
    redo = {case: ([], []) for case in changes}
    build = []
    for wanted in (False, True) * TURNS:
        seconds = table.set_index(wanted)
        if wanted:
            build.append(seconds)
            index_bytes, all_bytes = table.index_bytes()
        for case, poll in polls.items():
            poll()
            for _turn in range(rounds):
                started = time.perf_counter()
                poll()
                times[case][wanted].append(time.perf_counter() - started)
        for case, (change, count) in changes.items():
            for _turn in range(3):
                logged = table.redo_bytes()
                started = time.perf_counter()
                change()
                times[case][wanted].append(
                    (time.perf_counter() - started) / count)
                redo[case][wanted].append(
                    (table.redo_bytes() - logged) / count)
                writes.remove_inserted()
    return {
        'milliseconds': {
            case: [statistics.median(side) * 1000 for side in sides]
            for case, sides in times.items()},
        'redo_bytes': {
            case: [statistics.median(side) for side in sides]
            for case, sides in redo.items()},
        'index_bytes': index_bytes,
        'table_bytes_with_all_indexes': all_bytes,
        'build_seconds': statistics.median(build),
    }


def _print(rows, result):
    print('%d finished migrations, %d in progress' % (rows, IN_PROGRESS))
    print('%-30s %12s %12s %8s %8s' % ('median', 'without, ms', 'with, ms',
                                       'ratio', 'redo'))
    for case, (without, with_index) in result['milliseconds'].items():
        redo = result['redo_bytes'].get(case)
        print('%-30s %12.2f %12.2f %8.2f %8s' % (
            case, without, with_index, with_index / without,
            '%.2f' % (redo[1] / redo[0]) if redo and redo[0] else ''))
    print('The index: %.1f MiB of %.1f MiB, created in %.1f s.' % (
        result['index_bytes'] / 2 ** 20,
        result['table_bytes_with_all_indexes'] / 2 ** 20,
        result['build_seconds']))
    without, with_index = result['milliseconds']['poll status=running']
    print('Polling is %.1f times faster.' % (without / with_index))


def main():
    """Measure, print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rows', type=int, default=1000000,
                        help='finished migrations (%(default)s)')
    parser.add_argument('--rounds', type=int, default=15,
                        help='polls of each kind in each turn '
                             '(%(default)s)')
    parser.add_argument('--json', metavar='FILE',
                        help='write all figures to this file')
    args = parser.parse_args()
    if not 1000 <= args.rows <= 10 ** 8:
        parser.error('--rows %d: expected 1000 to 100000000' % args.rows)
    if args.rounds < 3:
        parser.error('--rounds %d: expected at least 3' % args.rounds)
    directory = tempfile.mkdtemp(prefix='migprogress-benchmark-')
    try:
        table = Table(args.rows, directory)
        try:
            result = measure(table, args.rounds)
        finally:
            table.close()
    except servers.Unavailable as error:
        sys.exit('polling_index: %s (Debian and Ubuntu: mariadb-server)'
                 % error)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    _print(args.rows, result)
    if args.json:
        with open(args.json, 'w') as report:
            json.dump(dict(result, rows=args.rows), report, indent=4)
            report.write('\n')


if __name__ == '__main__':
    main()
