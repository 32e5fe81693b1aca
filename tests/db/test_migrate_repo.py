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

"""The sqlalchemy-migrate repository, with sqlalchemy-migrate 0.13."""

import json
import pathlib
import subprocess

from nova_migprogress import fields
from tests.db import base
from tests.db import migrate_environment
from tests.db import nova_database
from tests.db import schema_cases

COMMAND = pathlib.Path(__file__).with_name('migrate_command.py')


class MigrateCases(schema_cases.NovaStubs):

    def setUp(self):
        super().setUp()
        self.python = migrate_environment.python()

    def _migrate(self, *arguments, **variables):
        """Run a function of sqlalchemy-migrate; return (result, log)."""
        done = subprocess.run(
            [self.python, COMMAND, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.directory, timeout=120,
            env=nova_database.environment(DATABASE_URL=self.url, **variables))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        result = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual('0.13.0', result['migrate'])
        self.assertRegex(result['sqlalchemy'], r'^1\.4\.')
        return result['returned'], done.stderr

    def _versions(self):
        with self.engine.connect() as connection:
            return dict(connection.exec_driver_sql(
                'SELECT repository_id, version FROM migrate_version').all())

    def _schema(self):
        """Return the schema without the table that holds the versions."""
        return {key: value for key, value in self.schema().items()
                if key[0] != 'migrate_version'}

    def test_beside_novas_own_repository(self):
        self.use('older')
        before = self.schema()
        # As Nova up to 27 has it.
        self.execute(
            'CREATE TABLE migrate_version (repository_id VARCHAR(250) NOT '
            'NULL, repository_path TEXT, version INTEGER, '
            'PRIMARY KEY (repository_id))',
            "INSERT INTO migrate_version VALUES ('nova', '/nova/repo', 402)")
        rows = nova_database.rows(self.engine, 'migrations')

        self._migrate('version_control')
        self.assertEqual({'nova': 402, 'nova_migprogress': 0},
                         self._versions())
        _, log = self._migrate('upgrade')

        self.assertIn('001 progress columns: add column migrations.disk_total:'
                      ' done', log)
        self.assertEqual({'nova': 402, 'nova_migprogress': 2},
                         self._versions())
        after = self._schema()
        self.assertEqual(schema_cases.COLUMNS | {schema_cases.INDEX},
                         set(after) - set(before))
        self.assertEqual(before, {key: after[key] for key in before})
        self.assertEqual(
            [dict(row, **dict.fromkeys(fields.NAMES)) for row in rows],
            nova_database.rows(self.engine, 'migrations'))
        self.manage('check')
        _, log = self._migrate('upgrade')
        self.assertNotIn(': done', log)

        # No Nova in that environment: the columns stay.
        _, log = self._migrate('downgrade', '0')
        self.assertIn('kept columns', log)
        self.assertEqual(schema_cases.COLUMNS, set(self._schema()) -
                         set(before))
        self._migrate('upgrade')
        self._migrate('downgrade', '0', PYTHONPATH=self.old_nova())
        self.assertEqual(before, self._schema())
        self.assertEqual({'nova': 402, 'nova_migprogress': 0},
                         self._versions())
        # Not drop_version_control: that drops Nova's row with the table.
        self.execute("DELETE FROM migrate_version "
                     "WHERE repository_id = 'nova_migprogress'")
        self.assertEqual({'nova': 402}, self._versions())

    def test_one_script_at_a_time(self):
        self.use('older')
        before = self.schema()
        self._migrate('version_control')
        for version, added in (('1', schema_cases.COLUMNS),
                               ('2', {schema_cases.INDEX})):
            self._migrate('upgrade', version)
            returned, _ = self._migrate('db_version')
            self.assertEqual(int(version), returned)
            after = self._schema()
            self.assertEqual(added, set(after) - set(before))
            before = after
        self._migrate('downgrade', '1')
        self.assertNotIn(schema_cases.INDEX, self._schema())

    def test_a_database_that_is_up_to_date(self):
        self.use('nova')
        self.manage('upgrade')
        before = self.schema()
        self._migrate('version_control')
        _, log = self._migrate('upgrade')
        self.assertNotIn(': done', log)
        self.assertEqual(before, self._schema())


class TestSQLite(MigrateCases, base.DatabaseTestCase):

    kind = 'sqlite'


class TestMariaDB(MigrateCases, base.DatabaseTestCase):

    kind = 'mariadb'


class TestPostgreSQL(MigrateCases, base.DatabaseTestCase):

    kind = 'postgresql'
