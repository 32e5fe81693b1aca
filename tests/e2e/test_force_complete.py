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


class ForceCompleteTestCase(base.SandboxTestCase):
    """A guest that never arrives by itself is suspended until it has."""

    def _test(self, name, scenario):
        server, readings, truth, final = self.play(name, scenario)
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.memory_only(readings, truth, 256) +
            checks.completed(final, truth))
        self.assertGuestIntact(server, 'compute2')
        self.assertStockBelow(readings[-1])

    def test_operator(self):
        self._test('e2e-forced', catalogue.FORCED)

    def test_timeout(self):
        self._test('e2e-forced-late', catalogue.TIMEOUT_FORCE)
