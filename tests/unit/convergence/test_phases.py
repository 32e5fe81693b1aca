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

import ddt
from oslotest import base

from nova_migprogress.convergence import phases
from nova_migprogress.convergence import samples

GIB = 1024 ** 3


@ddt.ddt
class TellPhaseTestCase(base.BaseTestCase):

    def phase(self, status, *numbers):
        return phases.tell_phase(samples.Sample(0, status, *numbers))

    @ddt.data('accepted', 'queued', 'preparing', 'running', 'pre-migrating',
              'migrating', None)
    def test_nothing_known(self, status):
        self.assertEqual(phases.PREPARING, self.phase(status))

    def test_zeros_of_libvirt(self):
        self.assertEqual(phases.PREPARING,
                         self.phase('running', 0, 0, 0, 0, 0, 0))

    def test_storage_as_written(self):
        self.assertEqual(
            phases.STORAGE,
            self.phase('running', GIB, 0, GIB, 10 * GIB, GIB, 9 * GIB))

    def test_storage_of_libvirt(self):
        self.assertEqual(
            phases.STORAGE,
            self.phase('running', 0, 0, 0, 10 * GIB, GIB, 9 * GIB))

    def test_disks_copied_memory_not_begun(self):
        self.assertEqual(
            phases.STORAGE,
            self.phase('running', GIB, 0, GIB, 10 * GIB, 10 * GIB, 0))

    def test_memory_after_storage(self):
        self.assertEqual(
            phases.FIRST_PASS,
            self.phase('running', GIB, 5, GIB - 5, GIB, GIB, 0))

    def test_memory_after_zero_pages(self):
        self.assertEqual(
            phases.FIRST_PASS,
            self.phase('running', GIB, 0, GIB - 4096, GIB, GIB, 0))

    def test_memory_without_disks(self):
        self.assertEqual(phases.FIRST_PASS,
                         self.phase('running', GIB, 0, GIB, 0, 0, 0))

    def test_post_copy(self):
        self.assertEqual(
            phases.POST_COPY,
            self.phase('running (post-copy)', GIB, GIB, 5, 0, 0, 0))

    @ddt.data('migrating', 'post-migrating')
    def test_cold(self, status):
        self.assertEqual(
            phases.COPYING,
            self.phase(status, None, None, None, GIB, 5, GIB - 5))

    @ddt.data('completed', 'done', 'finished', 'confirmed', 'reverted',
              'error', 'failed', 'cancelled')
    def test_ended(self, status):
        self.assertEqual(phases.ENDED, self.phase(status, GIB, 5, 5, 0, 0, 0))
        self.assertEqual(phases.ENDED, self.phase(status))
