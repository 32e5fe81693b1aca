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
from nova import objects
from nova import test
import oslo_messaging

from nova_migprogress.virt.libvirt import end_steps

TIMEOUT = oslo_messaging.MessagingTimeout('no reply')
NO_DATABASE = oslo_messaging.RemoteError('DBConnectionError', 'gone')


class OnceTestCase(test.NoDBTestCase):

    def test_each_once(self):
        step = mock.Mock(side_effect=[ValueError('no'), 'done', 'again'])
        with end_steps.each_once():
            self.assertRaises(ValueError, end_steps.once, 'one', step)
            self.assertFalse(end_steps.is_done('one'))
            self.assertEqual('done', end_steps.once('one', step))
            self.assertTrue(end_steps.is_done('one'))
            self.assertIsNone(end_steps.once('one', step))
            self.assertFalse(end_steps.is_done('two'))
        self.assertFalse(end_steps.is_done('one'))
        self.assertEqual('again', end_steps.once('one', step))
        self.assertFalse(end_steps.is_done('one'))


class TellDestinationTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        for name in ('PATIENCE', 'PAUSE'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.end_steps.DESTINATION_' + name,
                0.01))
        self.get = self.useFixture(fixtures.MockPatchObject(
            objects.Instance, 'get_by_uuid')).mock
        self.get.return_value = mock.Mock(host='src', vm_state='active')
        self.instance = mock.Mock(uuid='ba5e', _context='context')
        self.wait = mock.Mock()
        self.wait.wait.return_value = True

    def tell(self, *results):
        self.told = mock.Mock(side_effect=results)
        return end_steps.tell_destination(
            self.told, self.instance, 'dest', self.wait)

    def test_done(self):
        self.assertEqual('done', self.tell('done'))
        self.wait.wait.assert_not_called()

    def test_told_again(self):
        for error in (TIMEOUT, NO_DATABASE):
            self.assertEqual('done', self.tell(error, 'done'))
            self.get.assert_called_with('context', 'ba5e', expected_attrs=[])

    def test_recorded(self):
        self.get.return_value.host = 'dest'
        self.assertIsNone(self.tell(TIMEOUT))
        self.told.assert_called_once_with()

    def test_recorded_by_the_call_that_was_not_answered(self):
        """It was still at work when it was given up here."""
        self.get.side_effect = [mock.Mock(host='src'),
                                mock.Mock(host='dest', vm_state='active')]
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.end_steps.DESTINATION_PATIENCE',
            10))
        self.assertIsNone(self.tell(TIMEOUT))
        self.told.assert_called_once_with()

    def test_first_call_is_done_when_the_second_comes(self):
        """It refuses: the server is in no state to be migrated any more."""
        self.get.side_effect = [mock.Mock(host='src'), mock.Mock(host='src'),
                                mock.Mock(host='dest', vm_state='active')]
        self.assertIsNone(self.tell(
            NO_DATABASE, NO_DATABASE, ValueError('task state')))
        self.get.side_effect = None
        self.assertRaises(ValueError, self.tell, NO_DATABASE,
                          ValueError('of its own'))

    def test_conductor_goes_again(self):
        self.get.side_effect = [NO_DATABASE] * 3 + [
            mock.Mock(host='dest', vm_state='active')]
        self.assertIsNone(self.tell(TIMEOUT))
        self.assertEqual(4, self.wait.wait.call_count)
        self.get.side_effect = [NO_DATABASE] * 6
        self.assertRaises(oslo_messaging.RemoteError, self.tell, TIMEOUT)

    def test_failed_and_recorded(self):
        self.get.return_value = mock.Mock(host='dest', vm_state='error')
        self.assertRaises(oslo_messaging.RemoteError, self.tell, NO_DATABASE)
        self.told.assert_called_once_with()

    def test_given_up(self):
        self.wait.wait.return_value = False
        self.assertRaises(oslo_messaging.MessagingTimeout, self.tell, TIMEOUT)

    def test_not_for_ever(self):
        self.assertRaises(oslo_messaging.RemoteError, self.tell,
                          *[NO_DATABASE] * 6)
        self.assertEqual(3, self.told.call_count)

    def test_other_errors_are_novas(self):
        self.assertRaises(ValueError, self.tell, ValueError('stock'))
        self.wait.wait.assert_not_called()
