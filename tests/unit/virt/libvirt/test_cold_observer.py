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

import itertools
import pathlib
import threading
import time
from unittest import mock

import fixtures
from nova.compute import task_states
from nova import context
from nova import objects
from nova import test

from nova_migprogress.virt.libvirt import cold_copy
from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import job_stats

UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'
POLL_INTERVAL = cold_observer.POLL_INTERVAL
POLLER = 'migration-progress-poller'


def copied(processed, total):
    return job_stats.ProgressNumbers(None, None, None, total, processed,
                                     total - processed)


def grow(path, size):
    """Make a file have a size."""
    with open(path, 'ab') as target:
        target.truncate(size)


class FakeWriter:

    def __init__(self):
        self.events = []

    def put(self, newest):
        self.events.append(newest)

    def end(self):
        self.events.append('end')

    def close(self, final, saved):
        self.events.append(('close', final, saved))


class ColdObserverTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.cold_observer.POLL_INTERVAL',
            0.01))
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.writer = FakeWriter()
        self.recorder = mock.Mock()
        self.recorder.start.return_value = self.writer
        self.instance = objects.Instance(
            uuid=UUID, progress=0,
            migration_context=objects.MigrationContext(migration_id=42))
        self.observer = cold_observer.ColdObserver(
            self.recorder, context.RequestContext('user', 'project'),
            self.instance)
        self.addCleanup(self.observer.failed)

    def plan(self, **sizes):
        disks = []
        for name, size in sizes.items():
            path = self.directory / name
            with open(path, 'wb') as disk:
                disk.truncate(size)
            disks.append({'path': str(path)})
        self.observer.plan(disks)

    def wait_for(self, expected):
        deadline = time.monotonic() + 10
        while self.writer.events[-1] != expected:
            self.assertLess(time.monotonic(), deadline,
                            self.writer.events)
            time.sleep(0.005)

    def wait_for_no_poller(self):
        deadline = time.monotonic() + 10
        while any(thread.name == POLLER for thread in threading.enumerate()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)

    def begin(self, name):
        """Begin a local copy; returns it and the file it is written to."""
        target = self.directory / (name + '.copy')
        copy = self.observer.copy_begins(
            str(self.directory / name), str(target))
        self.observer.copy_runs(copy)
        return copy, target

    def test_migration_is_named_without_loading_it(self):
        (migration, instance), kwargs = self.recorder.start.call_args
        self.assertEqual(42, migration.id)
        self.assertTrue(migration._context.is_admin)
        self.assertIs(self.instance, instance)
        self.assertEqual({'task_state': task_states.RESIZE_MIGRATING}, kwargs)

    def test_two_disks(self):
        self.plan(disk=100, disk_eph0=50)
        self.assertEqual([copied(0, 150)], self.writer.events)
        first, target = self.begin('disk')
        grow(target, 30)
        self.wait_for(copied(30, 150))
        grow(target, 70)
        self.wait_for(copied(70, 150))
        self.observer.copy_ends(first)
        self.assertEqual(copied(100, 150), self.writer.events[-1])
        second, target = self.begin('disk_eph0')
        grow(target, 20)
        self.wait_for(copied(120, 150))
        self.observer.copy_ends(second)
        self.assertEqual(copied(150, 150), self.writer.events[-1])
        self.observer.completed()
        self.assertEqual(['end', ('close', copied(150, 150), False)],
                         self.writer.events[-2:])
        self.assertEqual(100, self.instance.progress)
        self.wait_for_no_poller()

    def test_position_never_goes_back_or_beyond_the_disk(self):
        self.plan(disk=100)
        _copy, target = self.begin('disk')
        grow(target, 60)
        self.wait_for(copied(60, 100))
        grow(target, 40)
        time.sleep(0.05)
        grow(target, 160)
        self.wait_for(copied(100, 100))
        processed = [event.disk_processed for event in self.writer.events]
        self.assertEqual(sorted(processed), processed)

    def test_ended_copy_is_not_read_any_more(self):
        self.plan(disk=100, disk_eph0=50)
        first, target = self.begin('disk')
        grow(target, 60)
        self.wait_for(copied(60, 150))
        self.observer.copy_ends(first)
        grow(target, 100)
        time.sleep(0.05)
        self.assertEqual(copied(100, 150), self.writer.events[-1])

    def test_readers(self):
        """One for each copy, closed when it is over."""
        readers = [mock.Mock(), mock.Mock()]
        # Not known at first.
        readers[0].read.side_effect = itertools.chain(
            [None, None], itertools.repeat(30))
        readers[1].read.return_value = 20
        with mock.patch.object(cold_copy, 'reader',
                               side_effect=readers) as make_reader:
            self.plan(disk=100, disk_eph0=50)
            first, target = self.begin('disk')
            self.wait_for(copied(30, 150))
            make_reader.assert_called_once_with(
                str(self.directory / 'disk'), str(target), None)
            self.observer.copy_ends(first)
            second = self.observer.copy_begins(
                str(self.directory / 'disk_eph0'), '/remote/disk_eph0')
            self.observer.copy_runs(second, mock.Mock(pid=77))
            self.wait_for(copied(120, 150))
            make_reader.assert_called_with(
                str(self.directory / 'disk_eph0'), '/remote/disk_eph0', 77)
            readers[0].close.assert_called_once_with()
            readers[1].close.assert_not_called()
            poller, = (thread for thread in threading.enumerate()
                       if thread.name == POLLER)
            # A service that ends does not wait for it.
            self.assertTrue(poller.daemon)
            self.observer.completed()
            self.wait_for_no_poller()
        for reader in readers:
            reader.close.assert_called_once_with()

    def test_file_that_is_no_disk_has_no_process(self):
        self.plan(disk=100)
        self.observer.copy_runs(None, mock.Mock(pid=77))
        self.observer.copy_ends(None)
        self.assertNotIn('the migration is not affected',
                         self.stdlog.logger.output)

    def test_polls_are_half_a_second_apart(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.cold_observer.POLL_INTERVAL',
            POLL_INTERVAL))
        pauses = []
        self.observer._ended.wait = lambda pause: (
            pauses.append(pause), len(pauses) == 2)[1]
        self.plan(disk=100)
        self.wait_for_no_poller()
        self.assertEqual([0.5, 0.5], pauses)

    def test_own_bugs_harm_nobody(self):
        lock, self.observer._lock = self.observer._lock, None
        self.addCleanup(setattr, self.observer, '_lock', lock)
        self.plan(disk=100)
        copy = self.observer.copy_begins(self.directory / 'disk', 'target')
        self.observer.copy_runs(copy)
        self.observer.copy_failed()
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.observer.failed()
        self.assertIsNone(self.observer.copy_begins(None, 'target'))
        self.assertEqual(1, self.stdlog.logger.output.count(
            'the migration is not affected'))

    def test_other_files_are_not_counted(self):
        self.plan(disk=100)
        (self.directory / 'disk.info').write_text('x' * 50)
        info, target = self.begin('disk.info')
        self.assertIsNone(info)
        target.write_text('x' * 50)
        time.sleep(0.05)
        self.observer.copy_ends(info)
        self.assertEqual({copied(0, 100)}, set(self.writer.events))

    def test_failed_copy_freezes_the_numbers(self):
        self.plan(disk=100)
        _copy, target = self.begin('disk')
        grow(target, 60)
        self.wait_for(copied(60, 100))
        self.observer.copy_failed()
        grow(target, 80)
        time.sleep(0.05)
        self.observer.failed()
        self.assertEqual(['end', ('close', copied(60, 100), False)],
                         self.writer.events[-2:])
        self.assertEqual(0, self.instance.progress)
        self.wait_for_no_poller()

    def test_failed_copy_leaves_no_progress(self):
        self.instance.obj_reset_changes(recursive=True)
        self.plan(disk=100)
        self.assertEqual(set(), self.instance.obj_what_changed())
        self.observer.failed()
        # To be carried by Nova's own next save: a thread of the recorder's
        # may have saved a percentage that this object does not know of.
        self.assertEqual({'progress'}, self.instance.obj_what_changed())
        self.assertEqual(0, self.instance.progress)

    def test_failed_before_anything_is_known(self):
        self.instance.obj_reset_changes(recursive=True)
        self.observer.failed()
        self.assertEqual(set(), self.instance.obj_what_changed())
        self.assertEqual(['end', ('close', None, False)],
                         self.writer.events)

    def test_completed_before_anything_is_known(self):
        """Nova looked for no disks: there is nothing to say, or to log."""
        self.observer.completed()
        self.assertEqual(['end', ('close', None, False)],
                         self.writer.events)
        self.assertEqual(0, self.instance.progress)
        self.assertNotIn('the migration is not affected',
                         self.stdlog.logger.output)

    def test_nothing_to_copy(self):
        self.plan()
        self.assertEqual([copied(0, 0)], self.writer.events)
        self.wait_for_no_poller()
        self.observer.completed()
        self.assertEqual(('close', copied(0, 0), False),
                         self.writer.events[-1])
        self.assertEqual(0, self.instance.progress)

    def test_empty_disk(self):
        self.plan(disk=0)
        copy, _target = self.begin('disk')
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.assertEqual(('close', copied(0, 0), False),
                         self.writer.events[-1])

    def test_disks_are_planned_once(self):
        self.plan(disk=100)
        self.plan(disk=200)
        self.assertEqual([copied(0, 100)], self.writer.events)

    def test_disks_that_cannot_be_read(self):
        self.observer.plan([{'path': str(self.directory / 'disk')}])
        copy, _target = self.begin('disk')
        self.assertIsNone(copy)
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.assertEqual(['end', ('close', None, False)],
                         self.writer.events)
        self.assertEqual(0, self.instance.progress)
        self.assertEqual(1, self.stdlog.logger.output.count(
            'the migration is not affected'))

    def test_slow_reading_holds_up_nothing(self):
        go = threading.Event()
        self.addCleanup(go.set)
        reading = threading.Event()

        def read():
            reading.set()
            go.wait()
            return 99

        reader = mock.Mock(read=read)
        with mock.patch.object(cold_copy, 'reader', return_value=reader):
            self.plan(disk=100)
            _copy, _target = self.begin('disk')
            self.assertTrue(reading.wait(10))
        began = time.monotonic()
        self.observer.failed()
        self.assertLess(time.monotonic() - began, 0.5)
        go.set()
        self.wait_for_no_poller()
        self.assertEqual(('close', copied(0, 100), False),
                         self.writer.events[-1])
        reader.close.assert_called_once_with()

    def test_reader_that_raises(self):
        with mock.patch.object(cold_copy, 'reader',
                               side_effect=ValueError('junk')):
            self.plan(disk=100)
            copy, _target = self.begin('disk')
            self.wait_for_no_poller()
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.assertEqual(('close', copied(100, 100), False),
                         self.writer.events[-1])
        self.assertIn('the migration is not affected',
                      self.stdlog.logger.output)

    def test_recorder_that_raises(self):
        for name in ('put', 'end', 'close'):
            setattr(self.writer, name, mock.Mock(side_effect=ValueError))
        self.plan(disk=100)
        copy, _target = self.begin('disk')
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.observer.failed()
        self.assertEqual(1, self.stdlog.logger.output.count(
            'the migration is not affected'))
        self.wait_for_no_poller()

    def test_no_thread_can_be_started(self):
        with mock.patch('threading.Thread.start',
                        side_effect=RuntimeError("can't start new thread")):
            self.plan(disk=100)
        copy, _target = self.begin('disk')
        self.observer.copy_ends(copy)
        self.observer.completed()
        self.assertEqual(('close', copied(100, 100), False),
                         self.writer.events[-1])
