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

import fixtures
from nova import exception
from nova import objects
from nova import test
from oslo_db import exception as db_exception
import oslo_messaging
from oslo_messaging.rpc import client as rpc_client

from nova_migprogress.virt.libvirt import conductor

TIMEOUT = oslo_messaging.MessagingTimeout('no reply')
NO_DATABASE = oslo_messaging.RemoteError('DBConnectionError', 'gone')


class IsOutageTestCase(test.NoDBTestCase):

    def test_conductor_queue_or_database_is_away(self):
        for error in (
                TIMEOUT, NO_DATABASE,
                oslo_messaging.MessageDeliveryFailure('no queue'),
                # A database that only reads.
                oslo_messaging.RemoteError('DBError', '(1290, read-only)'),
                oslo_messaging.RemoteError('OperationalError', 'gone'),
                db_exception.DBConnectionError(), ConnectionResetError(),
                # The outage was met by another service.
                oslo_messaging.RemoteError('RemoteError', 'DBError')):
            self.assertTrue(conductor.is_outage(error), repr(error))

    def test_refusal_is_an_answer(self):
        for error in (
                exception.MigrationNotFound(migration_id=7),
                oslo_messaging.RemoteError('TypeError', 'a bug'),
                oslo_messaging.RemoteError('DBDataError', 'out of range'),
                rpc_client.RPCVersionCapError(version='9.9', version_cap='1'),
                db_exception.DBDataError(), KeyError('ours')):
            self.assertFalse(conductor.is_outage(error), repr(error))

    def test_is_late(self):
        self.assertTrue(conductor.is_late(TIMEOUT))
        self.assertFalse(conductor.is_late(NO_DATABASE))


class PingTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.MockPatchObject(
            conductor.baserpc, 'BaseAPI')).mock

    def test_answered(self):
        conductor.ping('context')
        self.api.assert_called_once_with(topic='conductor')
        self.api.return_value.ping.assert_called_once_with(
            'context', mock.ANY, timeout=10)

    def test_not_answered(self):
        self.api.return_value.ping.side_effect = TIMEOUT
        self.assertRaises(oslo_messaging.MessagingTimeout, conductor.ping,
                          'context')

    def test_cannot_be_asked(self):
        self.api.side_effect = AssertionError('no transport')
        conductor.ping('context')


class ImpatientTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.migration = objects.Migration(context='context', id=7)

    def test_save_is_given_up_sooner(self):
        api = mock.create_autospec(
            conductor.rpcapi.ConductorAPI, instance=True, client=mock.Mock())
        client = api.client.prepare.return_value
        client.call.return_value = ({'memory_total': 5}, None)
        self.migration.indirection_api = api
        conductor.make_impatient(self.migration)
        self.migration.memory_total = 5
        self.migration.save()
        api.client.prepare.assert_called_once_with(timeout=10)
        client.call.assert_called_once_with(
            'context', 'object_action', objinst=self.migration,
            objmethod='save', args=(), kwargs={})
        # Nobody else's objects.
        self.assertIsNone(objects.Migration.indirection_api)

    def test_objects_that_reach_the_database_themselves(self):
        conductor.make_impatient(self.migration)
        self.assertIsNone(self.migration.indirection_api)
