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

"""What upgrade and downgrade do on a database server."""

import subprocess
import time

import sqlalchemy as sa

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import m001_progress_columns
from tests.db import nova_database
from tests.db import schema_cases


class ServerCases(schema_cases.SchemaCases):
    """The cases that need users, comments and locks."""

    PASSWORD = 's3cr3t$word'
    #: Grants a user, named by %s, to read and nothing else.
    create_reader = ()

    def _reader(self):
        """Create a user who may only read; return the URL."""
        name = nova_database.unique('reader')
        self.execute(*(statement.format(user=name, password=self.PASSWORD)
                       for statement in self.create_reader))
        return self.server.url(self.engine.url.database, name, self.PASSWORD)

    def test_read_only_user(self):
        self.use('older')
        before = self.schema()
        url = self._reader()
        output, _ = self.manage('check', code=1, url=url)
        self.assertIn('12 to do', output)
        self.manage('upgrade', '--dry-run', url=url)
        output, error = self.manage_process('upgrade', code=2, url=url)
        self.assertIn('could not add column migrations.memory_total', error)
        self.assertIn(self.denied, error)
        self.assertIn('The statement was: ALTER TABLE migrations ADD', error)
        self.assertNotIn('done', output)
        self.assertEqual(before, self.schema())

    def test_read_only_user_downgrades(self):
        self.use('nova')
        self.manage('upgrade')
        before = self.schema()
        _, error = self.manage('downgrade', code=2, url=self._reader())
        self.assertIn('could not drop index', error)
        self.assertEqual(before, self.schema())

    def test_downgrade_keeps_columns_of_others(self):
        self.use('older')
        self.execute('ALTER TABLE migrations ADD COLUMN disk_total BIGINT')
        self.manage('upgrade')
        output, _ = self.manage_process('downgrade',
                                        PYTHONPATH=self.old_nova())
        self.assertIn('kept columns disk_total of migrations: they were not '
                      'added by nova-migprogress', output)
        self.assertEqual({('migrations', 'get_multi_columns', 'disk_total')},
                         schema_cases.COLUMNS.intersection(self.schema()))

    def test_added_columns_are_marked(self):
        self.use('older')
        self.manage('upgrade')
        schema = self.schema()
        for key in schema_cases.COLUMNS:
            self.assertEqual(m001_progress_columns.COMMENT,
                             schema[key]['comment'])

    def test_table_in_use(self):
        self.use('older')
        before = self.schema()
        self.patch(db_migrations, 'LOCK_WAIT', 1)
        plans = db_migrations.plan_upgrade(self.engine)
        with self.engine.connect() as connection:
            connection.exec_driver_sql('SELECT id FROM migrations').all()
            started = time.monotonic()
            error = self.assertRaises(
                db_migrations.step.StepFailed, db_migrations.execute,
                self.engine, plans)
            self.assertLess(time.monotonic() - started, 20)
        self.assertIn('could not add column migrations.memory_total: ',
                      str(error))
        self.assertIn('lock', str(error).lower())
        self.assertEqual(before, self.schema())
        db_migrations.execute(self.engine, plans)
        self._assert_upgraded(before)

    def _wait_until_quiet(self, others):
        """Wait until only so many sessions are left on the database."""
        deadline = time.monotonic() + 30
        while True:
            with self.engine.connect() as connection:
                count = connection.exec_driver_sql(
                    self.count_sessions % self.engine.url.database).scalar()
            if count <= others:
                return
            self.assertLess(time.monotonic(), deadline, 'session still there')
            time.sleep(0.1)

    def test_killed_and_continued(self):
        self.use('older')
        before = self.schema()
        command = [*self.COMMAND, *self.arguments('upgrade')]
        blocker = self.engine.connect()
        self.addCleanup(blocker.close)
        blocker.exec_driver_sql('SELECT id FROM shadow_migrations').all()
        with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, cwd=self.directory,
                env=nova_database.environment()) as process:
            self.addCleanup(process.kill)
            # The first table is done, the second one waits for the lock.
            for line in process.stdout:
                if 'migrations.disk_remaining: done' in line:
                    break
            time.sleep(0.5)
            self.assertIsNone(process.poll())
            process.kill()
        blocker.close()
        self._wait_until_quiet(1)
        self.assertTrue(set(self.schema()) > set(before))
        self.manage('check', code=1)
        self.manage('upgrade')
        self._assert_upgraded(before)

    def test_wrong_password(self):
        self.use('nova')
        name = sa.engine.make_url(self._reader()).username
        url = self.server.url(self.engine.url.database, name, 'wr0ngp@ss')
        _, error = self.manage_process('check', code=2, url=url)
        self.assertIn('cannot use the database: ', error)
        self.assertIn(name, error)

    def test_no_such_database(self):
        _, error = self.manage('check', code=2,
                               url=self.server.url('nowhere'))
        self.assertIn('nowhere', error)

    def test_server_is_down(self):
        url = self.server.url('nova').replace('migprogress-db', 'stopped-db')
        started = time.monotonic()
        output, error = self.manage('upgrade', code=2, url=url)
        self.assertIn('stopped-db', output)
        self.assertIn('cannot use the database: ', error)
        self.assertLess(time.monotonic() - started, 20)
