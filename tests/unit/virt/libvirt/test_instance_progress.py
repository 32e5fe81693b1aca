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

import types
from unittest import mock

import ddt
import fixtures
from nova import context
from nova import exception as nova_exception
from nova import objects
from nova import test
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import instance_progress
from nova_migprogress.virt.libvirt import job_stats
from tests.unit.virt.libvirt import base


UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class ToPercentTestCase(test.NoDBTestCase):

    def assertPercent(self, expected, *numbers):
        self.assertEqual(expected, instance_progress.to_percent(
            job_stats.ProgressNumbers(*numbers)))

    def test_memory(self):
        self.assertPercent(66, 300, 900, 101, 50, 50, 0)

    def test_disks_only(self):
        self.assertPercent(20, None, None, None, 50, 10, 40)
        self.assertPercent(20, 300, None, None, 50, 10, 40)

    def test_nothing_to_copy(self):
        self.assertPercent(None, None, None, None, 0, 0, 0)

    def test_rounding(self):
        self.assertPercent(100, 1000, 995, 5, 0, 0, 0)
        self.assertPercent(98, 1000, 985, 15, 0, 0, 0)
        self.assertPercent(57, 7, 4, 3, 0, 0, 0)

    def test_more_remaining_than_there_is(self):
        self.assertPercent(-20, 100, 0, 120, 0, 0, 0)


@ddt.ddt
class SaveTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.now = 100.0
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.instance_progress.time',
            types.SimpleNamespace(monotonic=lambda: self.now)))
        self.instance = objects.Instance(
            context.get_admin_context(), id=5, uuid=UUID, progress=0,
            task_state='migrating', vm_state='active')
        self.impatient = self.useFixture(fixtures.MockPatchObject(
            conductor, 'make_impatient')).mock
        self.save = mock.Mock()
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Instance.save',
            lambda *args, **kwargs: self.save(*args, **kwargs)))
        self.progress = instance_progress.InstanceProgress(
            self.instance, 'migrating')

    def saves(self, percent, interval=2):
        """Tell whether a percentage is saved; the conductor answers."""
        self.save.reset_mock()
        self.assertIs(True, self.progress.save(
            base.numbered(percent, 100), interval))
        return self.save.called

    def test_nothing_else_of_the_instance_is_saved(self):
        self.assertTrue(self.saves(30))
        (saved,), kwargs = self.save.call_args
        self.assertEqual({'progress': 30}, saved.obj_get_changes())
        self.assertEqual((5, UUID, self.instance._context),
                         (saved.id, saved.uuid, saved._context))
        self.assertEqual({'expected_task_state': ['migrating']}, kwargs)
        self.impatient.assert_called_once_with(saved)
        self.assertEqual(0, self.instance.progress)

    @ddt.data((1, 10), (2, 20), (6, 60), (7, 60), (60, 60), (100, 100))
    @ddt.unpack
    def test_seconds_between_two(self, interval, seconds):
        self.assertTrue(self.saves(30, interval))
        self.now += seconds - 0.1
        self.assertFalse(self.saves(31, interval))
        self.now += 0.1
        self.assertTrue(self.saves(31, interval))

    def test_percentage_that_the_server_shows_already(self):
        self.assertFalse(self.saves(0))
        self.assertTrue(self.saves(1))
        self.now += 1000
        self.assertFalse(self.saves(1))

    @ddt.data(
        (nova_exception.UnexpectedTaskStateError(
            instance_uuid=UUID, expected={}, actual={}), True),
        (oslo_messaging.MessagingTimeout('no reply'), False),
        (oslo_messaging.MessageDeliveryFailure('no queue'), True),
        (oslo_messaging.RemoteError('DBError', 'gone'), True))
    @ddt.unpack
    def test_failure_that_another_save_tells_of(self, error, answered):
        self.save.side_effect = error
        self.assertIs(answered, self.progress.save(base.numbered(30), 2))
        self.assertNotIn('WARNING [nova_migprogress',
                         self.stdlog.logger.output)

    def test_failures_are_logged_once_until_one_is_saved(self):
        refusal = nova_exception.NovaException('no')
        for error, logged in ((refusal, 1), (refusal, 1), (None, 1),
                              (refusal, 2)):
            self.save.side_effect = error
            self.assertTrue(self.saves(self.now % 99))
            self.now += 20
            self.assertEqual(logged, self.stdlog.logger.output.count(
                'Cannot save the percentage that the server shows: '
                'NovaException: no. The migration is not affected, nor are '
                'its own numbers.'))


class InstanceProgressTestCase(base.RecorderTestBase):

    def test_progress(self):
        writer, migration, instance = self.start()
        for number in range(0, 300, 10):
            writer.put(base.numbered(number))
            self.wait()
            self.now += 2
        # 60 seconds: not at 0 %, then every ten intervals.
        self.assertEqual(30, len(migration.saved))
        self.assertEqual([1, 11, 21], instance.saved)

    def test_progress_only_when_it_changed(self):
        writer, migration, instance = self.start()
        for number in range(500, 530):
            writer.put(base.numbered(number, total=10000))
            self.wait()
            self.now += 2
        self.assertEqual(30, len(migration.saved))
        self.assertEqual([5], instance.saved)

    def test_progress_that_could_not_be_saved_is_saved_later(self):
        results = [nova_exception.NovaException('no'), None]
        writer, migration, instance = self.start(
            save_instance=mock.Mock(side_effect=results))
        writer.put(base.numbered(500))
        self.wait()
        self.now += 20
        writer.put(base.numbered(501))
        self.wait()
        self.assertEqual([50], instance.saved)

    def test_progress_of_an_ended_migration(self):
        writer, migration, instance = self.start(
            save_instance=mock.Mock(
                side_effect=nova_exception.UnexpectedTaskStateError(
                    instance_uuid='x', expected={}, actual={})))
        writer.put(base.numbered(500))
        self.wait()
        self.assertEqual([500], migration.saved)
        self.assertNotIn('Cannot save', self.stdlog.logger.output)
