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

"""What upgrade and downgrade do on every database."""

import itertools
import os

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import m002_polling_index
from nova_migprogress import fields
from tests.db import nova_database

INDEX = ('migrations', 'get_multi_indexes', m002_polling_index.INDEX)
COLUMNS = {(table, 'get_multi_columns', name) for table, name in
           itertools.product(nova_database.TABLES, fields.NAMES)}

# A Nova from before the specification, as far as a downgrade looks at it.
_OLD_NOVA = """
import sqlalchemy as sa


class Migration:
    __table__ = sa.Table('migrations', sa.MetaData(),
                         sa.Column('id', sa.Integer),
                         sa.Column('status', sa.String(255)))
"""


class NovaStubs:
    """Packages to put before the installed Nova."""

    def _install_nova(self, *files):
        """Put a package nova before the real one; return its directory."""
        for path, text in files:
            path = os.path.join(self.directory, 'stub', 'nova', path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as module:
                module.write(text)
        return os.path.join(self.directory, 'stub')

    def old_nova(self):
        return self._install_nova(
            ('__init__.py', ''), ('db/__init__.py', ''),
            ('db/sqlalchemy/__init__.py', ''),
            ('db/sqlalchemy/models.py', _OLD_NOVA))

    def no_nova(self):
        return self._install_nova(
            ('__init__.py', 'raise ImportError("not installed")\n'))


class SchemaCases(NovaStubs):
    """The cases that are the same on every kind of database."""

    def _rows(self):
        return {table: nova_database.rows(self.engine, table)
                for table in nova_database.TABLES}

    def _execute_steps(self, count):
        """Do only the first steps of an upgrade, as if it were stopped."""
        left = count
        for plan in db_migrations.plan_upgrade(self.engine):
            part = plan._replace(steps=plan.steps[:left])
            left -= len(part.steps)
            db_migrations.execute(self.engine, [part])

    def _assert_upgraded(self, before):
        """Exactly the columns and the index were added, as specified."""
        after = self.schema()
        self.assertEqual(COLUMNS | {INDEX}, set(after) - set(before))
        self.assertEqual(before, {key: after[key] for key in before})
        for key in COLUMNS:
            self.assertEqual('BIGINT', after[key]['type'])
            self.assertEqual('True', after[key]['nullable'])
            self.assertEqual('None', after[key]['default'])
        self.assertEqual("['deleted', 'status']", after[INDEX]['column_names'])
        self.assertNotIn(after[INDEX]['unique'], ('True', '1'))

    def test_upgrade_keeps_every_row_and_value(self):
        self.use('older')
        rows = self._rows()
        self.assertEqual([6, 2], [len(rows[t]) for t in nova_database.TABLES])
        before = self.schema()
        output, _ = self.manage('check', code=1)
        self.assertIn('001 progress columns: 12 to do', output)
        self.assertIn('add column shadow_migrations.disk_remaining', output)
        self.assertEqual(before, self.schema())

        output, _ = self.manage('upgrade')

        for table, name in itertools.product(nova_database.TABLES,
                                             fields.NAMES):
            self.assertIn('add column %s.%s: done' % (table, name), output)
        self.assertIn('create index %s' % m002_polling_index.INDEX, output)
        self._assert_upgraded(before)
        nothing = dict.fromkeys(fields.NAMES)
        self.assertEqual(
            {table: [dict(row, **nothing) for row in rows[table]]
             for table in rows}, self._rows())
        output, _ = self.manage('check')
        self.assertEqual(2, output.count('up to date'))

    def test_columns_hold_the_whole_range(self):
        self.use('older')
        self.manage('upgrade', '--to', '1')
        for name, table in itertools.product(fields.NAMES,
                                             nova_database.TABLES):
            columns = sa.table(table, sa.column(name, sa.BigInteger))
            for value in (0, fields.MAX_VALUE, None):
                with self.engine.begin() as connection:
                    connection.execute(columns.update().values({name: value}))
                self.assertEqual(
                    {value},
                    {row[name] for row in
                     nova_database.rows(self.engine, table)})
            with self.engine.connect() as connection:
                # SQLite's driver refuses it before the database does.
                self.assertRaises(
                    (sa_exc.DBAPIError, OverflowError), connection.execute,
                    columns.update().values({name: fields.MAX_VALUE + 1}))

    def test_nova_schema_gets_one_index(self):
        self.use('nova', whole=True)
        rows = self._rows()
        before = self.schema()
        output, _ = self.manage('upgrade', '--to', '1')
        self.assertIn('001 progress columns: nothing to do', output)
        self.assertEqual(before, self.schema())

        self.manage('upgrade')

        after = self.schema()
        self.assertEqual({INDEX}, set(after) - set(before))
        self.assertEqual(before, {key: after[key] for key in before})
        self.assertEqual(rows, self._rows())

    def test_upgrade_twice(self):
        self.use('older')
        self.manage('upgrade')
        upgraded = self.schema()
        output, _ = self.manage('upgrade')
        self.assertEqual(2, output.count('nothing to do'))
        self.assertNotIn('done', output)
        self.assertEqual(upgraded, self.schema())

    def test_downgrade_keeps_what_nova_manages(self):
        self.use('nova')
        before = self.schema()
        self.manage('upgrade')
        output, _ = self.manage('downgrade')
        self.assertIn('drop index %s' % m002_polling_index.INDEX, output)
        self.assertIn('the installed Nova manages them', output)
        self.assertEqual(before, self.schema())
        output, _ = self.manage('downgrade')
        self.assertEqual(2, output.count('nothing to do'))

    def test_downgrade_keeps_what_a_newer_nova_manages(self):
        # Added by the plugin once, but the installed Nova needs them now.
        self.use('older')
        self.manage('upgrade')
        self.manage('downgrade')
        self.assertTrue(COLUMNS <= set(self.schema()))

    def test_downgrade_on_an_older_nova(self):
        self.use('older')
        rows = self._rows()
        before = self.schema()
        self.manage('upgrade')
        self.manage_process('downgrade', '--to', '1',
                            PYTHONPATH=self.old_nova())
        self.assertEqual(COLUMNS, set(self.schema()) - set(before))
        output, _ = self.manage_process('downgrade',
                                        PYTHONPATH=self.old_nova())
        self.assertIn('drop column migrations.memory_total: done', output)
        self.assertNotIn('kept', output)
        self.assertEqual(before, self.schema())
        self.assertEqual(rows, self._rows())

    def test_downgrade_without_nova(self):
        self.use('older')
        self.manage('upgrade')
        output, _ = self.manage_process('downgrade',
                                        PYTHONPATH=self.no_nova())
        self.assertIn('no Nova can be imported here', output)
        after = self.schema()
        self.assertTrue(COLUMNS <= set(after))
        self.assertNotIn(INDEX, after)

    def test_interrupted_anywhere(self):
        # Before the first step, within a table, between the two tables,
        # within the second, between the two scripts.
        for count in (0, 3, 6, 10, 12):
            self.use('older')
            before = self.schema()
            self._execute_steps(count)
            output, _ = self.manage('check', code=1)
            self.assertEqual(13 - count, output.count('  '), output)
            output, _ = self.manage('upgrade')
            self.assertEqual(13 - count, output.count('done'), output)
            self._assert_upgraded(before)

    def test_only_the_columns_are_missing(self):
        self.use('older')
        before = self.schema()
        self.execute('CREATE INDEX %s ON migrations (deleted, status)'
                     % m002_polling_index.INDEX)
        output, _ = self.manage('upgrade')
        self.assertIn('002 polling index: nothing to do', output)
        self._assert_upgraded(before)

    def test_dry_run_prints_what_upgrade_does(self):
        self.use('older')
        before = self.schema()
        script, _ = self.manage('upgrade', '--dry-run')
        self.assertEqual(before, self.schema())

        for statement in '\n'.join(
                line for line in script.splitlines()
                if not line.startswith('--')).split(';'):
            if statement.strip():
                self.execute(statement)

        self._assert_upgraded(before)
        self.manage('check')

    def test_dry_run_prints_what_downgrade_does(self):
        self.use('nova')
        self.manage('upgrade')
        upgraded = self.schema()
        script, _ = self.manage('downgrade', '--dry-run')
        self.assertIn('DROP INDEX %s' % m002_polling_index.INDEX, script)
        self.assertNotIn('DROP COLUMN', script)
        self.assertEqual(upgraded, self.schema())

    def test_column_of_another_type(self):
        self.use('older')
        self.execute(
            'ALTER TABLE shadow_migrations ADD COLUMN disk_total INTEGER')
        before = self.schema()
        for action, code in (('check', 2), ('upgrade', 2)):
            _, error = self.manage(action, code=code)
            self.assertIn('column shadow_migrations.disk_total is INTEGER, '
                          'but it must be BIGINT NULL', error)
        self.assertEqual(before, self.schema())

    def test_index_on_other_columns(self):
        self.use('older')
        self.execute('CREATE INDEX %s ON migrations (status, deleted)'
                     % m002_polling_index.INDEX)
        before = self.schema()
        _, error = self.manage('upgrade', code=2)
        self.assertIn('is on (status, deleted), but it must be on (deleted, '
                      'status)', error)
        self.assertEqual(before, self.schema())

    def test_an_index_of_the_operator_serves(self):
        self.use('nova')
        self.execute(
            'CREATE INDEX mine ON migrations (deleted, status, hidden)')
        before = self.schema()
        self.manage('check')
        self.manage('upgrade')
        self.manage('downgrade')
        self.assertEqual(before, self.schema())

    def test_not_novas_main_database(self):
        empty = self.server.create_database(
            nova_database.unique('empty'))
        api = nova_database.create(self.server, 'api')
        for url in (empty, api):
            engine = sa.create_engine(url)
            self.addCleanup(engine.dispose)
            before = nova_database.schema(engine)
            for action in ('check', 'upgrade', 'downgrade'):
                _, error = self.manage(action, code=2, url=url)
                self.assertIn('there is no table migrations', error)
            self.assertEqual(before, nova_database.schema(engine))

    def test_migrations_of_another_project(self):
        self.use('nova')
        self.execute('ALTER TABLE shadow_migrations RENAME TO kept_aside',
                     'CREATE TABLE shadow_migrations (id INTEGER)')
        before = self.schema()
        _, error = self.manage('upgrade', code=2)
        self.assertIn('table shadow_migrations has no column deleted, '
                      'dest_compute', error)
        self.assertEqual(before, self.schema())
