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


import threading
import time
from unittest import mock

import fixtures
from nova import exception
from nova import test
import oslo_messaging

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import job_stats
from tests.unit.virt.libvirt import base

TIMEOUT = oslo_messaging.MessagingTimeout('no reply')
NO_DATABASE = oslo_messaging.RemoteError('DBConnectionError', 'gone')
NUMBERS = job_stats.ProgressNumbers(9, 12, 0, 3, 3, 0)


class ConductorWaitTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        conf.register_opts(conductor_wait.CONF)
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.PAUSE', 0.01))
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.STEP', 0.05))
        self.ping = self.useFixture(fixtures.MockPatchObject(
            conductor, 'ping')).mock
        self.save = mock.Mock()
        self.migration = base.FakeMigration(self.save)
        self.stopping = False
        self.wait = conductor_wait.ConductorWait(
            self.migration, None, 'src', lambda: self.stopping)
        self.addCleanup(self.wait.close)

    def logged(self, level):
        return [line for line in self.stdlog.logger.output.splitlines()
                if '%s [%s]' % (level, conductor_wait.__name__) in line]

    def begin_end(self, dest='dest'):
        self.wait.begin_end(lambda: NUMBERS, dest)
        self.wait_until_answered()

    def wait_until_answered(self):
        deadline = time.monotonic() + 10
        while self.wait._asking:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def test_answered(self):
        self.assertTrue(self.wait.wait())
        self.save.assert_called_once_with()
        # A write, though no number has changed.
        self.assertIsNotNone(self.migration.updated_at.tzinfo)
        self.assertIsNone(self.migration.memory_total)
        self.ping.assert_not_called()
        self.assertEqual([], self.logged('WARNING') + self.logged('INFO'))
        self.assertFalse(self.wait.outlasted())

    def test_it_is_asked_every_time(self):
        self.begin_end()
        self.wait.wait()
        self.wait.wait()
        self.assertEqual(3, self.save.call_count)

    def test_question_of_before_is_not_enough(self):
        go = threading.Event()
        began = threading.Event()

        def save():
            began.set()
            go.wait()

        self.save.side_effect = save
        self.wait.ask()
        began.wait()
        threading.Timer(0.1, go.set).start()
        self.wait.wait()
        self.assertEqual(2, self.save.call_count)

    def test_final_numbers_are_written(self):
        self.begin_end()
        self.assertEqual(NUMBERS, (
            self.migration.memory_total, self.migration.memory_processed,
            self.migration.memory_remaining, self.migration.disk_total,
            self.migration.disk_processed, self.migration.disk_remaining))

    def test_answered_later(self):
        self.save.side_effect = [TIMEOUT, NO_DATABASE, NO_DATABASE, None]
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.PAUSE', 0.1))
        self.assertTrue(self.wait.wait())
        self.assertEqual(4, self.save.call_count)
        # No save is sent before something answers.
        self.assertEqual(3, self.ping.call_count)
        self.assertEqual((1, 1), (len(self.logged('WARNING')),
                                  len(self.logged('INFO'))))
        self.assertTrue(self.wait.unanswered)
        self.assertTrue(self.wait.was_away)

    def test_refusal_is_an_answer(self):
        for error in (exception.MigrationNotFound(migration_id=7),
                      oslo_messaging.RemoteError('TypeError', 'a bug')):
            self.save.side_effect = error
            self.save.reset_mock()
            self.assertTrue(self.wait.wait())
            self.save.assert_called_once_with()
        self.assertFalse(self.wait.was_away)

    def hang(self):
        go = threading.Event()
        self.addCleanup(go.set)
        self.save.side_effect = go.wait

    def test_given_up_although_the_question_hangs(self):
        self.flags(conductor_patience=1, group='migration_progress')
        self.hang()
        self.wait.begin_end(lambda: None, 'dest')
        began = time.monotonic()
        self.assertFalse(self.wait.wait())
        self.assertLess(time.monotonic() - began, 5)
        self.assertTrue(self.wait.unanswered)
        self.assertIn('The guest runs on the host dest, which Nova may not '
                      'have recorded', self.logged('WARNING')[-1])
        # Not once more.
        began = time.monotonic()
        self.assertFalse(self.wait.wait())
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertFalse(self.wait.outlasted())

    def test_two_answers_are_not_one_that_is_late(self):
        self.save.side_effect = lambda: time.sleep(0.7)
        self.wait.begin_end(lambda: None)
        self.assertTrue(self.wait.wait())
        self.assertEqual(2, self.save.call_count)
        self.assertEqual([], self.logged('WARNING'))
        self.assertFalse(self.wait.was_away)

    def test_patience_is_that_of_all_waits(self):
        """The conductor comes and goes."""
        self.flags(conductor_patience=1, group='migration_progress')
        self.save.side_effect = lambda: time.sleep(0.7)
        began = time.monotonic()
        self.assertTrue(self.wait.wait())
        self.assertFalse(self.wait.wait())
        self.assertLess(time.monotonic() - began, 1.3)
        self.assertIn('any longer, after 1 seconds',
                      self.logged('WARNING')[-1])

    def test_given_up_after_a_failure(self):
        self.flags(conductor_patience=1, group='migration_progress')
        self.hang()
        self.wait.begin_end(lambda: None)
        self.wait.wait()
        self.assertIn('The guest runs on the host src, where it was',
                      self.logged('WARNING')[-1])

    def test_service_is_being_stopped(self):
        self.hang()
        self.wait.begin_end(lambda: None, 'dest')
        self.stopping = True
        self.assertFalse(self.wait.wait())
        self.assertIn('nova-compute is being stopped',
                      self.logged('WARNING')[-1])

    def test_conductor_answers_while_the_service_is_being_stopped(self):
        """Nova 34 lets migrations end then; nothing is wrong with them."""
        self.save.side_effect = lambda: time.sleep(0.2)
        self.stopping = True
        self.assertTrue(self.wait.wait())
        self.assertEqual([], self.logged('WARNING'))

    def test_closed_while_the_conductor_is_pinged(self):
        """Nova has saved a later status by then."""
        pinged = threading.Event()
        self.addCleanup(pinged.set)
        self.save.side_effect = [TIMEOUT, None]
        self.ping.side_effect = lambda *args: pinged.wait()
        self.wait.save_status('running (post-copy)')
        deadline = time.monotonic() + 10
        while not self.ping.called:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)
        self.wait.close()
        pinged.set()
        self.wait_until_answered()
        self.assertEqual(1, self.save.call_count)

    def test_slow_conductor_is_given_more_time(self):
        """Stock Nova would wait rpc_response_timeout for each answer."""
        seconds = []

        def ping(_context, timeout):
            if timeout < 15:
                raise TIMEOUT

        def save():
            seconds.append(self.wait._api.timeout)
            if seconds[-1] < 30:
                raise TIMEOUT

        self.wait._api = mock.Mock()
        self.ping.side_effect = ping
        self.save.side_effect = save
        self.assertTrue(self.wait.wait())
        self.assertEqual([10, 20, 20, 20, 40], seconds)

    def test_no_more_time_than_nova_gives(self):
        self.wait._timeouts = 100
        self.assertEqual(60, self.wait._answer_timeout())

    def test_no_patience(self):
        self.flags(conductor_patience=0, group='migration_progress')
        self.wait.begin_end(lambda: None, 'dest')
        self.assertTrue(self.wait.wait())
        self.assertFalse(self.wait.outlasted())
        self.save.assert_not_called()

    def test_status_is_saved_once(self):
        statuses = []
        self.save.side_effect = lambda: statuses.append(
            getattr(self.migration, 'status', None))
        self.wait.save_status('running (post-copy)')
        self.wait_until_answered()
        self.assertEqual(['running (post-copy)'], statuses)
        self.assertIsNone(self.wait._status)

    def test_status_that_comes_while_it_is_asked(self):
        statuses = []

        def save():
            statuses.append(getattr(self.migration, 'status', None))
            if len(statuses) == 1:
                self.wait.save_status('running (post-copy)')

        self.save.side_effect = save
        self.wait.ask()
        self.wait_until_answered()
        self.assertEqual([None, 'running (post-copy)'], statuses)

    def test_no_thread_can_be_started(self):
        with mock.patch('threading.Thread.start',
                        side_effect=RuntimeError("can't start new thread")):
            self.assertTrue(self.wait.wait())
        self.assertFalse(self.wait.away)

    def test_bad_value_of_a_reload(self):
        with mock.patch.object(
                conductor_wait, 'CONF',
                mock.Mock(migration_progress=mock.MagicMock())) as patched:
            type(patched.migration_progress).conductor_patience = (
                mock.PropertyMock(
                    side_effect=conductor_wait.cfg.ConfigFileValueError('x')))
            self.assertEqual(900, conductor_wait.get_patience())
