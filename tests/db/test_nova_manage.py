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

"""Nova's own commands on an upgraded database, run for real."""

import itertools

import sqlalchemy as sa

from nova_migprogress import fields
from tests.db import base
from tests.db import nova_database
from tests.db import servers


class NovaManageCases:
    """archive_deleted_rows, purge and sync, with deleted rows to move."""

    def _use(self, database):
        self.use(database, whole=True)
        # nova-manage needs an API database too; any kind will do.
        self.api_url = nova_database.create(servers.get('sqlite'), 'api')

    def _nova_manage(self, code, *arguments):
        conf = nova_database.write_conf(self.directory, self.url, self.api_url)
        done = nova_database.nova_manage(conf, 'db', *arguments)
        self.assertEqual(code, done.returncode, done.stdout)
        self.assertNotIn('Traceback', done.stdout)
        return done.stdout

    def _fill(self):
        """Give every row of migrations progress values of its own."""
        migrations = sa.Table('migrations', sa.MetaData(),
                              autoload_with=self.engine)
        values = {name: migrations.c.id * 1000 + number
                  for number, name in enumerate(fields.NAMES)}
        with self.engine.begin() as connection:
            connection.execute(migrations.update().values(values))

    def _ids(self, table):
        return [row['id'] for row in nova_database.rows(self.engine, table)]

    def _check_commands(self):
        self.manage('upgrade')
        self._fill()
        schema = self.schema()

        # Exit code 1: something was archived.
        output = self._nova_manage(1, 'archive_deleted_rows', '--verbose')
        self.assertRegex(output, r'\| migrations +\| 2 ')
        self.assertEqual([1, 2, 3, 4], self._ids('migrations'))
        self.assertEqual([5, 6, 101, 102], self._ids('shadow_migrations'))
        for row, (number, name) in itertools.product(
                nova_database.rows(self.engine, 'shadow_migrations')[:2],
                enumerate(fields.NAMES)):
            self.assertEqual(row['id'] * 1000 + number, row[name])

        output = self._nova_manage(0, 'purge', '--all', '--verbose')
        self.assertIn('Deleted 4 rows from shadow_migrations', output)
        self.assertEqual([], self._ids('shadow_migrations'))
        self.assertEqual([1, 2, 3, 4], self._ids('migrations'))

        self._nova_manage(0, 'sync', '--local_cell')
        self.assertEqual(schema, self.schema())
        self.manage('check')

    def test_on_novas_own_schema(self):
        self._use('nova')
        self._check_commands()

    def test_on_a_schema_from_before_the_specification(self):
        self._use('older')
        self._check_commands()


class TestSQLite(NovaManageCases, base.DatabaseTestCase):

    kind = 'sqlite'


class TestMariaDB(NovaManageCases, base.DatabaseTestCase):

    kind = 'mariadb'


class TestPostgreSQL(NovaManageCases, base.DatabaseTestCase):

    kind = 'postgresql'

    def _use(self, database):
        super()._use(database)
        # Nova itself cannot archive an instance here: instances.locked_by and
        # shadow_instances.locked_by are of different ENUM types in its
        # initial schema (8f2f1571d55b). Migrations are what counts.
        self.execute('UPDATE instances SET deleted = 0')
