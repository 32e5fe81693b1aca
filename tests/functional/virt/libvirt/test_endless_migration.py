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

"""Migrations that do not end by themselves, and what is done about it."""

import time

from nova.tests.fixtures import libvirt as fakelibvirt

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB


def memory(processed, remaining, **kwargs):
    return player.statistics((TOTAL, processed * MIB, remaining * MIB),
                             **kwargs)


#: It never gets under 120 MiB; the last one is repeated.
ENDLESS = [player.NOT_STARTED, player.PREPARING] + [
    memory(10 * n, 257 - 10 * n) for n in range(1, 13)] + [
    memory(130, 130, iteration=2)]
LAST = (TOTAL, 130 * MIB, 130 * MIB, 0, 0, 0)


class EndlessTestBase(base.LiveMigrationBase):

    def setUp(self):
        super().setUp()
        self.flags(interval=1, group='migration_progress')

    def migrate(self, forced=None, completed=None):
        played = self.play(ENDLESS, poll_faster=2, outcome='endless',
                           forced=forced, completed=completed)
        self.start_migration()
        return played

    def assertMoves(self, seen, final):
        """What was recorded never went back, and ends exactly."""
        known = [record for record in seen if record[0] is not None]
        self.assertGreaterEqual(len(known), 3, seen)
        processed = [record[1] for record in known]
        self.assertEqual(sorted(processed), processed)
        for record in known:
            self.assertEqual(TOTAL, record[0])
            self.assertGreater(record[1], 0)
            self.assertEqual((0, 0, 0), record[3:])
        self.assertEqual(final, self.record())
        self.wait_for_no_listener()


class SuspendTestCase(EndlessTestBase):
    """Forced to complete by suspending the guest, without post-copy."""

    #: It finishes the pass, and then one more.
    FORCED = [memory(131 + 20 * n, 130 - 20 * n, iteration=2)
              for n in range(6)] + [
        memory(251 + n, 12 - 4 * n, iteration=3) for n in range(3)]
    COMPLETED = memory(260, 0, iteration=3)
    FINAL = (TOTAL, 260 * MIB, 0, 0, 0, 0)

    def test_by_the_operator(self):
        played = self.migrate(self.FORCED, self.COMPLETED)
        self.wait_for_record(LAST)
        self.force_migration()
        seen = self.follow('completed')
        self.assertEqual(['suspend'], [told for told, _time in played.told])
        self.assertEqual(LAST, seen[0])
        self.assertMoves(seen, self.FINAL)

    def test_by_the_completion_timeout(self):
        # Seconds per GB, and a guest counts as 2 GB at least.
        self.flags(live_migration_completion_timeout=1,
                   live_migration_timeout_action='force_complete',
                   group='libvirt')
        played = self.migrate(self.FORCED, self.COMPLETED)
        seen = self.follow('completed')
        # Nova asks at every poll until the migration has ended.
        self.assertEqual({'suspend'}, {told for told, _time in played.told})
        self.assertMoves(seen, self.FINAL)


class PostCopyTestCase(EndlessTestBase):

    #: What is missing at the destination jumps up, then falls.
    FORCED = [memory(131 + 10 * n, 140 - 10 * n, iteration=3,
                     memory_postcopy_requests=2) for n in range(14)]
    COMPLETED = memory(272, 0, iteration=3)
    FINAL = (TOTAL, 272 * MIB, 0, 0, 0, 0)

    def setUp(self):
        self.flags(live_migration_permit_post_copy=True, group='libvirt')
        super().setUp()

    def assertContinues(self, played):
        """Follow it from the switch to its end."""
        switched = []
        deadline = time.monotonic() + 30
        while self.migration().status != 'running (post-copy)':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        while self.migration().status == 'running (post-copy)':
            self.assertLess(time.monotonic(), deadline)
            record = self.record()
            if record not in switched:
                switched.append(record)
            time.sleep(0.05)
        self.follow('completed')
        self.assertEqual(['post-copy'], [told for told, _time in played.told])
        self.assertTrue(played.flags & fakelibvirt.VIR_MIGRATE_POSTCOPY)
        # Numbers of after the switch were there before the end.
        moved = [record for record in switched
                 if LAST[1] < record[1] < self.FINAL[1]]
        self.assertGreaterEqual(len(moved), 2, switched)
        self.assertMoves(switched, self.FINAL)

    def test_by_the_operator(self):
        played = self.migrate(self.FORCED, self.COMPLETED)
        self.wait_for_record(LAST)
        self.force_migration()
        self.assertContinues(played)

    def test_by_the_completion_timeout(self):
        self.flags(live_migration_completion_timeout=1,
                   live_migration_timeout_action='force_complete',
                   group='libvirt')
        self.assertContinues(self.migrate(self.FORCED, self.COMPLETED))


class TimeoutAbortTestCase(EndlessTestBase):

    def test_aborted(self):
        self.flags(live_migration_completion_timeout=2,
                   live_migration_timeout_action='abort', group='libvirt')
        played = self.migrate()
        # Stock Nova turns "cancelled" into "error" a moment later.
        self.follow('cancelled', 'error')
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        self.assertEqual({'abort'}, {told for told, _time in played.told})
        self.assertEqual(LAST, self.record())
