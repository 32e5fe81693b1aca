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

from oslotest import base

from sandbox.guest import build

MODULES_DEP = """\
drivers/virtio/virtio.ko.xz:
drivers/virtio/virtio_ring.ko.xz: drivers/virtio/virtio.ko.xz
drivers/virtio/virtio_pci.ko.xz: drivers/virtio/virtio_ring.ko.xz\
 drivers/virtio/virtio.ko.xz
drivers/block/virtio_blk.ko.xz: drivers/virtio/virtio_ring.ko.xz\
 drivers/virtio/virtio.ko.xz
"""


class LoadOrderTestCase(base.BaseTestCase):

    def test_dependencies_first_and_once(self):
        self.assertEqual(
            ['drivers/virtio/virtio.ko.xz',
             'drivers/virtio/virtio_ring.ko.xz',
             'drivers/virtio/virtio_pci.ko.xz',
             'drivers/block/virtio_blk.ko.xz'],
            build._load_order(MODULES_DEP, build.MODULES))

    def test_built_in(self):
        self.assertEqual([], build._load_order('', build.MODULES))
