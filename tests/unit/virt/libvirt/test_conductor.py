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
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor

TIMEOUT = oslo_messaging.MessagingTimeout('no reply')
NO_DATABASE = oslo_messaging.RemoteError('DBConnectionError', 'gone')


class WaitTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.now = 0

        def sleep(seconds):
            self.now += seconds

        clock = mock.Mock(sleep=sleep)
        clock.monotonic.side_effect = lambda: self.now
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor.time', clock))
        self.read = self.useFixture(fixtures.MockPatchObject(
            objects.Migration, 'get_by_id')).mock
        self.ping = self.useFixture(fixtures.MockPatchObject(
            conductor, 'ping')).mock
        self.migration = objects.Migration(id=7)
        self.instance = objects.Instance(
            uuid='6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001')

    def _wait(self):
        conductor.wait(self.migration, self.instance)

    def _logged(self, level):
        return [line for line in self.stdlog.logger.output.splitlines()
                if '%s [nova_migprogress.virt.libvirt.conductor]' % level
                in line]

    def test_answered(self):
        self._wait()
        self.read.assert_called_once_with(self.migration._context, 7)
        self.assertEqual(0, self.now)
        self.assertEqual([], self._logged('WARNING') + self._logged('INFO'))

    def test_answered_later(self):
        self.read.side_effect = [TIMEOUT, NO_DATABASE, TIMEOUT, None]
        self._wait()
        self.assertEqual(4, self.read.call_count)
        self.assertEqual(3 * conductor.PAUSE, self.now)
        # One warning, not one for each attempt.
        self.assertEqual((1, 1), (len(self._logged('WARNING')),
                                  len(self._logged('INFO'))))

    def test_no_conductor(self):
        self.ping.side_effect = [TIMEOUT, None]
        self._wait()
        # Not in vain, and for a minute.
        self.read.assert_called_once_with(self.migration._context, 7)

    def test_never_answered(self):
        self.read.side_effect = TIMEOUT
        self._wait()
        self.assertEqual(conductor.PATIENCE, self.now)

    def test_refusal_is_an_answer(self):
        self.read.side_effect = exception.MigrationNotFound(migration_id=7)
        self._wait()
        self.read.assert_called_once()


class PingTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.MockPatchObject(
            conductor.baserpc, 'BaseAPI')).mock

    def test_answered(self):
        conductor.ping('context')
        self.api.assert_called_once_with(topic='conductor')
        self.api.return_value.ping.assert_called_once_with(
            'context', mock.ANY, timeout=conductor.ANSWER_TIMEOUT)

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
        api.client.prepare.assert_called_once_with(
            timeout=conductor.ANSWER_TIMEOUT)
        client.call.assert_called_once_with(
            'context', 'object_action', objinst=self.migration,
            objmethod='save', args=(), kwargs={})
        # Nobody else's objects.
        self.assertIsNone(objects.Migration.indirection_api)

    def test_objects_that_reach_the_database_themselves(self):
        conductor.make_impatient(self.migration)
        self.assertIsNone(self.migration.indirection_api)
