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

"""Migrations of which nothing is known: all six values stay null."""

import fixtures
from nova import context
from nova import objects
from nova.policies import base as base_policies
from nova.policies import servers as servers_policies
from nova.tests.functional import integrated_helpers

from nova_migprogress import fields
from tests.functional import fixtures as functional_fixtures
from tests.functional.virt.libvirt import base

NULLS = (None,) * 6


class FakeDriverTestCase(integrated_helpers.ProviderUsageBaseTestCase):
    """A driver that reports nothing."""

    compute_driver = 'fake.MediumFakeDriver'

    def setUp(self):
        # Nova's own fixture looks for it in a source tree of Nova.
        self.flags(api_paste_config=str(functional_fixtures.stock_paste()),
                   group='wsgi')
        super().setUp()
        for host in ('src', 'dest'):
            self._start_compute(host)
        self.server = self._create_server(host='src', networks='none')

    def assertUnreported(self, status):
        migration, = objects.MigrationList.get_by_filters(
            context.get_admin_context(),
            {'instance_uuid': self.server['id']})
        self.assertEqual(status, migration.status)
        self.assertEqual(NULLS, tuple(
            getattr(migration, name) for name in fields.NAMES))

    def test_live_migration(self):
        self._live_migrate(self.server)
        self.assertUnreported('completed')

    def test_cold_migration(self):
        self._migrate_server(self.server)
        self.assertUnreported('finished')
        self._confirm_resize(self.server)
        self.assertUnreported('confirmed')


class NoMigrationOfDataTestCase(base.LiveMigrationBase):
    """What Nova records as a migration or not, but nothing is transferred."""

    def test_evacuation(self):
        self.src.stop()
        service, = self.api.get_services(host='src', binary='nova-compute')
        self.api.put_service(service['id'], {'forced_down': True})
        self._evacuate_server(self.server, expected_host='dest',
                              expected_state='ACTIVE')
        self.assertEqual('evacuation', self.migration().migration_type)
        self.assertEqual(NULLS, self.record())

    def test_rebuild(self):
        self._rebuild_server(self.server,
                             '155d900f-4e14-4e4c-a73d-069cbf4541e6')
        self.assertEqual([], list(objects.MigrationList.get_by_filters(
            self.context, {'instance_uuid': self.server['id']})))


class CrossCellTestCase(base.LiveMigrationBase):
    """A snapshot at one cell, and a new guest from it at the other."""

    NUMBER_OF_CELLS = 2
    CELLS = {'src': 'cell1', 'dest': 'cell2'}

    def setUp(self):
        super().setUp()
        self.policy.set_rules(
            {servers_policies.CROSS_CELL_RESIZE: base_policies.RULE_ADMIN_API},
            overwrite=False)
        self.flags(rpc_response_timeout=10, long_rpc_timeout=60)
        # There is no disk of which a snapshot could be made.
        self.useFixture(fixtures.MockPatch(
            'nova.virt.libvirt.driver.LibvirtDriver.snapshot'))

    def start_compute(self, hostname='compute1', **kwargs):
        return super().start_compute(
            hostname, cell_name=self.CELLS[hostname], **kwargs)

    def unreported(self):
        """Return the statuses of the migration, one for each cell."""
        statuses = []
        for cell in self.cell_mappings.values():
            with context.target_cell(self.context, cell) as cell_context:
                for migration in objects.MigrationList.get_by_filters(
                        cell_context, {'instance_uuid': self.server['id']}):
                    self.assertTrue(migration.cross_cell_move)
                    self.assertEqual(NULLS, tuple(
                        getattr(migration, name) for name in fields.NAMES))
                    statuses.append(migration.status)
        return statuses

    def test_resize(self):
        self.api.post_server_action(self.server['id'],
                                    {'migrate': {'host': 'dest'}})
        server = self._wait_for_state_change(self.server, 'VERIFY_RESIZE')
        self.assertEqual('dest', server['OS-EXT-SRV-ATTR:host'])
        self.assertEqual(0, server['progress'])
        self.assertIn('finished', self.unreported())
        self.api.post_server_action(self.server['id'],
                                    {'confirmResize': None})
        self._wait_for_state_change(self.server, 'ACTIVE')
        self.assertIn('confirmed', self.unreported())
