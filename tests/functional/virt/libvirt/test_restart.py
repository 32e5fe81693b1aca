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

"""nova-compute is started again while a live migration runs."""

import threading
import time

import fixtures
from nova import objects

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB


class RestartTestCase(base.LiveMigrationBase):

    def setUp(self):
        super().setUp()
        self.flags(interval=1, group='migration_progress')

    def test_last_sample_stays(self):
        steps = [player.NOT_STARTED, player.PREPARING] + [
            player.statistics((TOTAL, 10 * n * MIB, TOTAL - 10 * n * MIB))
            for n in range(1, 14)]
        last = (TOTAL, 130 * MIB, TOTAL - 130 * MIB, 0, 0, 0)
        played = self.play(steps, outcome='endless', poll_faster=4)
        self.start_migration()
        self.wait_for_record(last)

        # As after SIGKILL: nothing of the old process runs on. libvirt and
        # its migration do.
        played.freeze()
        self.src = self.restart_compute_service('src')
        self.follow('error', 'failed', 'cancelled')
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        # Nova had libvirt abort the migration that nobody watched.
        self.assertEqual(['abort'], [told for told, _time in played.told])
        self.assertEqual(last, self.record())
        self.assertEqual([], self.writers())
        self.assertEqual(last, self.record())

    def test_stops_while_a_save_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        save = objects.Migration.save
        hanging = []

        def hang(migration):
            if threading.current_thread().name == 'migration-progress-writer':
                hanging.append(migration)
                release.wait()
            return save(migration)

        self.useFixture(fixtures.MonkeyPatch('nova.objects.Migration.save',
                                             hang))
        final = (TOTAL, 300 * MIB, 0, 0, 0, 0)
        self.play([player.NOT_STARTED, player.PREPARING, player.statistics(
            (TOTAL, 10 * MIB, 247 * MIB))], outcome='endless',
            forced=[player.NOT_STARTED],
            completed=player.statistics(final[:3]))
        self.start_migration()
        while not hanging:
            time.sleep(0.05)
        began = time.monotonic()
        self.src.stop()
        self.assertLess(time.monotonic() - began, 5)
        # What ran when the service was stopped takes its course.
        self.src.driver.live_migration_force_complete(hanging[0].instance)
        self.follow('completed')
        release.set()
        self.wait_for_record(final)

    def test_next_migration_is_recorded(self):
        self.src = self.restart_compute_service('src')
        final = (TOTAL, 300 * MIB, 0, 0, 0, 0)
        self.play([player.NOT_STARTED, player.PREPARING],
                  completed=player.statistics(final[:3]))
        self.start_migration()
        self.follow('completed')
        self.wait_for_record(final)
