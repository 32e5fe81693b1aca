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

from nova import exception as nova_exception
from nova import test

from nova_migprogress.virt.libvirt import instance_progress
from nova_migprogress.virt.libvirt import job_stats
from tests.unit.virt.libvirt import base


class ToPercentTestCase(test.NoDBTestCase):

    def assertPercent(self, expected, *numbers):
        self.assertEqual(expected, instance_progress.to_percent(
            job_stats.ProgressNumbers(*numbers)))

    def test_memory(self):
        self.assertPercent(66, 300, 900, 101, 50, 50, 0)

    def test_disks_only(self):
        self.assertPercent(20, None, None, None, 50, 10, 40)

    def test_nothing_to_copy(self):
        self.assertPercent(None, None, None, None, 0, 0, 0)

    def test_rounding(self):
        self.assertPercent(100, 1000, 995, 5, 0, 0, 0)
        self.assertPercent(98, 1000, 985, 15, 0, 0, 0)
        self.assertPercent(57, 7, 4, 3, 0, 0, 0)

    def test_more_remaining_than_there_is(self):
        self.assertPercent(-20, 100, 0, 120, 0, 0, 0)


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
