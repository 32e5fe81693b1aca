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

"""Which disks a block migration copies, and that libvirt's sum is reported."""

import fixtures
from lxml import etree
from nova.tests import fixtures as nova_fixtures
from nova.tests.fixtures import libvirt as fakelibvirt

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB


class CopiedDisksTestCase(base.LiveMigrationBase):
    """A server with everything: five disks, three of which are copied."""

    def setUp(self):
        super().setUp()
        self.flags(interval=1, group='migration_progress')
        describe = fakelibvirt.Domain.XMLDesc

        def describe_as_libvirt(domain, flags):
            # libvirt takes every CD-ROM for read-only; Nova's fake does not.
            description = etree.fromstring(describe(domain, flags))
            for disk in description.findall('./devices/disk'):
                if disk.get('device') == 'cdrom':
                    etree.SubElement(disk, 'readonly')
            return etree.tostring(description, encoding='unicode')

        self.useFixture(fixtures.MonkeyPatch(
            'nova.tests.fixtures.libvirt.Domain.XMLDesc',
            describe_as_libvirt))
        # Both hosts are one machine here, and the disks are no files.
        for name, value in (('_check_shared_storage_test_file', False),
                            ('_is_shared_block_storage', False),
                            ('_get_instance_disk_info_from_config', [])):
            self.useFixture(fixtures.MockPatch(
                'nova.virt.libvirt.driver.LibvirtDriver.' + name,
                return_value=value))
        self.useFixture(nova_fixtures.CinderFixture(self))
        flavor = self._create_flavor(memory_mb=256, disk=1, ephemeral=1,
                                     swap=64)
        server = self._build_server(flavor_id=flavor, host='src',
                                    networks='none')
        server['config_drive'] = True
        server = self.api.post_server({'server': server})
        self.server = self._wait_for_state_change(server, 'ACTIVE')
        self.memory = self.server['flavor']['ram'] * MIB
        self.api.post_server_volume(self.server['id'], {'volumeAttachment': {
            'volumeId': nova_fixtures.CinderFixture.IMAGE_BACKED_VOL}})
        self._wait_for_volume_attach(
            self.server['id'], nova_fixtures.CinderFixture.IMAGE_BACKED_VOL)

    def test_root_ephemeral_and_swap(self):
        domain = self.src.driver._host.get_connection().lookupByUUIDString(
            self.server['id'])
        devices = {
            disk.find('target').get('dev'): disk.get('device')
            for disk in etree.fromstring(domain.XMLDesc(0)).findall(
                './devices/disk')}
        self.assertEqual({'vda': 'disk', 'vdb': 'disk', 'vdc': 'disk',
                          'vdd': 'disk', 'hda': 'cdrom'}, devices)

        # libvirt sums up what it copies: 300 MiB on three disks, one after
        # the other; the guest writes 8 MiB more meanwhile.
        def disks(processed, total=300):
            return player.statistics(disk=(
                total * MIB, processed * MIB, (total - processed) * MIB))

        done = (308 * MIB, 308 * MIB, 0)
        steps = [player.PREPARING, disks(20), disks(100), disks(100),
                 disks(164), disks(200, 308), disks(290, 308)] + [
            player.statistics((TOTAL, n * 20 * MIB, TOTAL - n * 20 * MIB),
                              done) for n in range(1, 7)]
        played = self.play(steps, completed=player.statistics(
            (TOTAL, 270 * MIB, 0), done))
        self.start_migration()
        seen = self.follow('completed')
        self.assertTrue(played.flags & fakelibvirt.VIR_MIGRATE_NON_SHARED_INC)
        # Neither the config drive nor the volume.
        self.assertEqual(['vda', 'vdb', 'vdc'],
                         sorted(played.params['migrate_disks']))
        self.assertEqual((self.memory, 0, self.memory, 300 * MIB, 20 * MIB,
                          280 * MIB), seen[1])
        self.wait_for_record((TOTAL, 270 * MIB, 0) + done)
