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
from unittest import mock

import fixtures
from nova.compute import manager as nova_manager
from nova import test

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import abort_seam


class Manager:

    def __init__(self):
        self.aborted = []

    def live_migration_abort(self, context, instance, migration_id):
        self.aborted.append((context, instance, migration_id))
        return 'result'


class OtherManager:

    def live_migration_abort(self, context, migration):
        pass


class NewerManager:

    def live_migration_abort(self, context, instance, migration_id, reason):
        pass


class AbortSeamTestCase(test.NoDBTestCase):

    def test_installed_nova(self):
        abort_seam.check(
            nova_manager.ComputeManager.__new__(nova_manager.ComputeManager))

    def test_heard_before_nova(self):
        manager = Manager()
        heard = []
        abort_seam.install(manager, lambda *args: heard.append(
            (*args, list(manager.aborted))))
        # As by oslo.messaging.
        self.assertEqual('result', manager.live_migration_abort(
            'context', instance='instance', migration_id=7))
        self.assertEqual([('instance', 7, [])], heard)
        self.assertEqual([('context', 'instance', 7)], manager.aborted)
        self.assertTrue(inspect.ismethod(manager.live_migration_abort))

    def test_not_heard(self):
        manager = Manager()
        abort_seam.install(manager, mock.Mock(side_effect=ValueError('bug')))
        self.assertEqual('result', manager.live_migration_abort(
            'context', mock.MagicMock(), 7))
        self.assertEqual(1, len(manager.aborted))
        self.assertIn('ValueError: bug', self.stdlog.logger.output)

    def test_once(self):
        manager = Manager()
        hear = mock.Mock()
        abort_seam.install(manager, hear)
        abort_seam.install(manager, hear)
        manager.live_migration_abort('context', 'instance', 7)
        hear.assert_called_once_with('instance', 7)
        self.assertEqual(1, len(manager.aborted))

    def test_looks_as_before(self):
        """Nova's decorators and oslo.messaging look at it."""
        stock = Manager.live_migration_abort
        self.useFixture(fixtures.MonkeyPatch(
            '%s.Manager.live_migration_abort.exposed' % __name__, True))
        manager = Manager()
        abort_seam.install(manager, mock.Mock())
        self.assertTrue(manager.live_migration_abort.exposed)
        self.assertIs(stock, inspect.unwrap(
            manager.live_migration_abort.__func__))

    def test_other_nova(self):
        for manager in (OtherManager(), NewerManager(), object()):
            error = self.assertRaises(
                exception.UnknownSeam, abort_seam.install, manager, None)
            self.assertIn('context, instance, migration_id', str(error))
