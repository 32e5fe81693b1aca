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


import inspect
import types
from unittest import mock

import fixtures
from nova import objects
from nova import test
from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import post_copy_seam

STATUS = 'running (post-copy)'


class PostCopySeamTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.stock = inspect.unwrap(libvirt_migration.trigger_postcopy_switch)
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.migration.trigger_postcopy_switch',
            self.stock))
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.migration.libvirt',
            types.SimpleNamespace(libvirtError=KeyError)))
        self.save = self.useFixture(fixtures.MockPatchObject(
            objects.Migration, 'save')).mock
        self.migration = objects.Migration(id=1, status='running')
        self.migration.obj_reset_changes()
        self.guest = mock.Mock()
        post_copy_seam.install()
        post_copy_seam.install()

    def switch(self):
        libvirt_migration.trigger_postcopy_switch(
            self.guest, None, self.migration)

    def test_status_is_saved_otherwise(self):
        save_status = mock.Mock()
        with post_copy_seam.saving_by(save_status):
            self.switch()
        save_status.assert_called_once_with(STATUS)
        self.save.assert_not_called()
        # For Nova's monitor, and for its final save.
        self.assertEqual(STATUS, self.migration.status)
        self.assertEqual({'status'}, self.migration.obj_what_changed())

    def test_other_migrations_are_novas(self):
        with post_copy_seam.saving_by(mock.Mock()):
            pass
        self.switch()
        self.save.assert_called_once_with()

    def test_libvirt_refuses(self):
        self.guest.migrate_start_postcopy.side_effect = KeyError
        save_status = mock.Mock()
        with post_copy_seam.saving_by(save_status):
            self.switch()
        save_status.assert_not_called()
        self.assertEqual('running', self.migration.status)

    def test_looks_as_before(self):
        self.assertIs(self.stock, inspect.unwrap(
            libvirt_migration.trigger_postcopy_switch))

    def test_unknown(self):
        for other in (
                lambda guest: None,
                # One more parameter would not be passed on.
                lambda guest, instance, migration, more=None: None):
            self.useFixture(fixtures.MonkeyPatch(
                'nova.virt.libvirt.migration.trigger_postcopy_switch', other))
            self.assertRaises(exception.UnknownSeam, post_copy_seam.install)
            self.assertIs(other, libvirt_migration.trigger_postcopy_switch)
