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

import logging
import threading
import time
import types
from unittest import mock

import fixtures
from nova.compute import task_states
from nova import exception as nova_exception
from nova import objects
from nova import test
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import instance_progress
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace
from nova_migprogress.virt.libvirt import progress_record
from nova_migprogress.virt.libvirt import progress_writer
from tests.unit.virt.libvirt import base


class ProgressWriterTestCase(base.RecorderTestBase):

    def test_first_sample_at_once_then_every_interval(self):
        writer, migration, _instance = self.start()
        for number in range(12):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 0.5
        self.assertEqual([0, 4, 8], migration.saved)

    def test_interval_is_read_anew(self):
        writer, migration, _instance = self.start()
        writer.put(base.numbered(1))
        self.wait()
        self.flags(interval=10, group='migration_progress')
        self.now += 2.6
        writer.put(base.numbered(2))
        self.wait()
        self.now += 9
        writer.put(base.numbered(3))
        self.wait()
        self.assertEqual([1, 3], migration.saved)

    def test_unchanged_sample_is_not_written_again(self):
        writer, migration, _instance = self.start()
        for _number in range(3):
            writer.put(base.numbered(1))
            self.wait()
            self.now += 5
        self.assertEqual([1], migration.saved)

    def test_one_write_at_a_time_and_the_newest_wins(self):
        go = threading.Event()
        writer, migration, _instance = self.start(save=go.wait)
        for number in range(1, 6):
            writer.put(base.numbered(number))
            self.now += 5
        self.assertEqual(1, self.threads())
        go.set()
        self.wait()
        self.assertEqual([1], migration.saved)
        # That save took 25 seconds.
        self.now += 10 * 25
        writer.put(base.numbered(6))
        self.wait()
        self.assertEqual([1, 6], migration.saved)

    def test_sample_that_comes_when_a_write_has_just_ended(self):
        self.make_recorder(1)
        writer, migration, _instance = self.start()
        coming = [base.numbered(2)]

        class Lock:
            """Lets a sample come in when the writer lets go of it."""

            def __init__(self):
                self.lock = threading.Lock()

            def __enter__(self):
                self.lock.acquire()

            def __exit__(lock, *exc_info):
                ended = writer._written is not None
                lock.lock.release()
                if ended and coming:
                    self.now += 5
                    writer.put(coming.pop())

        writer._lock = Lock()
        writer.put(base.numbered(1))
        self.wait()
        # Once, not once more for the write before.
        self.assertEqual([1, 2], migration.saved)

    def test_failed_final_sample_waits_its_time(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.RETRY_PAUSE', 1000))
        failing = mock.Mock(side_effect=nova_exception.NovaException('no'))
        ended = [self.start(failing) for _number in range(20)]
        for writer, _migration, _instance in ended:
            writer.close(base.numbered(2), saved=False)
        self.wait_for(lambda: failing.call_count == 20)
        # The others are written meanwhile, by one thread more at least.
        running = [self.start() for _number in range(5)]
        for writer, migration, _instance in running:
            writer.put(base.numbered(1))
        self.wait_for(lambda: all(migration.saved == [1] for _writer,
                                  migration, _instance in running))
        self.assertEqual(20, failing.call_count)
        failing.side_effect = None
        self.now += 1000
        # Waking the thread that waits is what the end of its pause would do.
        running[0][0].put(base.numbered(3))
        self.wait()
        for _writer, migration, _instance in ended:
            self.assertEqual([2], migration.saved)

    def test_failure_is_logged_once_and_tried_again(self):
        failing = True

        def save():
            if failing:
                raise nova_exception.NovaException('no way')

        writer, migration, _instance = self.start(save)
        for number in range(5):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 2
        failing = False
        writer.put(base.numbered(9))
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

        writer, migration, _instance = self.start(save)
        ping.side_effect = [oslo_messaging.MessagingTimeout('no reply')] * 3
        for number in range(5):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 2
        # No save was sent after the one that was not answered.
        self.assertEqual([0], migration.saved)
        self.assertEqual(3, ping.call_count)
        ping.side_effect = lambda context: writer.put(base.numbered(7))
        writer.put(base.numbered(6))
        self.wait()
        # The newest at the time of the answer.
        self.assertEqual([0, 7], migration.saved)
        self.now += 2
        writer.put(base.numbered(8))
        self.wait()
        self.assertEqual(4, ping.call_count)
        self.assertEqual(1, self.stdlog.logger.output.count(
            'Cannot save the progress'))

    @mock.patch.object(conductor, 'ping')
    def test_final_sample_after_a_write_without_answer(self, ping):
        """It may be done late, after Nova's own."""
        answers = [oslo_messaging.MessagingTimeout('no reply')]

        def save():
            if answers:
                raise answers.pop(0)

        writer, migration, _instance = self.start(save)
        writer.put(base.numbered(1))
        self.wait()
        writer.end()
        writer.close(base.numbered(9), saved=True)
        self.wait()
        # And once more, because it may be done later still.
        self.assertEqual([9, 9], migration.saved)

    def test_refused_write_is_not_done_later(self):
        answers = [oslo_messaging.RemoteError('DBConnectionError')]

        def save():
            if answers:
                raise answers.pop(0)

        writer, migration, _instance = self.start(save)
        writer.put(base.numbered(1))
        self.wait()
        writer.end()
        writer.close(base.numbered(9), saved=True)
        self.wait()
        self.assertEqual([], migration.saved)

    def test_unchanged_sample_after_a_write_without_answer(self):
        """What was given up may have come in between."""
        answers = [oslo_messaging.MessagingTimeout('no reply')]

        def save():
            if answers:
                raise answers.pop(0)

        writer, migration, _instance = self.start(save)
        for number in (1, 2, 2, 2):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 5
        self.assertEqual([2, 2, 2], migration.saved)

    def test_trouble(self):
        go = threading.Event()
        failure = []

        def save():
            go.wait()
            for error in failure:
                raise error

        writer, _migration, _instance = self.start(save)
        self.assertFalse(writer.troubled)
        writer.put(base.numbered(1))
        self.assertFalse(writer.troubled)
        self.now += open_calls.SLOW_CALL
        self.assertTrue(writer.troubled)
        go.set()
        self.wait()
        self.assertFalse(writer.troubled)
        failure.append(nova_exception.NovaException('no way'))
        self.now += 15
        writer.put(base.numbered(2))
        self.wait()
        self.assertTrue(writer.troubled)

    def test_time_in_the_queue_is_no_trouble(self):
        """24 migrations, saves of 0.9 seconds, two threads."""
        turn = threading.Semaphore(0)

        def save():
            turn.acquire()

        writers = [self.start(save)[0] for _number in range(24)]
        for writer in writers:
            writer.put(base.numbered(1))
        self.wait_for(lambda: self.calls_under_way() == 2)
        for left in range(24, 0, -2):
            self.now += 0.9
            self.assertEqual([], [writer for writer in writers
                                  if writer.troubled])
            # Two slots are not to rest for the sake of this test.
            self.now -= 0.9
            turn.release(2)
            self.wait_for(lambda left=left: self.calls_under_way() ==
                          min(2, left - 2))
        self.wait()

    def calls_under_way(self):
        return len(self.recorder._calls._made)

    def test_what_waits_for_a_thread_knows_of_trouble(self):
        go = threading.Event()
        writers = [self.start(save=go.wait)[0] for _number in range(5)]
        idle = self.start()[0]
        for writer in writers:
            writer.put(base.numbered(1))
        self.wait_for(lambda: self.calls_under_way() == 2)
        self.now += open_calls.SLOW_CALL
        self.assertEqual([True] * 5, [writer.troubled for writer in writers])
        self.assertFalse(idle.troubled)
        go.set()
        self.wait_for(lambda: not self.calls_under_way())

    def test_failed_percentage_is_no_failure_of_the_record(self):
        refuse = mock.Mock(side_effect=nova_exception.NovaException('no'))
        writer, migration, instance = self.start(save_instance=refuse)
        for number in range(8):
            writer.put(base.numbered(500 + 10 * number))
            self.wait()
            self.assertFalse(writer.troubled)
            self.now += 20
        self.assertEqual(8, len(migration.saved))
        self.assertEqual(8, refuse.call_count)
        output = self.stdlog.logger.output
        self.assertNotIn('Cannot save the progress', output)
        self.assertEqual(1, output.count('Cannot save the percentage'))

    @mock.patch.object(conductor, 'ping')
    def test_percentage_without_an_answer(self, ping):
        hang = mock.Mock(side_effect=oslo_messaging.MessagingTimeout('no'))
        writer, migration, instance = self.start(save_instance=hang)
        writer.put(base.numbered(500))
        self.wait()
        ping.assert_not_called()
        self.now += 2
        writer.put(base.numbered(501))
        self.wait()
        ping.assert_called_once_with('context')
        self.assertEqual([500, 501], migration.saved)
        # The next save of the record would tell of an outage.
        self.assertNotIn('WARNING [nova_migprogress',
                         self.stdlog.logger.output)

    def slow(self, seconds, answers=()):
        """Return a save that takes some time, then fails or not."""
        answers = list(answers)

        def save():
            self.now += seconds
            if answers:
                raise answers.pop(0)

        return save

    def poll(self, writer, seconds, first=0):
        for number in range(int(2 * seconds)):
            writer.put(base.numbered(first + number))
            self.wait_for(lambda: not writer._saving)
            self.now += 0.5

    def test_slow_save_is_logged(self):
        """The sandbox reads it: sandbox.truth.slow_saves."""
        log = self.useFixture(fixtures.FakeLogger(
            progress_writer.__name__, level=logging.DEBUG))
        writer, _migration, _instance = self.start(self.slow(0.5))
        quick, _migration, _instance = self.start(self.slow(0.05))
        for each in (writer, quick):
            each.put(base.numbered(1))
            self.wait()
        lines = [line for line in log.output.splitlines()
                 if 'A save of the progress took' in line]
        self.assertEqual(1, len(lines))
        self.assertRegex(lines[0], r'took 0\.[5-6]\d s: the next one begins '
                                   r'[5-6]\.\d s after it at the earliest')

    def test_slow_saves_are_a_tenth_of_the_time(self):
        writer, migration, _instance = self.start(self.slow(1))
        self.poll(writer, 58)
        # One every ten seconds, a second of which each takes itself.
        gaps = [after - before for before, after in zip(
            migration.saved, migration.saved[1:])]
        self.assertEqual(set(), set(gaps) - {18, 19})
        self.assertEqual(6, len(gaps))

    def test_slow_saves_of_many_are_a_tenth_of_the_threads_time(self):
        took = []

        def save():
            began = time.monotonic()
            time.sleep(0.005)
            took.append(time.monotonic() - began)

        started = [self.start(save) for _number in range(10)]
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.recorder.Recorder.interval', 0))
        began = time.monotonic()
        while time.monotonic() < began + 1.5:
            for writer, _migration, _instance in started:
                writer.put(base.numbered(time.monotonic()))
            time.sleep(0.005)
        # Two threads, each of which begins one at the end.
        self.assertLessEqual(
            sum(took), 2 * (time.monotonic() - began) / 10 + 2 * max(took))
        # Nobody is left behind.
        counts = [len(migration.saved) for _, migration, _ in started]
        self.assertLessEqual(max(counts) - min(counts), 2, counts)
        for writer, _migration, _instance in started:
            writer.end()
        self.wait()

    def test_final_sample_does_not_wait_its_turn(self):
        self.make_recorder(1)
        slow = self.start(self.slow(5))[0]
        slow.put(base.numbered(1))
        self.wait()
        writer, migration, _instance = self.start()
        writer.put(base.numbered(1))
        self.wait_for(lambda: self.recorder._threads._pausing)
        self.assertEqual([], migration.saved)
        writer.end()
        writer.close(base.numbered(9), saved=False)
        self.wait()
        self.assertEqual([9], migration.saved)

    def test_sample_that_waits_its_turn_is_not_saved_after_the_end(self):
        self.make_recorder(1)
        slow = self.start(self.slow(5))[0]
        slow.put(base.numbered(1))
        self.wait()
        writer, migration, _instance = self.start()
        writer.put(base.numbered(1))
        self.wait_for(lambda: self.recorder._threads._pausing)
        writer.end()
        # Nor was it under way when Nova saved.
        writer.close(base.numbered(9), saved=True)
        self.now += 1000
        self.recorder._threads.submit(lambda: None)
        self.wait()
        self.assertEqual([], migration.saved)

    @mock.patch.object(conductor, 'ping')
    def test_save_without_an_answer_is_followed_soon(self, ping):
        """The conductor was away, and is back."""
        writer, migration, _instance = self.start(self.slow(
            10, [oslo_messaging.MessagingTimeout('no')]))
        writer.put(base.numbered(1))
        self.wait()
        writer.put(base.numbered(2))
        self.wait()
        self.assertEqual([2], migration.saved)

    @mock.patch.object(conductor, 'ping')
    def test_save_without_an_answer_of_a_conductor_that_is_there(self, ping):
        no_answer = oslo_messaging.MessagingTimeout('no')
        writer, migration, _instance = self.start(self.slow(
            10, [no_answer, no_answer]))
        for number in range(2):
            writer.put(base.numbered(number))
            self.wait()
        self.now += 85
        writer.put(base.numbered(2))
        self.wait()
        self.assertEqual([], migration.saved)
        self.now += 5
        writer.put(base.numbered(2))
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_thread_that_is_ended(self):
        kill = [SystemExit()]

        def save():
            if kill:
                raise kill.pop()

        writer, migration, _instance = self.start(save)
        with mock.patch('threading.excepthook'):
            writer.put(base.numbered(1))
            self.wait()
        self.now += 2
        writer.put(base.numbered(2))
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_record_gone(self):
        save = mock.Mock(side_effect=nova_exception.MigrationNotFound(
            migration_id=1))
        writer, _migration, _instance = self.start(save)
        for number in range(5):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 5
        writer.close(base.numbered(9), saved=False)
        self.wait()
        self.assertEqual(1, save.call_count)

    def test_no_write_after_the_end(self):
        writer, migration, _instance = self.start()
        writer.end()
        writer.put(base.numbered(1))
        writer.close(base.numbered(2), saved=True)
        self.wait()
        self.assertEqual([], migration.saved)

    def test_final_sample_that_nova_did_not_save(self):
        writer, migration, _instance = self.start()
        writer.end()
        writer.close(base.numbered(2), saved=False)
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_another_save_was_given_up(self):
        """What it has overwritten is put right when it was done."""
        writer, migration, _instance = self.start()
        writer.end()
        with mock.patch.object(
                progress_record.late_overwrites, 'correct',
                side_effect=[False, True]) as correct:
            writer.close(base.numbered(2), saved=True, unanswered=True)
            self.wait()
        self.assertEqual([mock.call(migration, migration)] * 2,
                         correct.call_args_list)
        self.assertEqual([2, 2, 2], migration.saved)

    def test_nothing_known_at_the_end(self):
        writer, migration, _instance = self.start()
        writer.end()
        writer.close(None, saved=False)
        self.wait()
        self.assertEqual([], migration.saved)

    def test_final_sample_after_an_overlapping_write(self):
        go = threading.Event()
        writer, migration, _instance = self.start(save=go.wait)
        writer.put(base.numbered(1))
        writer.end()
        writer.close(base.numbered(2), saved=True)
        go.set()
        self.wait()
        self.assertEqual([1, 2], migration.saved)

    def test_final_sample_after_a_write_that_overlapped_novas(self):
        go = threading.Event()
        writer, migration, _instance = self.start(save=go.wait)
        writer.put(base.numbered(1))
        writer.end()
        go.set()
        self.wait()
        writer.close(base.numbered(2), saved=True)
        self.wait()
        self.assertEqual([1, 2], migration.saved)

    def test_final_sample_is_tried_until_it_is_saved(self):
        results = [nova_exception.NovaException('no')] * 5 + [None]
        writer, migration, _instance = self.start(
            mock.Mock(side_effect=results))
        writer.end()
        writer.close(base.numbered(2), saved=False)
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_final_sample_is_given_up(self):
        def save():
            self.now += 100
            raise nova_exception.NovaException('no')

        writer, migration, _instance = self.start(save)
        writer.end()
        writer.close(base.numbered(2), saved=False)
        self.wait()
        self.assertEqual([], migration.saved)
        self.assertLessEqual(self.now, 100 + 1000)

    def test_no_thread_can_be_started(self):
        writer, migration, _instance = self.start()
        with mock.patch('threading.Thread.start',
                        side_effect=RuntimeError("can't start new thread")):
            writer.put(base.numbered(1))
        self.now += 2
        writer.put(base.numbered(2))
        self.wait()
        self.assertEqual([2], migration.saved)

    def test_no_sample_after_the_end(self):
        go = threading.Event()
        writer, migration, _instance = self.start(save=go.wait)
        writer.put(base.numbered(1))
        writer.end()
        writer.close(base.numbered(5), saved=False)
        writer.put(base.numbered(3))
        go.set()
        self.wait()
        self.assertEqual([1, 5], migration.saved)


class WriteTestCase(test.NoDBTestCase):
    """Exact times: the test is the clock and the threads."""

    def setUp(self):
        super().setUp()
        self.now = 100.0
        clock = types.SimpleNamespace(monotonic=lambda: self.now)
        for module in ('open_calls', 'pace', 'progress_record',
                       'progress_writer'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.time' % module, clock))
        self.percentage = self.useFixture(fixtures.MockPatchObject(
            instance_progress.InstanceProgress, 'save',
            return_value=True)).mock
        self.ping = self.useFixture(fixtures.MockPatchObject(
            conductor, 'ping')).mock
        self.threads = mock.Mock(spec_set=['submit', 'hurry'])
        self.pace = pace.Pace(1)
        #: What saves raise, or call; nothing when it is empty.
        self.answers = []
        self.migration = base.FakeMigration(self.save)
        self.writer = self.make_writer(self.migration)

    def make_writer(self, migration):
        return progress_writer.ProgressWriter(
            self.threads, lambda: 2, migration, base.FakeInstance(),
            'migrating', self.pace, open_calls.OpenCalls())

    def save(self):
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            answer()
        elif answer is not None:
            raise answer

    def takes(self, seconds):
        def wait():
            self.now += seconds
        return wait

    def put(self, number):
        """Hand over a sample; returns whether it is to be written now."""
        self.threads.submit.reset_mock()
        self.writer.put(base.numbered(number))
        if self.threads.submit.called:
            self.threads.submit.assert_called_once_with(self.writer.write)
        return self.threads.submit.called

    def write(self, number):
        """Hand over a sample that is written at once."""
        self.assertTrue(self.put(number))
        self.assertIsNone(self.writer.write())

    def test_nothing_else_of_the_migration_is_saved(self):
        objects.register_all()
        saved = []
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Migration.save',
            lambda migration: saved.append(
                (migration, migration.obj_get_changes()))))
        impatient = self.useFixture(fixtures.MockPatchObject(
            conductor, 'make_impatient')).mock
        novas = objects.Migration(id=7, status='running')
        self.writer = self.make_writer(novas)
        self.write(1)
        (migration, changes), = saved
        self.assertEqual({
            'memory_total': 1000, 'memory_processed': 1,
            'memory_remaining': 999, 'disk_total': 0, 'disk_processed': 0,
            'disk_remaining': 0}, changes)
        self.assertEqual(7, migration.id)
        self.assertIsNot(novas, migration)
        impatient.assert_called_once_with(migration)

    def test_one_every_interval(self):
        self.write(1)
        self.now += 1.9
        self.assertFalse(self.put(2))
        self.now += 0.1
        self.write(3)
        self.assertEqual([1, 3], self.migration.saved)
        self.percentage.assert_called_with(base.numbered(3), 2)

    def test_interval_begins_when_it_was_its_turn(self):
        self.assertTrue(self.put(1))
        self.pace.enter('another')
        self.pace.leave(self.now, 1)
        self.assertEqual(10, self.writer.write())
        self.now += 10
        self.assertFalse(self.put(2))
        self.assertIsNone(self.writer.write())
        self.now += 1.9
        self.assertFalse(self.put(3))
        self.now += 0.1
        self.write(4)
        # It was not held back this time.
        self.now += 2
        self.write(5)
        self.assertEqual([2, 4, 5], self.migration.saved)

    def test_turn_that_comes_late(self):
        """The interval of what was not held back begins with its sample."""
        self.assertTrue(self.put(1))
        self.now += 2
        self.assertIsNone(self.writer.write())
        self.write(2)

    def test_save_is_followed_by_a_rest(self):
        self.answers = [self.takes(1)]
        self.write(1)
        # Of this migration, and of the slot.
        self.assertEqual(9, self.pace.enter('another'))
        self.now = 109.9
        self.assertFalse(self.put(2))
        self.now = 110
        self.assertTrue(self.put(2))

    def test_percentage_takes_time_as_well(self):
        self.answers = [self.takes(1)]
        self.percentage.side_effect = lambda *args: self.takes(2)() or True
        self.write(1)
        self.assertEqual(100 + 30 - 103, self.pace.enter('another'))
        self.now = 129.9
        self.assertFalse(self.put(2))
        self.now = 130
        self.assertTrue(self.put(2))

    def test_percentage_without_an_answer_is_no_time_of_the_conductors(self):
        self.percentage.side_effect = lambda *args: self.takes(10)()
        self.write(1)
        self.write(2)
        self.ping.assert_called_once_with('context')
        self.assertEqual([1, 2], self.migration.saved)

    def test_refused_save_is_followed_by_none_too_soon(self):
        self.answers = [nova_exception.NovaException('no')]
        self.write(1)
        self.percentage.assert_not_called()
        self.assertFalse(self.put(1))
        self.now += 2
        self.write(1)
        self.assertEqual([1], self.migration.saved)

    def test_thread_that_is_ended_gives_its_slot_back(self):
        self.answers = [SystemExit()]
        self.assertTrue(self.put(1))
        self.assertRaises(SystemExit, self.writer.write)
        self.assertIsNone(self.pace.enter('another'))
        self.pace.leave(self.now, 0)
        self.writer.end()
        # Nothing is under way.
        self.threads.hurry.assert_not_called()
        self.writer.close(base.numbered(9), saved=True)
        self.assertIsNone(self.writer.write())
        self.assertEqual([], self.migration.saved)

    def test_end_calls_off_what_waits(self):
        self.assertTrue(self.put(1))
        self.writer.end()
        self.threads.hurry.assert_called_once_with(self.writer.write)
        self.assertIsNone(self.writer.write())
        self.assertEqual([], self.migration.saved)
        self.writer.end()
        self.threads.hurry.assert_called_once_with(self.writer.write)
        self.threads.submit.reset_mock()
        self.writer.close(base.numbered(9), saved=False)
        self.threads.submit.assert_called_once_with(self.writer.write)
        self.assertIsNone(self.writer.write())
        self.assertEqual([9], self.migration.saved)
        self.percentage.assert_not_called()

    def test_end_gives_up_its_place_in_the_line(self):
        self.assertTrue(self.put(1))
        self.pace.enter('another')
        self.pace.leave(self.now, 1)
        self.assertEqual(10, self.writer.write())
        self.writer.end()
        self.now += 10
        self.assertIsNone(self.pace.enter('another'))

    def test_final_sample_takes_over_what_waits(self):
        self.assertTrue(self.put(1))
        self.writer.close(base.numbered(9), saved=False)
        self.threads.hurry.assert_called_once_with(self.writer.write)
        self.threads.submit.assert_called_once_with(self.writer.write)
        self.assertIsNone(self.writer.write())
        self.assertEqual([9], self.migration.saved)

    def test_closed_without_an_end(self):
        for final, saved in ((None, True), (base.numbered(9), True)):
            self.threads.submit.reset_mock()
            self.writer = self.make_writer(self.migration)
            self.assertTrue(self.put(1))
            self.writer.close(final, saved)
            self.assertIsNone(self.writer.write())
            self.now += 1000
            self.assertFalse(self.put(2))
        self.assertEqual([], self.migration.saved)

    def test_closed_twice(self):
        for number in (8, 9):
            self.writer.close(base.numbered(number), saved=False)
        self.threads.submit.assert_called_once_with(self.writer.write)
        self.assertIsNone(self.writer.write())
        self.assertEqual([9], self.migration.saved)

    def end_meanwhile(self, saved):
        """Let the migration end while a save is under way."""
        def end():
            self.writer.end()
            self.writer.close(base.numbered(9), saved=saved)
            self.threads.hurry.assert_not_called()
            # The call that is under way goes on.
            self.threads.submit.assert_called_once_with(self.writer.write)
        return end

    def test_final_sample_follows_at_once(self):
        for saved in (True, False):
            self.threads.submit.reset_mock()
            self.migration = base.FakeMigration(self.save)
            self.writer = self.make_writer(self.migration)
            self.assertTrue(self.put(1))
            self.answers = [self.end_meanwhile(saved)]
            self.assertEqual(0, self.writer.write())
            self.assertIsNone(self.writer.write())
            self.assertEqual([1, 9], self.migration.saved)
            self.percentage.assert_not_called()

    def test_final_sample_after_a_save_that_failed(self):
        self.assertTrue(self.put(1))
        end = self.end_meanwhile(False)

        def fail():
            end()
            raise nova_exception.NovaException('no')

        self.answers = [fail]
        self.assertEqual(2, self.writer.write())
        self.assertIsNone(self.writer.write())
        self.assertEqual([9], self.migration.saved)

    def test_final_sample_is_repeated_where_a_save_was_given_up(self):
        self.answers = [oslo_messaging.MessagingTimeout('no reply')]
        self.write(1)
        self.writer.end()
        # Nova's own save does not help.
        self.writer.close(base.numbered(9), saved=True)
        pauses = [self.writer.write() for _number in range(9)]
        self.assertEqual([1, 2, 4, 8, 16, 32, 64, 128, None], pauses)
        self.assertEqual([9] * 9, self.migration.saved)

    def test_final_sample_that_was_given_up_is_repeated_until_it_is_saved(
            self):
        """It is the same that comes late."""
        self.writer.end()
        self.writer.close(base.numbered(9), saved=False)
        self.answers = [oslo_messaging.MessagingTimeout('no reply')]
        self.assertEqual(2, self.writer.write())
        self.assertIsNone(self.writer.write())
        self.assertEqual([9], self.migration.saved)

    def test_final_sample_is_tried_for_a_quarter_of_an_hour(self):
        self.writer.end()
        self.writer.close(base.numbered(9), saved=False)
        self.answers = [nova_exception.NovaException('no')] * 5
        for moment in (100, 102, 999.9):
            self.now = moment
            self.assertEqual(2, self.writer.write())
        self.now = 1000
        self.assertIsNone(self.writer.write())

    def test_record_that_is_gone_meanwhile(self):
        self.write(1)
        self.now += 2
        self.assertTrue(self.put(2))
        self.answers = [nova_exception.MigrationNotFound(migration_id=7)]
        self.assertIsNone(self.writer.write())
        self.assertIn('The record of migration ba5e is gone',
                      self.stdlog.logger.output)
        self.now += 1000
        self.assertFalse(self.put(3))
        self.writer.end()
        self.writer.close(base.numbered(9), saved=False)
        self.threads.submit.assert_not_called()

    def test_trouble_is_over_with_the_next_answer(self):
        self.answers = [nova_exception.NovaException('no')]
        self.write(1)
        self.assertTrue(self.writer.troubled)
        self.assertIn('Cannot save the progress of migration ba5e: '
                      'NovaException: no. The migration is not affected',
                      self.stdlog.logger.output)
        self.now += 30
        self.write(2)
        self.assertFalse(self.writer.troubled)
        self.assertIn('The progress of migration ba5e is saved again, after '
                      '30 seconds', self.stdlog.logger.output)


