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

from nova import objects
from nova import test

from nova_migprogress.virt.libvirt import log_once

UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class LogOnceTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.log = mock.Mock()
        self.log_once = log_once.LogOnce(self.log, 'no %s', instance='guest')

    def test_first(self):
        self.assertFalse(self.log_once.logged)
        self.log_once(1)
        self.log_once(2)
        self.log.assert_called_once_with('no %s', 1, instance='guest')
        self.assertTrue(self.log_once.logged)

    def test_other_reason(self):
        for reason in ('one', 'one', 'two', 'one'):
            self.log_once(reason, reason=reason)
        self.assertEqual(
            ['one', 'two', 'one'],
            [call[0][1] for call in self.log.call_args_list])

    def test_reset(self):
        self.log_once(1)
        self.log_once.reset()
        self.assertFalse(self.log_once.logged)
        self.log_once(2)
        self.assertEqual(2, self.log.call_count)


class RecordingFailureTestCase(test.NoDBTestCase):

    def test_exception_is_logged(self):
        objects.register_all()
        log_failure = log_once.recording_failure(objects.Instance(uuid=UUID))
        for error in (ValueError('first'), ValueError('second')):
            try:
                raise error
            except ValueError:
                log_failure()
        output = self.stdlog.logger.output
        self.assertEqual(1, output.count(
            'Recording the progress of the migration failed; the migration '
            'is not affected'))
        self.assertIn('ValueError: first', output)
        self.assertNotIn('ValueError: second', output)
