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
from nova.compute import task_states
from nova import exception
from nova import objects
from nova import test
from oslo_config import cfg
import oslo_messaging

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import recorder

WRITER = 'migration-progress-writer'


def numbered(number, total=1000):
    """Make a sample that can be told from others."""
    return job_stats.ProgressNumbers(total, number, total - number, 0, 0, 0)


class FakeMigration:
    """What the recorder needs of a Migration; notes what is saved."""

    uuid = 'ba5e'

    def __init__(self, save=None):
        self.saved = []
        self._save = save or (lambda: None)
        for name in fields.NAMES:
            setattr(self, name, None)

    _context = 'context'

    def obj_attr_is_set(self, name):
        return hasattr(self, name)

    def obj_clone(self):
        return self

    def obj_reset_changes(self, recursive=False):
        pass

    def save(self, **kwargs):
        self._save()
        self.saved.append(self.memory_processed)


class FakeInstance(FakeMigration):
    progress = 0

    def save(self, expected_task_state):
        self._save()
        self.saved.append(self.progress)
        self.expected_task_state = expected_task_state


class RecorderTestBase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        conf.register_opts(recorder.CONF)
        self.now = 100.0
        began = time.monotonic()
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.recorder.RETRY_PAUSE', 0.01))
        clock = mock.Mock(monotonic=lambda: (
            self.now + time.monotonic() - began))
        for module in ('recorder', 'thread_pool'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.time' % module, clock))
        self.recorder = recorder.Recorder(max_writers=2)

    def start(self, save=None, save_instance=None):
        migration = FakeMigration(save)
        instance = FakeInstance(save_instance)
        return (self.recorder.start(migration, instance), migration,
                instance)

    def writers(self):
        return sum(thread.name == WRITER for thread in threading.enumerate())

    def wait_for(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def wait(self):
        """Wait until no writer thread is left."""
        self.wait_for(lambda: not self.writers())


class RecorderTestCase(RecorderTestBase):

    def test_first_sample_at_once_then_every_interval(self):
        recording, migration, _instance = self.start()
        for number in range(12):
            recording.sample(numbered(number))
            self.wait()
            self.now += 0.5
        self.assertEqual([0, 4, 8], migration.saved)

    def test_interval_is_read_anew(self):
        recording, migration, _instance = self.start()
        recording.sample(numbered(1))
        self.wait()
        self.flags(interval=10, group='migration_progress')
        self.now += 2.6
        recording.sample(numbered(2))
        self.wait()
        self.now += 9
        recording.sample(numbered(3))
        self.wait()
        self.assertEqual([1, 3], migration.saved)

    def test_interval_out_of_bounds_is_refused(self):
        self.flags(interval=4, group='migration_progress')
        self.assertEqual(4, self.recorder.interval)
        refusal = cfg.ConfigFileValueError('99: Should be less')
        with mock.patch.object(recorder, 'CONF') as broken:
            interval = mock.PropertyMock(side_effect=refusal)
            type(broken.migration_progress).interval = interval
            self.assertEqual(4, self.recorder.interval)
            self.assertEqual(4, self.recorder.interval)
        self.assertEqual(1, self.stdlog.logger.output.count(
            '99: Should be less. The interval of 4 seconds stays in force.'))
        self.flags(interval=5, group='migration_progress')
        self.assertEqual(5, self.recorder.interval)

    def test_unchanged_sample_is_not_written_again(self):
        recording, migration, _instance = self.start()
        for _number in range(3):
            recording.sample(numbered(1))
            self.wait()
            self.now += 5
        self.assertEqual([1], migration.saved)

    def test_one_write_at_a_time_and_the_newest_wins(self):
        go = threading.Event()
        recording, migration, _instance = self.start(save=go.wait)
        for number in range(1, 6):
            recording.sample(numbered(number))
            self.now += 5
        self.assertEqual(1, self.writers())
        go.set()
        self.wait()
        self.assertEqual([1], migration.saved)
        recording.sample(numbered(6))
        self.wait()
        self.assertEqual([1, 6], migration.saved)

    def test_sample_that_comes_when_a_write_has_just_ended(self):
        self.recorder = recorder.Recorder(max_writers=1)
        recording, migration, _instance = self.start()
        coming = [numbered(2)]

        class Lock:
            """Lets a sample come in when the writer lets go of it."""

            def __init__(self):
                self.lock = threading.Lock()

            def __enter__(self):
                self.lock.acquire()

            def __exit__(lock, *exc_info):
                ended = recording._written is not None
                lock.lock.release()
                if ended and coming:
                    self.now += 5
                    recording.sample(coming.pop())

        recording._lock = Lock()
        recording.sample(numbered(1))
        self.wait()
        # Once, not once more for the write before.
        self.assertEqual([1, 2], migration.saved)

    def test_failed_final_sample_waits_its_time(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.recorder.RETRY_PAUSE', 1000))
        failing = mock.Mock(side_effect=exception.NovaException('no'))
        ended = [self.start(failing) for _number in range(20)]
        for recording, _migration, _instance in ended:
            recording.close(numbered(2), saved=False)
        self.wait_for(lambda: failing.call_count == 20)
        # The others are written meanwhile, by one thread more at least.
        running = [self.start() for _number in range(5)]
        for recording, migration, _instance in running:
            recording.sample(numbered(1))
        self.wait_for(lambda: all(migration.saved == [1] for _recording,
                                  migration, _instance in running))
        self.assertEqual(20, failing.call_count)
        failing.side_effect = None
        self.now += 1000
        # Waking the thread that waits is what the end of its pause would do.
        running[0][0].sample(numbered(3))
        self.wait()
        for _recording, migration, _instance in ended:
            self.assertEqual([2], migration.saved)

    def test_failure_is_logged_once_and_tried_again(self):
        failing = True

        def save():
            if failing:
                raise exception.NovaException('no way')

        recording, migration, _instance = self.start(save)
        for number in range(5):
            recording.sample(numbered(number))
            self.wait()
            self.now += 2
        failing = False
        recording.sample(numbered(9))
        self.wait()
        self.assertEqual([9], migration.saved)
        output = self.stdlog.logger.output
        self.assertEqual(1, output.count('Cannot save the progress'))
        self.assertEqual(1, output.count('is saved again, after 10 seconds'))

    @mock.patch.object(conductor, 'ping')
    def test_conductor_is_asked_after_a_write_without_answer(self, ping):
        answers = [None, oslo_messaging.MessagingTimeout('no reply'), None,
                   None]

        def save():
            answer = answers.pop(0)
            if answer:
                raise answer

        recording, migration, _instance = self.start(save)
        ping.side_effect = [oslo_messaging.MessagingTimeout('no reply')] * 3
        for number in range(5):
            recording.sample(numbered(number))
            self.wait()
            self.now += 2
        # No save was sent after the one that was not answered.
        self.assertEqual([0], migration.saved)
        self.assertEqual(3, ping.call_count)
        ping.side_effect = lambda context: recording.sample(numbered(7))
        recording.sample(numbered(6))
        self.wait()
        # The newest at the time of the answer.
        self.assertEqual([0, 7], migration.saved)
        self.now += 2
        recording.sample(numbered(8))
        self.wait()
        self.assertEqual(4, ping.call_count)
        self.assertEqual(1, self.stdlog.logger.output.count(
            'Cannot save the progress'))

    @mock.patch.object(conductor, 'ping')
    def test_final_sample_after_a_write_without_answer(self, ping):
        """It may be done late, after Nova's own."""
        answers = [oslo_messaging.MessagingTimeout('no reply'), None]

        def save():
            answer = answers.pop(0)
            if answer:
                raise answer

        recording, migration, _instance = self.start(save)
        recording.sample(numbered(1))
        self.wait()
        recording.end()
        recording.close(numbered(9), saved=True)
        self.wait()
        self.assertEqual([9], migration.saved)

    def test_trouble(self):
        go = threading.Event()
        failure = []

        def save():
            go.wait()
            for error in failure:
                raise error

        recording, _migration, _instance = self.start(save)
        self.assertFalse(recording.troubled)
        recording.sample(numbered(1))
        self.assertFalse(recording.troubled)
        self.now += recorder.SLOW_WRITE
        self.assertTrue(recording.troubled)
        go.set()
        self.wait()
        self.assertFalse(recording.troubled)
        failure.append(exception.NovaException('no way'))
        self.now += 5
        recording.sample(numbered(2))
        self.wait()
        self.assertTrue(recording.troubled)

    def test_record_gone(self):
        save = mock.Mock(side_effect=exception.MigrationNotFound(
            migration_id=1))
        recording, _migration, _instance = self.start(save)
        for number in range(5):
            recording.sample(numbered(number))
            self.wait()
            self.now += 5
        recording.close(numbered(9), saved=False)
        self.wait()
        self.assertEqual(1, save.call_count)

    def test_no_write_after_the_end(self):
        recording, migration, _instance = self.start()
        recording.end()
        recording.sample(numbered(1))
        recording.close(numbered(2), saved=True)
        self.wait()
        self.assertEqual([], migration.saved)

    def test_final_sample_that_nova_did_not_save(self):
        recording, migration, _instance = self.start()
        recording.end()
        recording.close(numbered(2), saved=False)
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_nothing_known_at_the_end(self):
        recording, migration, _instance = self.start()
        recording.end()
        recording.close(None, saved=False)
        self.wait()
        self.assertEqual([], migration.saved)

    def test_final_sample_after_an_overlapping_write(self):
        go = threading.Event()
        recording, migration, _instance = self.start(save=go.wait)
        recording.sample(numbered(1))
        recording.end()
        recording.close(numbered(2), saved=True)
        go.set()
        self.wait()
        self.assertEqual([1, 2], migration.saved)

    def test_final_sample_after_a_write_that_overlapped_novas(self):
        go = threading.Event()
        recording, migration, _instance = self.start(save=go.wait)
        recording.sample(numbered(1))
        recording.end()
        go.set()
        self.wait()
        recording.close(numbered(2), saved=True)
        self.wait()
        self.assertEqual([1, 2], migration.saved)

    def test_final_sample_is_tried_until_it_is_saved(self):
        results = [exception.NovaException('no')] * 5 + [None]
        recording, migration, _instance = self.start(
            mock.Mock(side_effect=results))
        recording.end()
        recording.close(numbered(2), saved=False)
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_final_sample_is_given_up(self):
        def save():
            self.now += 100
            raise exception.NovaException('no')

        recording, migration, _instance = self.start(save)
        recording.end()
        recording.close(numbered(2), saved=False)
        self.wait()
        self.assertEqual([], migration.saved)
        self.assertLessEqual(self.now, 100 + 1000)

    def test_no_thread_can_be_started(self):
        recording, migration, _instance = self.start()
        with mock.patch('threading.Thread.start',
                        side_effect=RuntimeError("can't start new thread")):
            recording.sample(numbered(1))
        self.now += 2
        recording.sample(numbered(2))
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_progress(self):
        recording, migration, instance = self.start()
        for number in range(0, 300, 10):
            recording.sample(numbered(number))
            self.wait()
            self.now += 2
        # 60 seconds: not at 0 %, then every ten intervals.
        self.assertEqual(30, len(migration.saved))
        self.assertEqual([1, 11, 21], instance.saved)

    def test_progress_only_when_it_changed(self):
        recording, migration, instance = self.start()
        for number in range(500, 530):
            recording.sample(numbered(number, total=10000))
            self.wait()
            self.now += 2
        self.assertEqual(30, len(migration.saved))
        self.assertEqual([5], instance.saved)

    def test_progress_that_could_not_be_saved_is_saved_later(self):
        results = [exception.NovaException('no'), None]
        recording, migration, instance = self.start(
            save_instance=mock.Mock(side_effect=results))
        recording.sample(numbered(500))
        self.wait()
        self.now += 20
        recording.sample(numbered(501))
        self.wait()
        self.assertEqual([50], instance.saved)

    def test_progress_of_an_ended_migration(self):
        recording, migration, instance = self.start(
            save_instance=mock.Mock(
                side_effect=exception.UnexpectedTaskStateError(
                    instance_uuid='x', expected={}, actual={})))
        recording.sample(numbered(500))
        self.wait()
        self.assertEqual([500], migration.saved)
        self.assertNotIn('Cannot save', self.stdlog.logger.output)

    def test_no_sample_after_the_end(self):
        go = threading.Event()
        recording, migration, _instance = self.start(save=go.wait)
        recording.sample(numbered(1))
        recording.end()
        recording.close(numbered(5), saved=False)
        recording.sample(numbered(3))
        go.set()
        self.wait()
        self.assertEqual([1, 5], migration.saved)


class ColdRecordingTestCase(RecorderTestBase):
    """Samples of disks only, of a migration of which only the id is known."""

    def start_cold(self):
        migration = objects.Migration(id=7)
        migration.obj_clone = lambda: migration
        saved = []

        def save():
            saved.append(migration.obj_get_changes())
            migration.obj_reset_changes()

        migration.save = save
        instance = FakeInstance()
        return self.recorder.start(
            migration, instance,
            task_state=task_states.RESIZE_MIGRATING), saved, instance

    def test_only_disks_are_saved(self):
        recording, saved, instance = self.start_cold()
        recording.sample(
    job_stats.ProgressNumbers(
        None, None, None, 200, 50, 150))
        self.wait()
        self.assertEqual([{'disk_total': 200, 'disk_processed': 50,
                           'disk_remaining': 150}], saved)
        self.assertEqual([25], instance.saved)
        self.assertEqual([task_states.RESIZE_MIGRATING],
                         instance.expected_task_state)

    def test_nothing_to_copy(self):
        recording, saved, instance = self.start_cold()
        recording.sample(job_stats.ProgressNumbers(None, None, None, 0, 0, 0))
        self.wait()
        self.assertEqual([{'disk_total': 0, 'disk_processed': 0,
                           'disk_remaining': 0}], saved)
        self.assertEqual([], instance.saved)

    def test_failure_names_the_migration(self):
        recording, _saved, _instance = self.start_cold()
        recording._migration.save = mock.Mock(
            side_effect=exception.NovaException('no way'))
        recording.sample(
    job_stats.ProgressNumbers(
        None, None, None, 200, 50, 150))
        self.wait()
        self.assertIn('Cannot save the progress of migration 7: '
                      'NovaException: no way', self.stdlog.logger.output)
