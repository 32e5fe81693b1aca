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


class LiveMigrationTestCase(base.SandboxTestCase):
    """A busy guest on shared storage moves."""

    def test_progress(self):
        server = self.boot('e2e-plain', memory=256, dirty_rate=16,
                           working_set=64)
        self.set_bandwidth(24)
        during = []

        def compare(reading):
            # Once in the middle of the migration, not only after it.
            if not during and checks.is_known(reading['migration']):
                during.append(self.entry(reading, self.below()))

        readings, truth = self.migrate(server, compare)
        final = readings[-1]
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.memory_only(readings, truth, 256) +
            checks.completed(self.entry(final, self.maximum), truth))
        self.assertGuestIntact(server, 'compute2')
        self.assertStockBelow(final)
        self.assertEqual('running', during[0]['status'])
        self.assertEqual(set(final['migration']) - set(during[0]),
                         set(checks.values(final['migration'])))

    def test_faster_than_a_poll(self):
        server, readings, truth, final = self.play(
            'e2e-fast', catalogue.FAST)
        self.assertChecks(
            checks.shape(readings) + checks.completed(final, truth))
        self.assertGuestIntact(server, 'compute2')
        self.assertStockBelow(readings[-1])
