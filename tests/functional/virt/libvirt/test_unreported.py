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

from nova import context
from nova import objects
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
