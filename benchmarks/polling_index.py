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
import json
import shutil
import statistics
import sys
import tempfile
import time

import tests  # noqa: F401  (before anything imports eventlet)

from nova.compute import migration_list  # noqa: I100
from nova import context as nova_context
from nova.db.main import api as db_api
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
SETTLE_TIMEOUT = 300
#: Room for both databases, as a server for such tables would have.
SERVER_OPTIONS = (
    '--innodb-buffer-pool-size=2G', '--innodb-log-file-size=1G',
    # The default is a slow disk's, and takes minutes to write this out.
    '--innodb-io-capacity=10000', '--innodb-io-capacity-max=20000')

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


class Server:
    """A private MariaDB, for use in a with statement."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix='migprogress-benchmark-')
        self.mariadb = servers.MariaDB(SERVER_OPTIONS)
        try:
            self.mariadb.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self.mariadb.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def create_database(self, name):
        """Create a database with Nova's schema."""
        conf = nova_database.write_conf(self.directory,
                                        self.mariadb.create_database(name))
        done = nova_database.nova_manage(conf, 'db', 'sync', '--local_cell')
        if done.returncode:
            raise RuntimeError(done.stdout)

    def settle(self):
        """Wait until the server has nothing left to do in the background."""
        self.mariadb.execute('SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0',
                             'SET GLOBAL innodb_max_dirty_pages_pct = 0')
        deadline = time.monotonic() + SETTLE_TIMEOUT
        # A few pages are always being written.
        while (self.status('Innodb_buffer_pool_pages_dirty') > 100 or
               self.status('Innodb_history_list_length') > 100):
            if time.monotonic() > deadline:
                raise RuntimeError('the server is still busy after %d s'
                                   % SETTLE_TIMEOUT)
            time.sleep(0.2)
        self.mariadb.execute(
            'SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT')

    def status(self, name):
        """Return a status variable of the server."""
        engine = sa.create_engine(self.mariadb.admin_url())
        with engine.connect() as connection:
            value = connection.exec_driver_sql(
                "SHOW GLOBAL STATUS LIKE '%s'" % name).first()[1]
        engine.dispose()
        return int(value)


class Table:
    """Nova's table of migrations in one database.

    :param server: a Server
    :param name: name of the database
    :param rows: number of finished migrations
    """

    def __init__(self, server, name, rows):
        self.name = name
        server.create_database(name)
        url = server.mariadb.url(name)
        self.engine = sa.create_engine(url)
        self.context = nova_context.get_admin_context()
        self.context.db_connection = db_api.create_context_manager(url)
        self.lister = migration_list.MigrationLister(
            ['created_at', 'id'], ['desc', 'desc'])
        self.execute(_INSTANCES)
        self.add(rows, _FINISHED, '31536000 - seq * 31536000 DIV %d'
                 % (rows + 1))
        self.add(IN_PROGRESS, _RUNNING, 'seq')
        self.ids = [row[0] for row in self.execute(
            "SELECT id FROM migrations WHERE status = 'running'")]
        self.turn = 0

    def execute(self, statement):
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(statement.replace('%', '%%'))
            return result.all() if result.returns_rows else None

    def add(self, rows, status, age):
        self.execute(_ROW.format(rows=rows, status=status, age=age))

    def create_index(self):
        """Apply schema change 002; return the seconds that it took."""
        plans = db_migrations.plan_upgrade(self.engine)
        started = time.perf_counter()
        db_migrations.execute(self.engine, plans)
        return time.perf_counter() - started

    def sizes(self):
        """Return {index: bytes}; the table itself is PRIMARY."""
        return {index: int(size) for index, size in self.execute(
            "SELECT index_name, stat_value * @@innodb_page_size "
            "FROM mysql.innodb_index_stats WHERE database_name = '%s' "
            "AND table_name = 'migrations' AND stat_name = 'size'"
            % self.name)}

    def poll(self, status):
        """Ask for a page of migrations as Nova's API does."""
        found = self.lister.get_by_filters(
            self.context, {'status': status}, PAGE, None)
        assert len(found) == IN_PROGRESS, len(found)

    def _each(self, statement):
        """Execute a statement for every running row, each by itself."""
        self.turn += 1
        with self.engine.connect() as connection:
            for number in self.ids:
                connection.exec_driver_sql(
                    statement.format(id=number, turn=self.turn))
                connection.commit()

    def save_progress(self):
        self._each('UPDATE migrations SET updated_at = NOW(), %s '
                   'WHERE id = {id}' % ', '.join(
                       '%s = {turn}' % name for name in fields.NAMES))

    def change_status(self):
        # Away and back: two changes of every row.
        for status in ('post-migrating', 'running'):
            self._each("UPDATE migrations SET updated_at = NOW(), "
                       "status = '%s' WHERE id = {id}" % status)

    def insert(self):
        for _number in range(IN_PROGRESS):
            self.add(1, "'inserted'", '0')

    def insert_at_once(self):
        self.add(5000, "'inserted'", '0')

    def remove_inserted(self):
        self.execute('DELETE FROM migrations WHERE id > %d' % max(self.ids))


