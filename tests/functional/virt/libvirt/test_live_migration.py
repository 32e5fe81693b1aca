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

from nova import objects

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
NULLS = (None,) * 6


def memory(processed, remaining, **kwargs):
    return player.statistics((TOTAL, processed * MIB, remaining * MIB),
                             **kwargs)


PLAIN = [player.NOT_STARTED, player.PREPARING, player.PREPARING,
         memory(10, 240), memory(20, 230), memory(40, 200), memory(60, 180),
         memory(80, 150), memory(90, 130), memory(110, 100, iteration=1),
         memory(120, 120, iteration=2), memory(150, 40, iteration=2)]
COMPLETED = player.statistics((TOTAL, 163 * MIB + 17, 0), iteration=3)


class PlainTestCase(base.LiveMigrationBase):

    def test_completed(self):
        self.play(PLAIN, completed=COMPLETED)
        self.start_migration()
        seen = self.follow('completed')

        # Null before anything is known, then the first real sample.
        self.assertEqual(NULLS, seen[0])
        self.assertEqual((TOTAL, 10 * MIB, 240 * MIB, 0, 0, 0), seen[1])
        self.assertGreaterEqual(len(seen), 5)
        processed = [record[1] for record in seen[1:]]
        self.assertEqual(sorted(processed), processed)
        self.assertEqual((TOTAL, 163 * MIB + 17, 0, 0, 0, 0), self.record())

    def test_faster_than_one_poll(self):
        self.play([player.NOT_STARTED], completed=COMPLETED)
        self.start_migration()
        self.follow('completed')
        self.assertEqual((TOTAL, 163 * MIB + 17, 0, 0, 0, 0), self.record())

    def test_completed_event_lost(self):
        self.play(PLAIN)
        self.start_migration()
        self.follow('completed')
        self.assertEqual((TOTAL, 150 * MIB, 0, 0, 0, 0), self.record())

    def test_completed_event_late(self):
        # Nova's own final save is over when the event arrives.
        stock = self.src.manager._post_live_migration

        def slow_post(*args, **kwargs):
            stock(*args, **kwargs)
            time.sleep(1)

        self.play(PLAIN, completed=COMPLETED, event_delay=0.5)
        with mock.patch.object(self.src.manager, '_post_live_migration',
                               slow_post):
            self.start_migration()
            self.follow('completed')
            self.wait_for_record((TOTAL, 163 * MIB + 17, 0, 0, 0, 0))

    def test_instance_progress_is_kept_up(self):
        saves = []
        save = objects.Instance.save

        def note(instance, *args, **kwargs):
            if 'progress' in instance.obj_what_changed():
                saves.append((time.monotonic(), instance.progress))
            return save(instance, *args, **kwargs)

        self.play(PLAIN, completed=COMPLETED)
        with mock.patch.object(objects.Instance, 'save', note):
            self.start_migration()
            self.follow('completed')
        # 100 - round(100 * 240 / 257); one write, as the migration takes
        # less than ten intervals, and Nova's own reset at the end.
        self.assertEqual([7, 0], [percent for _time, percent in saves])


class BlockTestCase(base.LiveMigrationBase):

    DISK = 192 * MIB

    def test_storage_then_memory(self):
        def disk(processed, total=192):
            return player.statistics(
                disk=(total * MIB, processed * MIB,
                      (total - processed) * MIB))

        done = (200 * MIB, 200 * MIB, 0)
        steps = [player.PREPARING, disk(10), disk(40), disk(80), disk(120),
                 disk(150, 200), disk(190, 200)] + [
            player.statistics((TOTAL, n * 20 * MIB, TOTAL - n * 20 * MIB),
                              done, iteration=1) for n in range(1, 7)]
        self.play(steps, completed=player.statistics(
            (TOTAL, 200 * MIB + 1, 0), done, iteration=4))
        self.start_migration()
        seen = self.follow('completed')

        self.assertEqual(NULLS, seen[0])
        self.assertEqual((self.memory, 0, self.memory,
                          192 * MIB, 10 * MIB, 182 * MIB), seen[1])
        memory_phase = [record for record in seen if record and record[1]]
        self.assertTrue(memory_phase)
        for record in memory_phase:
            self.assertEqual(done, record[3:])
        self.assertEqual((TOTAL, 200 * MIB + 1, 0) + done, self.record())

    def test_tunnelled(self):
        # Memory and disks are copied in one stream.
        steps = [player.PREPARING] + [
            player.statistics((TOTAL, 0, TOTAL),
                              (192 * MIB, n * MIB, (192 - n) * MIB))
            for n in range(24, 192, 24)] + [
            player.statistics((TOTAL, n * 50 * MIB, TOTAL - n * 50 * MIB),
                              (192 * MIB, 192 * MIB, 0))
            for n in range(1, 5)]
        self.play(steps, completed=player.statistics(
            (TOTAL, 200 * MIB + 1, 0), (192 * MIB, 192 * MIB, 0)))
        self.start_migration()
        seen = self.follow('completed')
        self.assertEqual((TOTAL, 0, TOTAL, 192 * MIB, 24 * MIB, 168 * MIB),
                         seen[1])
        for record in seen[1:]:
            self.assertEqual(192 * MIB, record[4] + record[5], record)
        self.assertEqual((TOTAL, 200 * MIB + 1, 0, 192 * MIB, 192 * MIB, 0),
                         self.record())


