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

from unittest import mock

import ddt
from oslotest import base

from nova_migprogress.db_migrations import m002_polling_index as script
from nova_migprogress.db_migrations import step


def _index(name='other', columns=('deleted', 'status'), **options):
    return {'name': name, 'column_names': list(columns),
            'dialect_options': options}


def _inspector(*indexes):
    inspector = mock.Mock()
    inspector.get_indexes.return_value = list(indexes)
    return inspector


@ddt.ddt
class TestPollingIndex(base.BaseTestCase):

    def test_missing(self):
        one, = script.upgrade_steps(_inspector(
            _index(columns=('deleted', 'instance_uuid', 'status')),
            _index(columns=('status', 'deleted'))))
        operations = mock.Mock()
        one.apply(operations)
        operations.create_index.assert_called_once_with(
            'migprogress_deleted_status_idx', 'migrations',
            ['deleted', 'status'])

    def test_present(self):
        self.assertEqual(
            [], script.upgrade_steps(_inspector(_index(script.INDEX))))

    @ddt.data(_index(), _index(columns=('deleted', 'status', 'hidden')),
              _index(postgresql_include=[]),
              {'name': 'other', 'column_names': ['deleted', 'status']})
    def test_another_one_serves(self, index):
        self.assertEqual([], script.upgrade_steps(_inspector(index)))

    @ddt.data(_index(postgresql_where='x'), _index(mysql_length={'status': 4}),
              _index(sqlite_where='x'), _index(columns=('deleted', None)))
    def test_another_one_does_not_serve(self, index):
        self.assertEqual(1, len(script.upgrade_steps(_inspector(index))))

    def test_conflict(self):
        error = self.assertRaises(
            step.SchemaConflict, script.upgrade_steps,
            _inspector(_index(script.INDEX, ('status', None))))
        self.assertIn('is on (status, None), but it must be on (deleted, '
                      'status)', str(error))

    def test_downgrade(self):
        (one,), kept = script.downgrade_steps(
            _inspector(_index(), _index(script.INDEX)))
        self.assertEqual([], kept)
        operations = mock.Mock()
        one.apply(operations)
        operations.drop_index.assert_called_once_with(
            'migprogress_deleted_status_idx', table_name='migrations')

    def test_downgrade_leaves_others(self):
        self.assertEqual(([], []),
                         script.downgrade_steps(_inspector(_index())))
