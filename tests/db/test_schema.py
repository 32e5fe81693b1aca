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

"""Upgrade and downgrade with the real command on real databases."""

import os

from tests.db import base
from tests.db import schema_cases
from tests.db import server_cases


class TestSQLite(schema_cases.SchemaCases, base.DatabaseTestCase):

    kind = 'sqlite'

    def test_read_only(self):
        self.use('older')
        before = self.schema()
        url = 'sqlite:///file:%s?mode=ro&uri=true' % self.engine.url.database
        self.manage('check', code=1, url=url)
        _, error = self.manage('upgrade', code=2, url=url)
        self.assertIn('could not add column migrations.memory_total', error)
        self.assertIn('readonly database', error)
        self.assertIn('The statement was: ALTER TABLE migrations', error)
        self.assertEqual(before, self.schema())

    def test_missing_file_is_not_created(self):
        path = os.path.join(self.directory, 'missing.sqlite')
        _, error = self.manage('check', code=2, url='sqlite:///' + path)
        self.assertIn('there is no file ' + path, error)
        self.assertFalse(os.path.exists(path))


class TestMariaDB(server_cases.ServerCases, base.DatabaseTestCase):

    kind = 'mariadb'
    denied = 'ALTER command denied'
    create_reader = (
        "CREATE USER {user} IDENTIFIED BY '{password}'",
        'GRANT SELECT ON * TO {user}')
    count_sessions = ("SELECT count(*) FROM information_schema.processlist "
                      "WHERE db = '%s'")

    def test_an_index_of_prefixes_does_not_serve(self):
        self.use('nova')
        self.execute('CREATE INDEX mine ON migrations (deleted, status(4))')
        self.manage('check', code=1)

    def test_user_who_sees_nothing(self):
        self.use('nova')
        self.execute("CREATE USER blind IDENTIFIED BY 'x-y-z-0'",
                     'GRANT SELECT ON instances TO blind')
        _, error = self.manage(
            'check', code=2,
            url=self.server.url(self.engine.url.database, 'blind', 'x-y-z-0'))
        self.assertIn('this user may not see it', error)


class TestPostgreSQL(server_cases.ServerCases, base.DatabaseTestCase):

    kind = 'postgresql'
    denied = 'must be owner of table migrations'
    create_reader = (
        "CREATE USER {user} PASSWORD '{password}'",
        'GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}')
    count_sessions = ("SELECT count(*) FROM pg_stat_activity "
                      "WHERE datname = '%s'")

    def test_an_index_of_some_rows_does_not_serve(self):
        self.use('nova')
        self.execute('CREATE INDEX mine ON migrations (deleted, status) '
                     'WHERE NOT hidden')
        self.manage('check', code=1)