class AbortedTestCase(base.LiveMigrationBase):

    ENDLESS = PLAIN[:-2] + [memory(200, 90, iteration=2)]

    def test_aborted(self):
        self.play(self.ENDLESS, outcome='endless')
        self.start_migration()
        last = (TOTAL, 200 * MIB, 90 * MIB, 0, 0, 0)
        self.wait_for_record(last)
        self.abort_migration()
        # Stock Nova turns "cancelled" into "error" a moment later.
        self.follow('cancelled', 'error')
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        self.assertEqual(last, self.record())

    def abort_at(self, last, steps):
        self.play(steps, outcome='endless')
        self.start_migration()
        self.wait_for_record(last)
        self.abort_migration()
        self.follow('cancelled', 'error')
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        self.assertEqual(last, self.record())

    def test_while_disks_are_copied(self):
        self.abort_at((self.memory, 0, self.memory,
                       192 * MIB, 90 * MIB, 102 * MIB), [
            player.PREPARING,
            player.statistics(disk=(192 * MIB, 10 * MIB, 182 * MIB)),
            player.statistics(disk=(192 * MIB, 90 * MIB, 102 * MIB))])

    def test_while_memory_is_copied_after_the_disks(self):
        done = (192 * MIB, 192 * MIB, 0)
        self.abort_at((TOTAL, 50 * MIB, 207 * MIB) + done, [
            player.PREPARING,
            player.statistics(disk=(192 * MIB, 90 * MIB, 102 * MIB)),
            player.statistics((TOTAL, 50 * MIB, 207 * MIB), done)])

    def test_while_it_is_prepared(self):
        played = self.play([player.NOT_STARTED, player.PREPARING],
                           outcome='endless')
        self.start_migration()
        self._wait_for_migration_status(self.server, ['running'])
        while len(played.polls) < 4:
            time.sleep(0.05)
        self.abort_migration()
        self.follow('cancelled', 'error')
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        self.assertEqual(NULLS, self.record())

    def test_failed(self):
        self.play(PLAIN, outcome='failed')
        self.start_migration()
        self.follow('error', 'failed')
        self.assertEqual((TOTAL, 150 * MIB, 40 * MIB, 0, 0, 0),
                         self.record())


class TroubleTestCase(base.LiveMigrationBase):
    """Whatever saving does, the migration takes its course."""

    def fail_saves(self, failure):
        """Let every write of the recorder's own call failure()."""
        save = objects.Migration.save

        def save_or_fail(migration):
            if threading.current_thread().name == 'migration-progress-writer':
                failure()
            return save(migration)

        patcher = mock.patch.object(objects.Migration, 'save', save_or_fail)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_save_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.fail_saves(release.wait)
        played = self.play(PLAIN, completed=COMPLETED)
        self.start_migration()
        seen = self.follow('completed')
        self.assertEqual([NULLS, (TOTAL, 163 * MIB + 17, 0, 0, 0, 0)], seen)
        # The monitor went on polling twice a second.
        gaps = [b - a for a, b in zip(played.polls, played.polls[1:])]
        self.assertLess(max(gaps), 2)
        self.assertEqual(1, len(self.writers()))

        # The write that hung is followed by one that sets it right.
        release.set()
        deadline = time.monotonic() + 10
        while self.writers() or self.record()[1] != 163 * MIB + 17:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual((TOTAL, 163 * MIB + 17, 0, 0, 0, 0), self.record())


class StockDestinationTestCase(base.LiveMigrationBase):

    DEST_DRIVER = 'libvirt.LibvirtDriver'

    def test_completed(self):
        self.play(PLAIN, completed=COMPLETED)
        self.start_migration()
        self.follow('completed')
        self.assertEqual((TOTAL, 163 * MIB + 17, 0, 0, 0, 0), self.record())


class StockSourceTestCase(base.LiveMigrationBase):

    SOURCE_DRIVER = 'libvirt.LibvirtDriver'

    def test_stock_behaviour(self):
        # The destination's driver has replaced the seam in this process; a
        # driver without the mixin must still save as stock Nova does.
        self.play(PLAIN, completed=COMPLETED)
        self.start_migration()
        seen = self.follow('completed')
        self.assertIn((0,) * 6, seen)
        self.assertNotEqual((TOTAL, 163 * MIB + 17, 0, 0, 0, 0),
                            self.record())
