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


import datetime
import threading
import time
from unittest import mock

import fixtures
from nova import exception
from nova import objects
from nova import test
import oslo_messaging

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import job_stats
from tests.unit.virt.libvirt import base
from tests.unit.virt.libvirt import threads

TIMEOUT = oslo_messaging.MessagingTimeout('no reply')
NO_DATABASE = oslo_messaging.RemoteError('DBConnectionError', 'gone')
PAUSE = conductor_wait.PAUSE
NUMBERS = job_stats.ProgressNumbers(9, 12, 0, 3, 3, 0)


class ConductorWaitTestCase(threads.ThreadsMixin, test.NoDBTestCase):

    THREAD = 'migration-progress-proof'

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
        self.wait_for(lambda: not self.wait._asking)

    def test_answered(self):
        self.assertTrue(self.wait.wait())
        self.save.assert_called_once_with()
        # A write, though no number has changed.
        self.assertEqual(0, self.migration.updated_at.microsecond)
        self.assertLess(
            abs(datetime.datetime.now(datetime.timezone.utc) -
                self.migration.updated_at), datetime.timedelta(seconds=30))
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

    def test_numbers_that_are_not_known_are_not_written(self):
        self.migration.memory_total = 5
        self.wait.begin_end(lambda: job_stats.ProgressNumbers(
            None, None, None, 3, 2, 1))
        self.wait_until_answered()
        self.assertEqual((5, 3, 2, 1), (
            self.migration.memory_total, self.migration.disk_total,
            self.migration.disk_processed, self.migration.disk_remaining))

    def test_nothing_else_of_the_migration_is_written(self):
        objects.register_all()
        saved = []
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Migration.save',
            lambda migration: saved.append(
                (migration, migration.obj_get_changes()))))
        impatient = self.useFixture(fixtures.MockPatchObject(
            conductor, 'make_impatient')).mock
        novas = objects.Migration(id=7, status='running', memory_total=5)
        wait = conductor_wait.ConductorWait(novas, None, 'src', lambda: False)
        self.assertTrue(wait.wait())
        (migration, changes), = saved
        self.assertEqual({'updated_at'}, set(changes))
        self.assertEqual(7, migration.id)
        self.assertIsNot(novas, migration)
        impatient.assert_called_once_with(migration)

    def test_two_seconds_between_two_attempts(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.PAUSE', PAUSE))
        pauses = []
        self.wait._over.wait = pauses.append
        self.save.side_effect = [TIMEOUT, NO_DATABASE, None]
        self.assertTrue(self.wait.wait())
        self.assertEqual([2, 2], pauses)

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
        # The first reason.
        self.assertIn('The conductor does not answer (no reply). The end of '
                      'the live migration is completed as soon as it does, '
                      'for at most 900 seconds it is waited for.',
                      self.logged('WARNING')[0])
        self.assertIn('Nova goes on with the end of the live migration after '
                      '0 seconds', self.logged('INFO')[0])

    def test_what_was_refused_is_not_done_later(self):
        self.save.side_effect = [NO_DATABASE, None]
        self.assertTrue(self.wait.wait())
        self.assertTrue(self.wait.was_away)
        self.assertFalse(self.wait.unanswered)

    def test_outage_at_the_end_is_outlasted(self):
        self.save.side_effect = [NO_DATABASE, None, None, None]
        self.begin_end()
        for patience, expected in ((900, True), (1, True), (0, False)):
            self.flags(conductor_patience=patience,
                       group='migration_progress')
            self.assertIs(expected, self.wait.outlasted())

    def test_outage_before_the_end_does_not_count(self):
        self.save.side_effect = [NO_DATABASE, None, None, None]
        self.wait.wait()
        self.assertTrue(self.wait.was_away)
        self.begin_end()
        self.assertFalse(self.wait.outlasted())

    def test_outage_that_began_before_the_end(self):
        go = self.hang([NO_DATABASE])
        self.wait.ask()
        self.wait_for(lambda: self.wait.away)
        self.wait.begin_end(lambda: NUMBERS, 'dest')
        self.assertTrue(self.wait.was_away)
        go.set()
        self.assertTrue(self.wait.outlasted())

    def test_waiting_takes_no_time_of_the_processor(self):
        self.wait.wait()
        go = self.hang()
        looks = []
        self.wait._is_stopping = lambda: looks.append(1) and False
        threading.Timer(0.3, go.set).start()
        self.assertTrue(self.wait.wait())
        # One in 0.05 seconds.
        self.assertLess(len(looks), 20)

    def test_one_thread_asks(self):
        go = self.hang()
        for _number in range(3):
            self.wait.ask()
        self.assertEqual(1, self.threads())
        go.set()
        self.wait_until_answered()
        self.wait_for(lambda: not self.threads())
        self.assertEqual(2, self.save.call_count)

    def test_closed(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.PAUSE', 1000))
        self.save.side_effect = TIMEOUT
        self.wait.ask()
        self.wait_for(lambda: self.wait.away)
        self.wait.close()
        self.wait_until_answered()
        self.assertFalse(self.wait.away)
        self.wait.ask()
        self.wait.save_status('running (post-copy)')
        self.wait_for(lambda: not self.threads())
        self.save.assert_called_once_with()

    def test_thread_that_is_ended(self):
        """Whoever waits goes on, and the next question is a new one."""
        self.save.side_effect = [TIMEOUT, SystemExit()]
        self.assertTrue(self.wait.wait())
        self.assertIn('The conductor cannot be asked',
                      self.stdlog.logger.output)
        self.ping.reset_mock()
        self.save.side_effect = None
        self.assertTrue(self.wait.wait())
        self.ping.assert_not_called()

    def test_refusal_is_an_answer(self):
        for error in (exception.MigrationNotFound(migration_id=7),
                      oslo_messaging.RemoteError('TypeError', 'a bug')):
            self.save.side_effect = error
            self.save.reset_mock()
            self.assertTrue(self.wait.wait())
            self.save.assert_called_once_with()
        self.assertFalse(self.wait.was_away)

    def hang(self, answers=()):
        """Let saves wait, once these are given, for the event returned."""
        go = threading.Event()
        self.addCleanup(go.set)
        answers = list(answers)

        def save():
            if answers:
                raise answers.pop(0)
            go.wait()

        self.save.side_effect = save
        return go

    def test_what_is_known_of_the_conductor(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor_wait.time',
            mock.Mock(monotonic=lambda: self.now)))
        self.now = 100.0

        def assert_known(answered_lately, answered_since, away):
            """The second: since 102."""
            self.assertEqual(
                (answered_lately, answered_since, away),
                (self.wait.answered_lately, self.wait.answered_since(102),
                 self.wait.away))

        assert_known(False, False, False)
        go = self.hang()
        self.wait.ask()
        assert_known(False, False, False)
        self.now = 101.0
        assert_known(False, False, False)
        self.now = 101.1
        assert_known(False, False, True)
        self.now = 102.0
        go.set()
        self.wait_until_answered()
        assert_known(True, True, False)
        self.assertFalse(self.wait.answered_since(102.1))
        self.now = 103.0
        assert_known(True, True, False)
        self.now = 103.1
        assert_known(False, True, False)
        # That may have changed since.
        go.clear()
        self.now = 102.5
        self.wait.ask()
        assert_known(False, False, False)
        go.set()
        self.wait_until_answered()
        self.now = 102.6
        assert_known(True, True, False)
        # It is known at once what a failure means.
        go = self.hang([NO_DATABASE])
        self.wait.ask()
        self.wait_for(lambda: self.wait.away)
        assert_known(False, False, True)
        go.set()
        self.wait_until_answered()
        assert_known(True, True, False)

    def test_given_up_although_the_question_hangs(self):
        self.flags(conductor_patience=1, group='migration_progress')
        go = self.hang()
        self.wait.begin_end(lambda: None, 'dest')
        began = time.monotonic()
        self.assertFalse(self.wait.wait())
        self.assertTrue(1 <= time.monotonic() - began < 5)
        self.assertTrue(self.wait.unanswered)
        self.assertIn('The conductor is not waited for any longer, after 1 '
                      'seconds. The guest runs on the host dest, which Nova '
                      'may not have recorded', self.logged('WARNING')[-1])
        # Not once more.
        began = time.monotonic()
        self.assertFalse(self.wait.wait())
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertFalse(self.wait.outlasted())
        # Nor by the thread, when that has its answer.
        go.set()
        self.wait_for(lambda: not self.threads())
        self.save.assert_called_once_with()

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

    def test_own_bug_keeps_nobody_waiting(self):
        self.hang()
        self.wait._is_stopping = mock.Mock(side_effect=ValueError('ours'))
        self.assertTrue(self.wait.wait())
        self.assertIn('ValueError: ours', self.stdlog.logger.output)

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

    def test_status_that_comes_when_an_outage_ends(self):
        statuses = []

        def save():
            statuses.append(getattr(self.migration, 'status', None))
            if len(statuses) == 1:
                raise NO_DATABASE
            if len(statuses) == 2:
                self.wait.save_status('running (post-copy)')

        self.save.side_effect = save
        self.wait.ask()
        self.wait_until_answered()
        self.assertEqual([None, None, 'running (post-copy)'], statuses)
        # What has just answered is there.
        self.ping.assert_called_once_with('context', 10)

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
            self.wait.ask()
            self.wait.save_status('running (post-copy)')
            self.assertTrue(self.wait.wait())
        self.assertFalse(self.wait.away)
        # Nothing is forgotten.
        self.wait.ask()
        self.wait_until_answered()
        self.assertEqual('running (post-copy)', self.migration.status)

    def test_bad_value_of_a_reload(self):
        with mock.patch.object(
                conductor_wait, 'CONF',
                mock.Mock(migration_progress=mock.MagicMock())) as patched:
            type(patched.migration_progress).conductor_patience = (
                mock.PropertyMock(
                    side_effect=conductor_wait.cfg.ConfigFileValueError('x')))
            self.assertEqual(900, conductor_wait.get_patience())
        self.assertIn('900 seconds are used', self.stdlog.logger.output)