#: What is timed: case -> (function of a Table, operations that it makes).
CASES = {
    'poll status=running': (lambda table: table.poll('running'), 1),
    'poll %d statuses' % len(STATUSES):
        (lambda table: table.poll(STATUSES), 1),
    'update the six columns': (Table.save_progress, IN_PROGRESS),
    'change the status': (Table.change_status, 2 * IN_PROGRESS),
    'insert a row': (Table.insert, IN_PROGRESS),
    'insert 5000 rows at once': (Table.insert_at_once, 1),
}


def measure(server, rows, rounds):
    """Time every case without and with the index.

    :returns: a dict; of each case the medians [without, with] for one
        operation, in milliseconds and in bytes written to the redo log
    """
    # Nova reads one [database] only; its context names the other ones.
    without, with_index = (Table(server, name, rows)
                           for name in ('without_index', 'with_index'))
    build_seconds = with_index.create_index()
    for table in (without, with_index):
        table.execute('ANALYZE TABLE migrations')
    sizes = with_index.sizes()
    times = {case: ([], []) for case in CASES}
    redo = {case: ([], []) for case in CASES}
    for case, (operation, count) in CASES.items():
        server.settle()
        for turn in range(rounds + 1):
            for side, table in enumerate((without, with_index)):
                logged = server.status('Innodb_os_log_written')
                started = time.perf_counter()
                operation(table)
                seconds = time.perf_counter() - started
                logged = server.status('Innodb_os_log_written') - logged
                table.remove_inserted()
                # The first turn fills caches.
                if turn:
                    times[case][side].append(seconds / count * 1000)
                    redo[case][side].append(logged / count)
    return {
        'milliseconds': {case: list(map(statistics.median, sides))
                         for case, sides in times.items()},
        'redo_bytes': {case: list(map(statistics.median, sides))
                       for case, sides in redo.items()},
        'index_bytes': sizes[m002_polling_index.INDEX],
        'table_bytes_with_all_indexes': sum(sizes.values()),
        'build_seconds': build_seconds,
    }


def _print(rows, result):
    print('%d finished migrations, %d in progress' % (rows, IN_PROGRESS))
    print('%-30s %12s %12s %8s %8s' % ('median', 'without, ms', 'with, ms',
                                       'ratio', 'redo'))
    for case, (without, with_index) in result['milliseconds'].items():
        redo = result['redo_bytes'][case]
        print('%-30s %12.2f %12.2f %8.3f %8s' % (
            case, without, with_index, with_index / without,
            '%.3f' % (redo[1] / redo[0]) if min(redo) else '-'))
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
        with Server() as server:
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
