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

"""Ways to transfer memory: what is reported is what crosses the network."""

from nova.tests.fixtures import libvirt as fakelibvirt

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB


class TransferTestBase(base.LiveMigrationBase):

    def migrate(self, steps, completed):
        self.flags(interval=1, group='migration_progress')
        played = self.play(steps, completed=completed, poll_faster=2)
        self.start_migration()
        seen = self.follow('completed')
        final = (completed['memory_total'], completed['memory_processed'],
                 0, 0, 0, 0)
        self.wait_for_record(final)
        # All of it is libvirt's, and nothing went back.
        told = [(step['memory_total'], step['memory_processed'],
                 step['memory_remaining'], 0, 0, 0) for step in steps[2:]]
        between = [record for record in seen
                   if record not in ((None,) * 6, final)]
        self.assertGreaterEqual(len(between), 3, seen)
        self.assertEqual([], [record for record in between
                              if record not in told])
        self.assertEqual(sorted(between, key=told.index), between)
        return played


class AutoConvergeTestCase(TransferTestBase):
    """A guest that is slowed down until it converges."""

    TOTAL = 537403392
    #: Processed, remaining, pass and throttle in per cent, of a real one:
    #: 80 MiB/s written over a link of 32 MiB/s; one in each pass.
    PASSES = [
        (3359247, 533069824, 1, None), (214863612, 138493952, 2, None),
        (347756999, 132853760, 3, 20), (476717304, 131006464, 4, 20),
        (604286353, 130981888, 5, 30), (731855402, 131002368, 6, 30),
        (859424451, 130990080, 7, 40), (1114562549, 130985984, 9, 50),
        (1369700655, 130994176, 11, 60), (1624838753, 130990080, 13, 70),
        (1879976851, 130990080, 15, 80), (2135114949, 130994176, 17, 90),
        (2386895967, 134344704, 19, 99), (2514465016, 17436672, 20, 99),
        (2524536256, 8224768, 21, 99)]
    FINAL = 2533614313

    def setUp(self):
        self.flags(live_migration_permit_auto_converge=True, group='libvirt')
        super().setUp()

    def test_many_times_the_memory(self):
        steps = [player.NOT_STARTED, player.PREPARING]
        for processed, remaining, iteration, throttle in self.PASSES:
            more = {'memory_dirty_rate': 8149, 'memory_bps': 33570900}
            if throttle is not None:
                more['auto_converge_throttle'] = throttle
            steps.append(player.statistics(
                (self.TOTAL, processed, remaining), iteration=iteration,
                **more))
        played = self.migrate(steps, player.statistics(
            (self.TOTAL, self.FINAL, 0), iteration=22))
        self.assertTrue(
            played.flags & fakelibvirt.VIR_MIGRATE_AUTO_CONVERGE)


class ParallelTestCase(TransferTestBase):
    """Several connections: libvirt reports their sum."""

    def setUp(self):
        self.flags(live_migration_parallel_connections=4, group='libvirt')
        super().setUp()

    def test_connections_are_summed(self):
        total = 257 * MIB
        steps = [player.NOT_STARTED, player.PREPARING] + [
            player.statistics((total, 4 * n * MIB + 17, total - 4 * n * MIB),
                              iteration=1) for n in range(1, 16)]
        played = self.migrate(steps, player.statistics(
            (total, 260 * MIB + 19, 0), iteration=3))
        self.assertTrue(played.flags & fakelibvirt.VIR_MIGRATE_PARALLEL)
        self.assertEqual(4, played.params[
            fakelibvirt.VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS])


class CompressionTestCase(TransferTestBase):
    """XBZRLE: what is processed is what was sent, after compression.

    Nova has no option for it; it can be set for a QEMU by other means.
    """

    def test_less_than_the_memory(self):
        total = 257 * MIB
        steps = [player.NOT_STARTED, player.PREPARING] + [
            player.statistics((total, 3 * n * MIB, total - 15 * n * MIB),
                              iteration=1, compression_cache=64 * MIB,
                              compression_bytes=n * MIB,
                              compression_pages=n * 2048,
                              compression_cache_misses=n,
                              compression_overflow=0)
            for n in range(1, 16)]
        self.migrate(steps, player.statistics((total, 51 * MIB, 0),
                                              iteration=3))
