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

from sandbox import checks
from tests.e2e import base


class BlockMigrationTestCase(base.SandboxTestCase):
    """A guest with a local disk that it writes to moves with the disk."""

    DISK = 128

    def test_progress(self):
        server = self.boot('e2e-block', memory=256, dirty_rate=8,
                           working_set=32, disk=self.DISK,
                           disk_write_rate=4)
        self.set_bandwidth(24)
        readings, truth = self.migrate(server, block=True)
        final = self.entry(readings[-1], self.maximum)
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.completed(final, truth))
        self.assertGuestIntact(server, 'compute2')
        self.assertStockBelow(readings[-1])
        # The guest has written all of its disk.
        self.assertGreaterEqual(final['disk_total'], self.DISK << 20)
        self.assertEqual(final['disk_total'], final['disk_processed'])

    def test_disk_before_memory(self):
        server = self.boot('e2e-storage', memory=256, dirty_rate=4,
                           working_set=32, disk=self.DISK)
        self.set_bandwidth(24)
        readings, _truth = self.migrate(server, block=True)
        found = [reading['migration'] for reading in readings
                 if checks.is_known(reading['migration'])]
        storage = [entry for entry in found if entry['disk_remaining']]
        # 128 MiB at 24 MiB/s are more than two intervals of 2 s.
        self.assertGreater(
            len({entry['disk_processed'] for entry in storage}), 1)
        for entry in storage:
            self.assertEqual(0, entry['memory_processed'])
            self.assertGreater(entry['memory_remaining'], 256 << 20 >> 1)
        self.assertGuestIntact(server, 'compute2')
