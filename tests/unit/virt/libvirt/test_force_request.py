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

from nova_migprogress.virt.libvirt import force_request


class ForceRequestTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.wait = mock.Mock(answered_lately=False, away=False)
        self.wait.answered_since.return_value = False
        self.force = mock.Mock()
        self.request = force_request.ForceRequest(self.wait, self.force, None)

    def test_none(self):
        self.request.poll()
        self.force.assert_not_called()

    def test_conductor_has_answered_lately(self):
        self.wait.answered_lately = True
        self.request.make()
        self.force.assert_called_once_with()
        self.wait.ask.assert_not_called()

    def test_conductor_answers_at_once(self):
        self.request.make()
        self.wait.ask.assert_called_once_with()
        self.wait.answered_since.return_value = True
        self.request.poll()
        self.request.poll()
        self.force.assert_called_once_with()

    def test_conductor_answers_later(self):
        self.request.make()
        self.wait.away = True
        for _number in range(3):
            self.request.poll()
            self.request.make()
        self.force.assert_not_called()
        self.wait.ask.assert_called_once_with()
        self.wait.answered_since.return_value = True
        self.request.poll()
        self.force.assert_called_once_with()
        self.assertEqual(1, self.stdlog.logger.output.count(
            'forced to complete when it does'))

    def test_conductor_could_not_be_asked(self):
        """There was no thread to be had."""
        self.request.make()
        self.request.poll()
        self.wait.ask.assert_called_once_with()
        self.wait.asking = False
        self.request.poll()
        self.assertEqual(2, self.wait.ask.call_count)

    def test_each_request_that_waits_is_logged(self):
        for _number in range(2):
            self.wait.answered_since.return_value = False
            self.wait.away = True
            self.request.make()
            self.request.poll()
            self.wait.answered_since.return_value = True
            self.request.poll()
        self.assertEqual(2, self.force.call_count)
        self.assertEqual(2, self.stdlog.logger.output.count(
            'forced to complete when it does'))

    def test_poll_never_raises(self):
        self.force.side_effect = KeyError('over')
        self.request.make()
        self.wait.answered_since.return_value = True
        self.request.poll()
        self.assertIn('Forcing the live migration to complete failed',
                      self.stdlog.logger.output)
