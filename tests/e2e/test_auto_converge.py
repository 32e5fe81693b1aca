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


class AutoConvergeTestCase(base.SandboxTestCase):
    """QEMU slows a guest down until it arrives."""

    def test_throttled(self):
        server, readings, truth, final = self.play(
            'e2e-throttled', catalogue.AUTO_CONVERGE)
        self.assertTrue(
            any(sample.get('auto_converge_throttle')
                for sample in truth['samples']), 'it was never throttled')
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.memory_only(readings, truth, 256) +
            checks.completed(final, truth))
        self.assertGuestIntact(server, 'compute2')
        self.assertStockBelow(readings[-1])
