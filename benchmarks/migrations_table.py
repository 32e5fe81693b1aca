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

"""Nova's table of migrations on MariaDB, with as many rows as wanted."""

from collections import abc
import shutil
import tempfile
import time
import typing

import tests  # noqa: F401  (before anything imports eventlet)

from nova.compute import migration_list  # noqa: I100
from nova import context as nova_context
from nova.db.main import api as db_api
import sqlalchemy as sa

from nova_migprogress import db_migrations
from nova_migprogress import fields
from nova_migprogress import statuses
from tests.db import nova_database
from tests.db import servers

#: How many rows are of migrations in progress, all of them running.
IN_PROGRESS = 100
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
_FINISHED = 'ELT(1 + seq %% 10, %s)' % ', '.join(
    "'%s'" % status for status in
    [statuses.COMPLETED] * 6 + [statuses.CONFIRMED] * 2 +
    [statuses.ERROR, statuses.CANCELLED])
_RUNNING = "'%s'" % statuses.RUNNING


class PrivateMariaDB:
    """A private MariaDB, for use in a with statement."""

    def __enter__(self) -> 'PrivateMariaDB':
        self.directory = tempfile.mkdtemp(prefix='migprogress-benchmark-')
        self.mariadb = servers.MariaDB(SERVER_OPTIONS)
        try:
            self.mariadb.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.mariadb.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def create_database(self, name: str) -> None:
        """Create a database with Nova's schema."""
        conf = nova_database.write_conf(self.directory,
                                        self.mariadb.create_database(name))
        done = nova_database.nova_manage(conf, 'db', 'sync', '--local_cell')
        if done.returncode:
            raise RuntimeError(done.stdout)

    def settle(self) -> None:
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

    def status(self, name: str) -> int:
        """Return a status variable of the server."""
        engine = sa.create_engine(self.mariadb.admin_url())
        with engine.connect() as connection:
            row = connection.exec_driver_sql(
                "SHOW GLOBAL STATUS LIKE '%s'" % name).one()
        engine.dispose()
        return int(row[1])


class MigrationsTable:
    """Nova's table of migrations in one database.

    :param name: name of the database
    :param rows: number of finished migrations
    """

    def __init__(self, server: PrivateMariaDB, name: str,
                 rows: int) -> None:
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
            'SELECT id FROM migrations WHERE status = ' + _RUNNING)]
        self.turn = 0

    def execute(self, statement: str) -> 'abc.Sequence[sa.Row[typing.Any]]':
        """Execute a statement; returns its rows, none of one without."""
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(statement.replace('%', '%%'))
            return result.all() if result.returns_rows else []

    def add(self, rows: int, status: str, age: str) -> None:
        """Insert rows.

        :param status: an SQL expression
        :param age: another one, of the seconds since they were written
        """
        self.execute(_ROW.format(rows=rows, status=status, age=age))

    def create_index(self) -> float:
        """Apply schema change 002; return the seconds that it took."""
        plans = db_migrations.plan_upgrade(self.engine)
        started = time.perf_counter()
        db_migrations.execute(self.engine, plans)
        return time.perf_counter() - started

    def sizes(self) -> dict[str, int]:
        """Return {index: bytes}; the table itself is PRIMARY."""
        return {index: int(size) for index, size in self.execute(
            "SELECT index_name, stat_value * @@innodb_page_size "
            "FROM mysql.innodb_index_stats WHERE database_name = '%s' "
            "AND table_name = 'migrations' AND stat_name = 'size'"
            % self.name)}

    def poll(self, status: typing.Union[str, tuple[str, ...]]) -> None:
        """Ask for a page of migrations as Nova's API does."""
        found = self.lister.get_by_filters(
            self.context, {'status': status}, PAGE, None)
        assert len(found) == IN_PROGRESS, len(found)

    def _execute_each(self, statement: str) -> None:
        """Execute a statement for every running row, each by itself."""
        self.turn += 1
        with self.engine.connect() as connection:
            for number in self.ids:
                connection.exec_driver_sql(
                    statement.format(id=number, turn=self.turn))
                connection.commit()

    def save_progress(self) -> None:
        """Write the six columns of every running row."""
        self._execute_each(
            'UPDATE migrations SET updated_at = NOW(), %s '
            'WHERE id = {id}' % ', '.join(
                '%s = {turn}' % name for name in fields.NAMES))

    def change_status(self) -> None:
        """Change the status of every running row, and change it back."""
        for status in (statuses.POST_MIGRATING, statuses.RUNNING):
            self._execute_each("UPDATE migrations SET updated_at = NOW(), "
                               "status = '%s' WHERE id = {id}" % status)

    def insert(self) -> None:
        """Insert rows, each by itself."""
        for _number in range(IN_PROGRESS):
            self.add(1, "'inserted'", '0')

    def insert_at_once(self) -> None:
        """Insert rows by one statement."""
        self.add(5000, "'inserted'", '0')

    def remove_inserted(self) -> None:
        """Delete what was inserted after the first rows."""
        self.execute('DELETE FROM migrations WHERE id > %d' % max(self.ids))
