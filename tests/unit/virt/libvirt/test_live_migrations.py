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

from nova import test

from nova_migprogress.virt.libvirt import live_migrations

NOTHING = (None, None, None, None, False)


class LiveMigrationsTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.migrations = live_migrations.LiveMigrations()
        self.listener = mock.sentinel.listener
        self.observer = mock.sentinel.observer

    def test_unknown(self):
        self.assertEqual(NOTHING, self.migrations.get('one'))
        self.migrations.change('one', listener=None)
        self.assertEqual({}, self.migrations._migrations)

    def test_course_of_a_migration(self):
        self.migrations.change('one', listener=self.listener)
        self.migrations.change('one', observer=self.observer, aborted=False)
        self.assertEqual((self.listener, self.observer, None, None, False),
                         self.migrations.get('one'))
        self.assertEqual(NOTHING, self.migrations.get('two'))
        self.migrations.change('one', observer=None)
        self.assertEqual((self.listener, None, None, None, False),
                         self.migrations.get('one'))
        self.migrations.change('one', listener=None)
        self.assertEqual({}, self.migrations._migrations)

    def test_abort_is_known_until_the_next_migration_is_observed(self):
        self.migrations.change('one', listener=self.listener)
        self.migrations.change('one', observer=self.observer)
        self.migrations.change('one', aborted=True)
        self.migrations.change('one', observer=None)
        self.migrations.change('one', listener=None)
        self.assertEqual((None, None, None, None, True),
                         self.migrations.get('one'))
        self.migrations.change('one', listener=self.listener)
        self.assertTrue(self.migrations.get('one').aborted)
        self.migrations.change('one', observer=self.observer, aborted=False)
        self.assertFalse(self.migrations.get('one').aborted)

    def test_abort_that_comes_when_the_migration_has_just_ended(self):
        self.migrations.change('one', listener=self.listener)
        self.migrations.change('one', listener=None)
        self.migrations.change('one', aborted=True)
        self.assertTrue(self.migrations.get('one').aborted)

    def test_the_next_one_has_begun(self):
        self.migrations.change('one', listener=self.listener)
        self.migrations.end('one', listener=mock.sentinel.other, wait=None)
        self.assertEqual((self.listener, None, None, None, False),
                         self.migrations.get('one'))
        self.migrations.end('one', listener=self.listener)
        self.assertEqual({}, self.migrations._migrations)

    def test_no_such_value(self):
        self.assertRaises(ValueError, self.migrations.change, 'one', away=True)
