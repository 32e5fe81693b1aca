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

import sys
from unittest import mock

import fixtures
from oslotest import base
import sqlalchemy as sa

from nova_migprogress.db_migrations import m001_progress_columns as script
from nova_migprogress.db_migrations import ownership
from nova_migprogress.db_migrations import step
from nova_migprogress import fields
from tests.unit.db_migrations import database


class TestUpgrade(base.BaseTestCase):

    def _steps(self, *columns):
        engine = database.create(columns)
        self.addCleanup(engine.dispose)
        return script.upgrade_steps(sa.inspect(engine))

    def test_only_what_is_missing(self):
        steps = self._steps(sa.Column('disk_total', sa.BigInteger),
                            sa.Column('memory_total', sa.BigInteger))
        self.assertEqual(8, len(steps))
        for one in steps:
            self.assertNotIn('_total', one.description)

    def test_nothing_is_missing(self):
        self.assertEqual([], self._steps(*(
            sa.Column(name, sa.BigInteger) for name in fields.NAMES)))

    def test_wrong_type(self):
        error = self.assertRaises(
            step.SchemaConflict, self._steps,
            sa.Column('disk_total', sa.Integer))
        self.assertIn('column migrations.disk_total is INTEGER, but it must '
                      'be BIGINT NULL', str(error))

    def test_not_nullable(self):
        error = self.assertRaises(
            step.SchemaConflict, self._steps,
            sa.Column('disk_total', sa.BigInteger, nullable=False))
        self.assertIn('is BIGINT NOT NULL, but', str(error))

    def test_column_has_no_default(self):
        operations = mock.Mock()
        self._steps()[0].apply(operations)
        operations.add_column.assert_called_once_with('migrations', mock.ANY)
        column = operations.add_column.call_args[0][1]
        self.assertEqual('memory_total', column.name)
        self.assertIsInstance(column.type, sa.BigInteger)
        self.assertTrue(column.nullable)
        self.assertIsNone(column.server_default)
        self.assertEqual(script.COMMENT, column.comment)


class TestDowngrade(base.BaseTestCase):

    def _plan(self, managed, comment=None, comments=True):
        """Plan on tables that have disk_total."""
        self.useFixture(fixtures.MockPatchObject(
            ownership, 'nova_columns', return_value=managed))
        inspector = mock.Mock()
        inspector.dialect.supports_comments = comments
        inspector.get_columns.return_value = [
            {'name': 'id', 'comment': None},
            {'name': 'disk_total', 'comment': comment}]
        return script.downgrade_steps(inspector)

    def test_added_by_the_plugin(self):
        steps, kept = self._plan({'id'}, script.COMMENT)
        self.assertEqual(['drop column migrations.disk_total',
                          'drop column shadow_migrations.disk_total'],
                         [one.description for one in steps])
        self.assertEqual([], kept)
        operations = mock.Mock()
        steps[1].apply(operations)
        operations.drop_column.assert_called_once_with('shadow_migrations',
                                                       'disk_total')

    def test_managed_by_nova(self):
        steps, kept = self._plan({'id', 'disk_total'}, script.COMMENT)
        self.assertEqual([], steps)
        self.assertEqual('kept columns disk_total of migrations: the '
                         'installed Nova manages them', kept[0])
        self.assertEqual(2, len(kept))

    def test_unknown_nova(self):
        steps, kept = self._plan(None, script.COMMENT)
        self.assertEqual([], steps)
        self.assertIn('no Nova can be imported', kept[0])

    def test_added_by_someone_else(self):
        steps, kept = self._plan({'id'})
        self.assertEqual([], steps)
        self.assertIn('not added by nova-migprogress', kept[0])

    def test_database_without_comments(self):
        steps, kept = self._plan({'id'}, comments=False)
        self.assertEqual(2, len(steps))
        self.assertEqual([], kept)


class TestOwnership(base.BaseTestCase):

    def test_installed_nova_manages_the_columns(self):
        self.assertTrue(set(fields.NAMES) <= ownership.nova_columns())

    @mock.patch.dict('sys.modules')
    def test_name_of_the_module_before_nova_24(self):
        models = mock.Mock()
        models.Migration = mock.Mock(__table__=sa.Table(
            'migrations', sa.MetaData(), sa.Column('id', sa.Integer)))
        sys.modules.update({
            'nova.db.main': None,
            'nova.db.sqlalchemy': mock.Mock(models=models)})
        self.assertEqual({'id'}, ownership.nova_columns())

    @mock.patch.dict('sys.modules', {'nova.db.main': None,
                                     'nova.db.sqlalchemy': None})
    def test_no_nova(self):
        self.assertIsNone(ownership.nova_columns())
