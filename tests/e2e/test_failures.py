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


class FailureTestCase(base.SandboxTestCase):
    """A migration ends, and the guest stays where it is."""

    def _test(self, name, scenario):
        server, readings, truth, final = self.play(name, scenario)
        # Which one depends on who noticed first; Nova's own doing.
        self.assertIn(final['status'], ('cancelled', 'error', 'failed'))
        self.assertChecks(
            self.check_course(readings, truth) +
            checks.memory_only(readings, truth, 256) +
            checks.interrupted(readings, final, truth))
        self.assertGuestIntact(server, 'compute1')
        self.assertStockBelow(readings[-1])

    def test_destination_qemu_dies(self):
        self._test('e2e-qemu-dies', catalogue.DESTINATION_DIES)

    def test_destination_libvirtd_dies(self):
        self._test('e2e-libvirtd-dies', catalogue.DESTINATION_LIBVIRTD_DIES)

    def test_timeout(self):
        self._test('e2e-timeout', catalogue.TIMEOUT_ABORT)

    def test_destination_refuses(self):
        server, readings, _truth, final = self.play(
            'e2e-refused', catalogue.REFUSED)
        self.assertEqual('error', final['status'])
        self.assertChecks(checks.shape(readings))
        # The copy never began.
        self.assertEqual({None}, set(checks.values(final).values()))
        self.assertGuestIntact(server, 'compute1')
        self.assertStockBelow(readings[-1])
