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
import typing

from nova.api.openstack import api_version_request
from nova import context
from nova.db.main import api as db
from nova import test
from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional import fixtures

START = datetime.datetime(2026, 1, 29, 11, 0, 0)

GIB = 1024 ** 3

#: Nova's own maximum, read before anything has bumped it.
STOCK_VERSION = api_version_request._MAX_API_VERSION
VERSION = '2.%d' % (int(STOCK_VERSION.split('.')[1]) + 1)
BEYOND = '2.%d' % (int(VERSION.split('.')[1]) + 1)

#: Query strings of GET /os-migrations that cover every filter and the ways
#: to get one wrong, for comparisons between two answers.
QUERIES = (
    '',
    'status=running',
    'status=no-such-status',
    'status=running&status=completed',
    'host=compute1',
    'source_compute=compute1',
    'host=compute1&host=compute3',
    'migration_type=resize',
    'migration_type=live-migration&status=completed',
    'instance_uuid=%s' % uuids.server_1,
    'instance_uuid=not-a-uuid',
    'hidden=1',
    'hidden=0',
    'user_id=%s' % uuids.other_user,
    'project_id=%s' % uuids.other_project,
    'project_id=%s&user_id=%s' % (uuids.other_project, uuids.other_user),
    'limit=0',
    'limit=1',
    'limit=2&status=running',
    'limit=1000000',
    'limit=-1',
    'limit=many',
    'limit=',
    'limit=1&limit=2',
    'marker=%s' % uuids.migration_cell1_2,
    'limit=2&marker=%s' % uuids.migration_cell1_4,
    'limit=1&marker=%s&status=running' % uuids.migration_cell1_3,
    'marker=%s' % uuids.no_such_migration,
    'marker=',
    'marker=1',
    'changes-since=2026-01-29T11:03:00Z',
    'changes-since=2026-01-29T11:03:00%2B02:00',
    'changes-since=yesterday',
    'changes-since=',
    'changes-before=2026-01-29T11:03:00Z',
    'changes-before=soon',
    'changes-since=2026-01-29T11:02:00Z&changes-before=2026-01-29T11:04:00Z',
    'changes-since=2026-01-29T11:04:00Z&changes-before=2026-01-29T11:02:00Z',
    'sort_key=id',
    'no_such_parameter=1',
    'memory_total=1',
    'status=%ff',
    'page_size=1',
    'offset=1',
)


class APITestCase(test.TestCase):
    """Migrations straight in the cell database, requests through paste."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(nova_fixtures.RealPolicyFixture())

    def use_api(self, plugin: bool = True) -> fixtures.API:
        """Load the API, with the plugin or without, for the whole test."""
        return self.useFixture(fixtures.API(plugin=plugin))

    def add_migration(self, minute: int, cell: typing.Any = 'cell1',
                      **values: typing.Any) -> typing.Any:
        """Insert a row, a running live migration unless told otherwise.

        :param minute: minutes after START at which it was created; also names
            its uuid and its server's
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

    def add_migrations(self):
        """Insert one row of every kind."""
        self.add_migration(1, memory_total=8 * GIB, memory_processed=GIB,
                           memory_remaining=7 * GIB, disk_total=0,
                           disk_processed=0, disk_remaining=0)
        self.add_migration(2, status='completed', memory_total=2 ** 63 - 1,
                           memory_processed=2 ** 63 - 1, memory_remaining=0)
        self.add_migration(3, status='queued', updated_at=None,
                           dest_compute=None, dest_node=None, dest_host=None)
        self.add_migration(4, status='migrating', migration_type='resize',
                           new_instance_type_id=2, disk_total=20 * GIB,
                           disk_processed=GIB, disk_remaining=19 * GIB)
        self.add_migration(5, status='finished', migration_type='migration',
                           source_compute='compute3', dest_compute='compute1')
        self.add_migration(6, status='done', migration_type='evacuation',
                           project_id=uuids.other_project,
                           user_id=uuids.other_user)
        self.add_migration(7, status='error', hidden=True)
        self.add_migration(8, status='running', source_compute='compute3',
                           project_id=uuids.other_project)
        self.add_migration(9, status='post-migrating')
