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

import importlib.util
import time
import types
from unittest import mock

import fixtures
from nova import objects
from nova import test
from nova.virt.libvirt import guest as libvirt_guest
import oslo_messaging

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import live_observer

MIB = 1024 * 1024
TOTAL = 257 * MIB
JOB_TYPES = {'VIR_DOMAIN_JOB_NONE': 0, 'VIR_DOMAIN_JOB_UNBOUNDED': 2}


def job_info(*memory, job_type=2):
    return libvirt_guest.JobInfo(
        type=job_type, **dict(zip(fields.MEMORY_NAMES, memory)))


class ImportTestCase(test.NoDBTestCase):

    def test_without_libvirt(self):
        """As on a node that Nova's driver is only imported on."""
        spec = importlib.util.find_spec(live_observer.__name__)
        module = importlib.util.module_from_spec(spec)
        with mock.patch.dict('sys.modules', libvirt=None):
            spec.loader.exec_module(module)
        self.assertIsNone(module.libvirt)


class ObservedGuestTestCase(test.NoDBTestCase):

    def test_poll_is_shown_and_passed_on(self):
        guest = mock.Mock()
        observe = mock.Mock()
        observed = live_observer.ObservedGuest(guest, observe)
        self.assertIs(guest.get_job_info.return_value, observed.get_job_info())
        observe.assert_called_once_with(guest.get_job_info.return_value)

    def test_all_else_is_the_guest(self):
        guest = mock.Mock()
        observed = live_observer.ObservedGuest(guest, None)
        observed.abort_job(1, two=2)
        guest.abort_job.assert_called_once_with(1, two=2)

    def test_guest_of_another_making_is_polled_as_it_is(self):
        class Guest:
            _domain = mock.sentinel.domain

            def get_job_info(self):
                return self

        guest = Guest()
        observed = live_observer.ObservedGuest(guest, mock.Mock())
        self.assertIs(guest, observed.get_job_info())

    def test_failing_poll_is_the_guests(self):
        guest = mock.Mock()
        guest.get_job_info.side_effect = KeyError('stock')
        observe = mock.Mock()
        observed = live_observer.ObservedGuest(guest, observe)
        self.assertRaises(KeyError, observed.get_job_info)
        observe.assert_not_called()


class LibvirtError(Exception):
    """As far as Nova looks at it, libvirt's libvirtError."""

    def __init__(self, code, message):
        super().__init__(message)
        self._code = code

    def get_error_code(self):
        return self._code

    def get_error_message(self):
        return str(self)


class PolledGuestTestCase(test.NoDBTestCase):
    """With Nova's own guest."""

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.guest.libvirt', types.SimpleNamespace(
                libvirtError=LibvirtError, VIR_ERR_NO_SUPPORT=3,
                VIR_ERR_INTERNAL_ERROR=1, VIR_ERR_NO_DOMAIN=42,
                VIR_ERR_OPERATION_INVALID=55, VIR_DOMAIN_JOB_COMPLETED=3,
                **JOB_TYPES)))
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.guest.JobInfo._have_job_stats', True))
        self.domain = mock.Mock()
        self.guest = libvirt_guest.Guest(self.domain)
        self.observe = mock.Mock()
        self.observed = live_observer.ObservedGuest(self.guest, self.observe)

    def poll(self, statistics):
        self.observe.reset_mock()
        self.domain.jobStats.side_effect = [statistics]
        return self.observed.get_job_info()

    def test_poll_is_shown_and_passed_on(self):
        for operation in ({}, {'operation': 5}):
            info = self.poll({'type': 2, 'memory_total': 7, **operation})
            self.assertEqual((2, 7), (info.type, info.memory_total))
            self.observe.assert_called_once_with(info)

    def test_other_jobs_are_not_shown(self):
        info = self.poll({'type': 2, 'memory_total': 7, 'operation': 8})
        # Nova's monitor does with it what it always did.
        self.assertEqual((2, 7), (info.type, info.memory_total))
        self.observe.assert_not_called()

    def test_end_after_another_job(self):
        self.poll({'type': 2, 'operation': 8})
        info = self.poll(LibvirtError(42, 'no domain'))
        self.assertEqual(3, info.type)
        self.observe.assert_called_once_with(info)

    def test_all_else_is_the_guest(self):
        self.observed.pause()
        self.domain.suspend.assert_called_once_with()
        self.assertIs(self.domain, self.guest._domain)

    def test_no_memory_numbers(self):
        message = 'igration was active, but no RAM info was set'
        for code, begin in ((1, 'internal error: m'), (1, 'M'), (9, 'm')):
            info = self.poll(LibvirtError(code, begin + message))
            self.assertEqual(0, info.type)

    def test_no_memory_numbers_in_an_error_without_details(self):
        error = LibvirtError(9, 'no RAM info was set')
        error.get_error_message = lambda: None
        self.assertEqual(0, self.poll(error).type)

    def test_no_memory_numbers_of_an_old_libvirt(self):
        self.domain.jobInfo.side_effect = LibvirtError(
            1, 'migration was active, but no RAM info was set')
        info = self.poll(LibvirtError(3, 'no such function'))
        self.assertEqual(0, info.type)

    def test_other_errors_are_novas(self):
        error = LibvirtError(1, 'broken')
        self.assertIs(error, self.assertRaises(
            LibvirtError, self.poll, error))
        self.observe.assert_not_called()


class LiveObserverTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        # These tests do not need the libvirt that they run beside.
        for module in ('nova.virt.libvirt.guest',
                       'nova_migprogress.virt.libvirt.live_observer'):
            self.useFixture(fixtures.MonkeyPatch(
                module + '.libvirt', types.SimpleNamespace(**JOB_TYPES)))
        self.instance = objects.Instance(
            uuid='6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001',
            flavor=objects.Flavor(memory_mb=256))
        self.migration = objects.Migration(id=1, status='running')
        self.migration.obj_reset_changes()
        self.listener = mock.Mock(statistics=None)
        self.recorder = mock.Mock()
        self.recorder.start.return_value.troubled = False
        self.wait = mock.Mock(unanswered=False)
        conf.register_opts(conductor_wait.CONF)
        self.writer = self.recorder.start.return_value
        self.observer = live_observer.LiveObserver(
            self.recorder, self.instance, self.migration, self.listener,
            self.wait)

    def left_on_migration(self):
        self.assertEqual(set(fields.NAMES),
                         self.migration.obj_what_changed())
        return tuple(getattr(self.migration, name) for name in fields.NAMES)

    def test_running_job_is_sampled(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.writer.put.assert_called_once_with(
            (TOTAL, 1, TOTAL - 1, 0, 0, 0))
        # Nothing is left for another save of Nova's to carry.
        self.assertEqual(set(), self.migration.obj_what_changed())

    def test_memory_to_come_is_the_flavors(self):
        self.observer.observe(libvirt_guest.JobInfo(
            type=2, disk_total=50, disk_processed=10, disk_remaining=40))
        self.writer.put.assert_called_once_with(
            (256 * MIB, 0, 256 * MIB, 50, 10, 40))

    def test_conductor_is_away_when_its_writer_is_in_trouble(self):
        for troubled in (False, True):
            self.writer.troubled = troubled
            self.assertIs(troubled, self.observer.conductor_away)

    def test_poll_that_says_nothing(self):
        # The recorder may not have written yet what came before.
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.observe(job_info(TOTAL, 2, 2 ** 64 - 4096))
        self.assertEqual([mock.call((TOTAL, 1, TOTAL - 1, 0, 0, 0))] * 2,
                         self.writer.put.call_args_list)

    def test_other_jobs_are_not(self):
        for job_type in (0, 1, 3, 4, 5):
            self.observer.observe(job_info(TOTAL, 1, 2, job_type=job_type))
        self.observer.observe(job_info(0, 0, 0))
        self.writer.put.assert_not_called()

    def test_what_nova_would_abort(self):
        self.assertTrue(self.observer.can_be_aborted(1))
        self.assertFalse(self.observer.can_be_aborted(2))
        for status in ('preparing', 'running (post-copy)', 'completed',
                       'cancelled'):
            self.migration.status = status
            self.assertFalse(self.observer.can_be_aborted(1))

    def test_completed(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.listener.statistics = {'memory_total': TOTAL,
                                    'memory_processed': 99}
        post = mock.Mock()
        result = self.observer.wrap_post_method(post, 'dest')(
            'context', one=1)
        post.assert_called_once_with('context', one=1)
        self.assertIs(post.return_value, result)
        final = (TOTAL, 99, 0, 0, 0, 0)
        self.assertEqual(final, self.left_on_migration())
        self.writer.end.assert_called_once_with()

        self.migration.obj_reset_changes()  # Nova's final save
        self.observer.close()
        self.writer.close.assert_called_once_with(final, True, False)

    def test_completed_event_late(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        started = time.monotonic()
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        self.assertLess(time.monotonic() - started, 1)
        self.assertEqual((TOTAL, 1, 0, 0, 0, 0), self.left_on_migration())
        self.migration.obj_reset_changes()
        self.listener.statistics = {'memory_total': TOTAL,
                                    'memory_processed': 99}
        self.observer.close()
        self.writer.close.assert_called_once_with(
            (TOTAL, 99, 0, 0, 0, 0), False, False)

    def test_completed_but_nova_could_not_save(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        self.observer.close()
        self.writer.close.assert_called_once_with(
            (TOTAL, 1, 0, 0, 0, 0), False, False)

    def test_failed_leaves_the_newest_sample(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.observe(job_info(TOTAL, 2, TOTAL - 2))
        self.observer.observe(job_info(0, 0, 0))
        recover = mock.Mock()
        self.observer.wrap_recover_method(recover)(
            'context', status='cancelled')
        recover.assert_called_once_with('context', status='cancelled')
        self.assertEqual((TOTAL, 2, TOTAL - 2, 0, 0, 0),
                         self.left_on_migration())

    def test_failed_before_anything_was_known(self):
        self.observer.wrap_recover_method(mock.Mock())()
        self.assertEqual(set(), self.migration.obj_what_changed())
        self.observer.close()
        self.writer.close.assert_called_once_with(None, True, False)

    def test_monitor_failed(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.failed()
        self.assertEqual((TOTAL, 1, TOTAL - 1, 0, 0, 0),
                         self.left_on_migration())

    def test_monitor_failed_in_post_method(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        self.observer.failed()
        self.assertEqual((TOTAL, 1, 0, 0, 0, 0), self.left_on_migration())

    def test_our_own_errors_are_swallowed_and_logged_once(self):
        self.writer.put.side_effect = RuntimeError('ours')
        self.writer.end.side_effect = RuntimeError('ours')
        self.writer.close.side_effect = RuntimeError('ours')
        self.observer.observe(None)
        for _number in range(3):
            self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        post = mock.Mock(side_effect=ValueError('stock'))
        self.assertRaises(ValueError,
                          self.observer.wrap_post_method(post, 'dest'))
        self.observer.close()
        post.assert_called_once_with()
        self.assertEqual(1, self.stdlog.logger.output.count(
            'Recording the progress of the migration failed'))

    def assert_logged(self, times):
        self.assertEqual(times, self.stdlog.logger.output.count(
            'Recording the progress of the migration failed'))

    def test_error_of_a_poll_is_logged(self):
        self.writer.put.side_effect = RuntimeError('ours')
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.assert_logged(1)

    def test_error_at_the_end_is_logged(self):
        self.writer.end.side_effect = RuntimeError('ours')
        self.observer.failed()
        self.assert_logged(1)

    def test_error_of_closing_is_logged(self):
        self.writer.close.side_effect = RuntimeError('ours')
        self.observer.close()
        self.assert_logged(1)

    def test_neither_succeeded_nor_failed(self):
        """Then nothing is known of the end, and nothing claimed."""
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.listener.statistics = {'memory_total': TOTAL,
                                    'memory_processed': 99}
        self.observer.close()
        self.writer.close.assert_called_once_with(None, True, False)

    def wait_for_event(self, arrives_after):
        """End the migration, with an event after some pauses; returns them."""
        self.now = 0
        pauses = []

        def sleep(seconds):
            pauses.append(seconds)
            self.now = round(self.now + seconds, 6)
            if len(pauses) == arrives_after:
                self.listener.statistics = {'memory_total': TOTAL,
                                            'memory_processed': 99}

        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.live_observer.time',
            types.SimpleNamespace(monotonic=lambda: self.now, sleep=sleep)))
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        return pauses

    def test_event_a_little_late(self):
        self.assertEqual([0.005] * 3, self.wait_for_event(3))
        self.assertEqual((TOTAL, 99, 0, 0, 0, 0), self.left_on_migration())

    def test_end_is_held_up_for_40_milliseconds_at_the_most(self):
        self.assertEqual([0.005] * 8, self.wait_for_event(9))
        self.assertEqual((TOTAL, 1, 0, 0, 0, 0), self.left_on_migration())

    def test_conductor_is_asked_at_the_end(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        self.wait.begin_end.assert_called_once_with(mock.ANY, 'dest')
        self.assertEqual((TOTAL, 1, 0, 0, 0, 0),
                         self.wait.begin_end.call_args[0][0]())
        # Not before the network is switched over.
        self.wait.wait.assert_not_called()

    def test_conductor_is_awaited_before_the_roll_back(self):
        self.wait.wait.side_effect = lambda: recover.assert_not_called()
        recover = mock.Mock()
        self.observer.wrap_recover_method(recover)('context')
        self.wait.begin_end.assert_called_once_with(mock.ANY)
        self.wait.wait.assert_called_once_with()
        recover.assert_called_once_with('context')

    def test_what_was_asked_in_vain_may_be_written_late(self):
        self.observer.observe(job_info(TOTAL, 1, TOTAL - 1))
        self.observer.wrap_post_method(mock.Mock(), 'dest')()
        self.migration.obj_reset_changes()
        self.wait.unanswered = True
        self.observer.close()
        self.writer.close.assert_called_once_with(
            (TOTAL, 1, 0, 0, 0, 0), True, True)

    def fail_once(self, host, error=None):
        """Let Nova's end fail once, the database having this host."""
        self.flags(conductor_patience=1, group='migration_progress')
        self.instance.host = host[0]
        self.instance.refresh = lambda: setattr(
            self.instance, 'host', host[-1])
        self.instance.save = mock.Mock()
        post = mock.Mock(side_effect=[
            error or oslo_messaging.MessagingTimeout('no reply'), 'done'])
        return post, self.observer.wrap_post_method(post, 'dest')

    def test_interrupted_end_is_repeated(self):
        post, wrapped = self.fail_once(['src'])
        self.assertEqual('done', wrapped('context', one=1))
        self.assertEqual([mock.call('context', one=1)] * 2,
                         post.call_args_list)
        self.wait.wait.assert_called_once_with()

    def test_end_that_was_recorded_is_not_repeated(self):
        post, wrapped = self.fail_once(['src', 'dest'])
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        post.assert_called_once_with()
        self.instance.save.assert_not_called()

    def test_host_that_nova_could_not_save(self):
        post, wrapped = self.fail_once(['dest'])
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        post.assert_called_once_with()
        # Unless it was evacuated meanwhile, or its state was set.
        self.instance.save.assert_called_once_with(
            expected_task_state=['migrating'])

    def test_host_that_nova_could_save(self):
        post, wrapped = self.fail_once(['dest'])
        self.instance.obj_reset_changes(recursive=True)
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        self.instance.save.assert_not_called()

    def test_end_after_the_destination_has_done_its_part(self):
        """What is left is the source's own."""
        post, wrapped = self.fail_once(['dest'])
        post.side_effect = None

        def do(*args, **kwargs):
            steps = live_observer.end_steps
            steps.once(steps.DESTINATION, lambda: None)
            if post.call_count < 3:
                raise oslo_messaging.MessagingTimeout('no reply')
            return 'done'

        post.side_effect = do
        self.assertEqual('done', wrapped())
        self.assertEqual(3, post.call_count)
        self.instance.save.assert_not_called()

    def test_end_is_not_repeated_for_ever(self):
        post, wrapped = self.fail_once(['src'] * 20)
        post.side_effect = oslo_messaging.MessagingTimeout('no reply')
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        self.assertEqual(4, post.call_count)

    def test_other_errors_are_novas(self):
        post, wrapped = self.fail_once(['src'], ValueError('stock'))
        self.assertRaises(ValueError, wrapped)
        self.wait.wait.assert_not_called()

    def test_conductor_is_given_up(self):
        post, wrapped = self.fail_once(['src'])
        self.wait.wait.return_value = False
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        post.assert_called_once_with()

    def test_host_that_cannot_be_read_afterwards(self):
        post, wrapped = self.fail_once(['src'])
        self.instance.refresh = mock.Mock(side_effect=KeyError('ours'))
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        post.assert_called_once_with()
        self.assert_logged(1)

    def test_end_that_fails_again_is_not_repeated_for_ever(self):
        post, wrapped = self.fail_once(['src'])
        post.side_effect = oslo_messaging.MessagingTimeout('no reply')
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        self.assertEqual(1 + 3, post.call_count)

    def test_no_patience(self):
        post, wrapped = self.fail_once(['src'])
        self.flags(conductor_patience=0, group='migration_progress')
        self.assertRaises(oslo_messaging.MessagingTimeout, wrapped)
        self.wait.wait.assert_not_called()
