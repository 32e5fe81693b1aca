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
from sandbox import servers
from tests.e2e import base


class AbortTestCase(base.SandboxTestCase):
    """A guest that is faster than the network never arrives."""

    def test_not_converging(self):
        server = self.boot('e2e-busy', memory=256, dirty_rate=48,
                           working_set=80)
        self.set_bandwidth(16)
        aborted = []

        def abort(reading):
            entry = reading['migration']
            if not aborted and checks.known(entry) and (
                    # In the third pass at least.
                    entry['memory_processed'] > 1.5 * (192 << 20)):
                aborted.append(servers.abort(self.layout, 'e2e-busy'))

        readings, truth = self.migrate(server, abort)
        final = self.entry(readings[-1], self.maximum)
        # Stock Nova turns "cancelled" into "error" a second later.
        self.assertIn(final['status'], ('cancelled', 'error'))
        self.assertEqual([final['uuid']],
                         [entry['uuid'] for entry in aborted])
        self.assertChecks(
            checks.shape(readings) + checks.monotonic(readings) +
            checks.running(readings, truth) +
            checks.memory_only(readings, truth, 256) +
            checks.interrupted(readings, final, truth))
        remaining = [reading['migration']['memory_remaining']
                     for reading in readings
                     if checks.known(reading['migration'])]
        self.assertTrue(
            any(later > earlier for earlier, later
                in zip(remaining, remaining[1:])),
            'remaining never rose: %s' % remaining)
        self.assertGuestIntact(server, 'compute1')
        self.assertStockBelow(readings[-1])
