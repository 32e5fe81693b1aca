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
from sandbox.scenario import catalogue
from tests.e2e import base


class AbortTestCase(base.SandboxTestCase):
    """A guest that is faster than the network never arrives."""

    def assertKept(self, server, readings, truth, final):
        """What is shown after the abort is what was known before it."""
        # Stock Nova turns "cancelled" into "error" a second later.
        self.assertIn(final['status'], ('cancelled', 'error'))
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.interrupted(readings, final, truth))
        self.assertGuestIntact(server, 'compute1')
        self.assertStockBelow(readings[-1])

    def test_not_converging(self):
        server, readings, truth, final = self.play(
            'e2e-busy', catalogue.ABORTED)
        self.assertKept(server, readings, truth, final)
        self.assertChecks(checks.memory_only(readings, truth, 256))
        remaining = [reading['migration']['memory_remaining']
                     for reading in readings
                     if checks.is_known(reading['migration'])]
        self.assertTrue(
            any(later > earlier for earlier, later
                in zip(remaining, remaining[1:])),
            'remaining never rose: %s' % remaining)

    def test_copying_disks(self):
        server, readings, truth, final = self.play(
            'e2e-abort-disk', catalogue.ABORTED_IN_STORAGE)
        self.assertKept(server, readings, truth, final)
        self.assertGreater(final['disk_remaining'], 0)
        self.assertEqual(0, final['memory_processed'])
        self.assertEqual(final['memory_total'], final['memory_remaining'])