class ColdProgressWriterTestCase(base.RecorderTestBase):
    """Samples of disks only, of a migration of which only the id is known."""

    def start_cold(self):
        migration = objects.Migration(id=7)
        migration.obj_clone = lambda: migration
        saved = []

        def save():
            saved.append(migration.obj_get_changes())
            migration.obj_reset_changes()

        migration.save = save
        instance = self.instance()
        return self.recorder.start(
            migration, instance,
            task_state=task_states.RESIZE_MIGRATING), saved, instance

    def test_only_disks_are_saved(self):
        writer, saved, instance = self.start_cold()
        writer.put(
            job_stats.ProgressNumbers(None, None, None, 200, 50, 150))
        self.wait()
        self.assertEqual([{'disk_total': 200, 'disk_processed': 50,
                           'disk_remaining': 150}], saved)
        self.assertEqual([25], instance.saved)
        self.assertEqual([task_states.RESIZE_MIGRATING],
                         instance.expected_task_state)

    def test_nothing_to_copy(self):
        writer, saved, instance = self.start_cold()
        writer.put(job_stats.ProgressNumbers(None, None, None, 0, 0, 0))
        self.wait()
        self.assertEqual([{'disk_total': 0, 'disk_processed': 0,
                           'disk_remaining': 0}], saved)
        self.assertEqual([], instance.saved)

    def test_failure_names_the_migration(self):
        writer, _saved, _instance = self.start_cold()
        writer._record._migration.save = mock.Mock(
            side_effect=nova_exception.NovaException('no way'))
        writer.put(
            job_stats.ProgressNumbers(None, None, None, 200, 50, 150))
        self.wait()
        self.assertIn('Cannot save the progress of migration 7: '
                      'NovaException: no way', self.stdlog.logger.output)
