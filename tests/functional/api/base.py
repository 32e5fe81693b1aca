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

"""Base of the API tests: a database with migrations and a real API."""

import datetime

from nova import context
from nova.db.main import api as db
from nova import test
from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional import fixtures

START = datetime.datetime(2026, 1, 29, 11, 42, 2)

GIB = 1024 ** 3


class APITestCase(test.TestCase):
    """Migrations straight in the cell database, requests through paste."""

    #: Whether the API is loaded with the plugin.
    PLUGIN = True

    def setUp(self):
        super().setUp()
        self.useFixture(nova_fixtures.RealPolicyFixture())
        self.api = self.useFixture(fixtures.API(plugin=self.PLUGIN))

    def add_migration(self, cell='cell1', minute=0, **values):
        """Insert a row, a running live migration unless told otherwise.

        :param minute: minutes after START at which it was created
        :param values: columns of the row
        """
        moment = START + datetime.timedelta(minutes=minute)
        row = {
            'uuid': getattr(uuids, 'migration_%s_%d' % (cell, minute)),
            'source_compute': 'compute1', 'source_node': 'node1',
            'dest_compute': 'compute2', 'dest_node': 'node2',
            'dest_host': '192.0.2.2', 'status': 'running',
            'instance_uuid': getattr(uuids, 'server_%d' % minute),
            'old_instance_type_id': 1, 'new_instance_type_id': 1,
            'migration_type': 'live-migration', 'hidden': False,
            'created_at': moment, 'updated_at': moment,
            'user_id': uuids.user,
            'project_id': nova_fixtures.PROJECT_ID,
        }
        row.update(values)
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings[cell]) as cctxt:
            return db.migration_create(cctxt, row)
