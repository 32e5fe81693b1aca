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

import datetime
from urllib import parse

from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress import statuses
from tests.functional.api import base as api_base
from tests.functional.client import base
from tests.functional import fixtures

GIB = api_base.GIB
UTC = datetime.timezone.utc

STATUSES = len(statuses.IN_PROGRESS_STATUSES)


def _query(path):
    return parse.parse_qs(parse.urlsplit(path).query)


class PluginTestCase(base.ClientTestCase):
    """A cloud with the plugin."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migrations()

    def test_capabilities(self):
        cloud = self.use_cloud()
        capabilities = cloud.capabilities()
        self.assertEqual(
            discovery.Capabilities(api_base.VERSION, api_base.VERSION,
                                   discovery.PROGRESS, ()), capabilities)
        self.assertEqual(1, len(self.requests.take()))
        self.assertEqual(capabilities, cloud.capabilities())
        self.assertEqual([], self.requests.take())

    def test_in_progress_in_one_request(self):
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        found = cloud.migrations()
        made, = self.requests.take()
        self.assertEqual(list(statuses.IN_PROGRESS_STATUSES),
                         _query(made)['status'])
        self.assertEqual(['post-migrating', 'running', 'migrating', 'queued',
                          'running'], [r.status for r in found])
        self.assertTrue(all(r.in_progress for r in found))
        self.assertEqual((), cloud.capabilities().missing)

    def test_every_value(self):
        live = self.use_cloud().migrations(server=uuids.server_1)[0]
        moment = datetime.datetime(2026, 1, 29, 11, 1, tzinfo=UTC)
        self.assertEqual(migration_record.MigrationRecord(
            id=live.id, uuid=uuids.migration_cell1_1,
            instance_uuid=uuids.server_1, status='running',
            migration_type='live-migration', source_compute='compute1',
            source_node='node1', dest_compute='compute2', dest_node='node2',
            dest_host='192.0.2.2', created_at=moment, updated_at=moment,
            user_id=uuids.user, project_id=nova_fixtures.PROJECT_ID,
            memory_total=8 * GIB, memory_processed=GIB,
            memory_remaining=7 * GIB, disk_total=0, disk_processed=0,
            disk_remaining=0), live)
        self.assertEqual(12.5, live.percent)

    def test_largest_values(self):
        found, = self.use_cloud().migrations(('completed',))
        self.assertEqual(2 ** 63 - 1, found.memory_total)
        self.assertIsNone(found.disk_total)
        self.assertEqual(100.0, found.percent)

    def _servers(self, **filters):
        return sorted(found.instance_uuid for found in
                      self.use_cloud().migrations(**filters))

    def _expected(self, *minutes):
        return sorted(getattr(uuids, 'server_%d' % minute)
                      for minute in minutes)

    def test_filters(self):
        for filters, minutes in (
                ({'statuses': ()}, (1, 2, 3, 4, 5, 6, 8, 9)),
                ({'statuses': None}, (1, 2, 3, 4, 5, 6, 8, 9)),
                ({'statuses': ('done', 'running')}, (1, 6, 8)),
                ({'source_compute': 'compute3'}, (8,)),
                ({'host': 'compute2'}, (1, 4, 8, 9)),
                ({'dest_compute': 'compute1'}, ()),
                ({'dest_compute': 'compute1', 'statuses': None}, (5,)),
                ({'dest_compute': 'compute2', 'host': 'compute3'}, (8,)),
                ({'server': uuids.server_4}, (4,)),
                ({'server': (uuids.server_4, uuids.server_9)}, (4, 9)),
                ({'server': ()}, ()),
                ({'project': uuids.other_project}, (8,)),
                ({'user': uuids.other_user, 'statuses': None}, (6,)),
                ({'migration_type': 'resize'}, (4,)),
                ({'changes_since': datetime.datetime(
                    2026, 1, 29, 12, 4, tzinfo=datetime.timezone(
                        datetime.timedelta(hours=1)))}, (4, 8, 9)),
                ({'changes_since': '2026-01-29T11:08:00Z'}, (8, 9))):
            with self.subTest(filters=filters):
                self.assertEqual(self._expected(*minutes),
                                 self._servers(**filters))

    def test_rejected_filter_names_the_value(self):
        error = self.assertRaises(
            errors.Rejected, self.use_cloud().migrations,
            changes_since='yesterday')
        self.assertIn("GET /os-migrations: 400", str(error))
        self.assertIn("yesterday", str(error))

    def test_pages(self):
        self.flags(max_limit=2, group='api')
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        self.assertEqual(5, len(cloud.migrations()))
        made = self.requests.take()
        self.assertEqual(list(statuses.IN_PROGRESS_STATUSES),
                         _query(made[1])['status'])
        self.assertIn('marker', _query(made[1]))
        # The third is not full, and Nova gives it a link all the same.
        self.assertIn(len(made), (3, 4))

    def test_hosts_are_hidden(self):
        cloud = self.use_cloud(caller=fixtures.MANAGER)
        found = cloud.migrations(project=nova_fixtures.PROJECT_ID)
        self.assertEqual({None}, {r.source_compute for r in found})
        self.assertEqual(1, len(cloud.capabilities().missing))
        self.assertIn('hosts are hidden', cloud.capabilities().missing[0])

    def test_own_project_only(self):
        cloud = self.use_cloud(caller=fixtures.MANAGER)
        found = cloud.migrations()
        self.assertEqual(4, len(found))
        self.assertEqual({nova_fixtures.PROJECT_ID},
                         {r.project_id for r in found})
        self.assertEqual(3, len(self.requests.take()))
        missing = ' '.join(cloud.capabilities().missing)
        self.assertIn('Only migrations of your own project', missing)
        self.assertIn('hosts are hidden', missing)
        cloud.migrations()
        self.assertEqual(1, len(self.requests.take()))

    def test_no_rights_at_all(self):
        cloud = self.use_cloud(caller=fixtures.READER)
        error = self.assertRaises(errors.Forbidden, cloud.migrations)
        self.assertIn('os_compute_api:os-migrations:index', str(error))

    def test_wrong_project_of_others(self):
        cloud = self.use_cloud(caller=fixtures.MANAGER)
        error = self.assertRaises(errors.Forbidden, cloud.migrations,
                                  project=uuids.other_project)
        self.assertIn('all_projects', str(error))


class UpgradeTestCase(base.ClientTestCase):

    def test_plugin_disappears(self):
        self.add_migrations()
        with fixtures.API() as self.api:
            cloud = self.use_cloud()
            self.assertEqual(5, len(cloud.migrations()))
            self.assertEqual('progress', cloud.capabilities().listing)
        self.api = self.use_api(plugin=False)
        self.assertEqual(5, len(cloud.migrations()))
        self.assertEqual('servers', cloud.capabilities().listing)


class StockTestCase(base.ClientTestCase):
    """A cloud without the plugin."""

    def setUp(self):
        super().setUp()
        # Nova's default; its tests have 'error', under which a 0 is a 400.
        self.flags(response_validation='warn', group='api')
        self.api = self.use_api(plugin=False)
        self.add_migrations()
        for minute in (1, 4, 9):
            self.add_server(getattr(uuids, 'server_%d' % minute),
                            'server %d' % minute)

    def test_capabilities(self):
        capabilities = self.use_cloud().capabilities()
        self.assertIsNone(capabilities.progress_microversion)
        self.assertEqual('2.80', capabilities.microversion)
        self.assertEqual(discovery.SERVERS, capabilities.listing)
        self.assertEqual(1, len(capabilities.missing))
        self.assertIn('does not have the progress plugin',
                      capabilities.missing[0])

    def test_migrations(self):
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        found = cloud.migrations()
        made = self.requests.take()
        # One for each status, one for each server with a live migration
        # that runs; server_8 does not exist.
        self.assertEqual(STATUSES + 3, len(made))
        self.assertEqual(
            sorted(['post-migrating', 'running', 'migrating', 'queued',
                    'running']), sorted(r.status for r in found))
        live, = [r for r in found if r.instance_uuid == uuids.server_1]
        self.assertEqual(8 * GIB, live.memory_total)
        self.assertEqual(7 * GIB, live.memory_remaining)
        self.assertEqual(0, live.disk_total)
        self.assertEqual('live-migration', live.migration_type)
        self.assertEqual(uuids.migration_cell1_1, live.uuid)
        cold, = [r for r in found if r.instance_uuid == uuids.server_4]
        self.assertIsNone(cold.disk_total)

    def test_without_numbers(self):
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        found = cloud.migrations(statuses=None, numbers=False)
        self.assertEqual(8, len(found))
        self.assertEqual(1, len(self.requests.take()))

    def test_numbers_are_forbidden(self):
        self.policy.set_rules(
            {'os_compute_api:servers:migrations:index': '!'},
            overwrite=False)
        cloud = self.use_cloud()
        live, = cloud.migrations(server=uuids.server_1)
        self.assertIsNone(live.memory_total)
        self.assertEqual(discovery.NONE, cloud.capabilities().listing)
        self.assertIn('numbers are hidden', cloud.capabilities().missing[1])
        self.requests.take()
        cloud.migrations(server=uuids.server_1)
        self.assertEqual(STATUSES, len(self.requests.take()))

    def test_answer_does_not_match_its_schema(self):
        self.flags(response_validation='error', group='api')
        live, = self.use_cloud().migrations(server=uuids.server_1)
        self.assertEqual('running', live.status)
        self.assertIsNone(live.memory_total)

    def test_own_project_only(self):
        cloud = self.use_cloud(caller=fixtures.MANAGER)
        found = cloud.migrations()
        self.assertEqual(4, len(found))
        live, = [r for r in found if r.instance_uuid == uuids.server_1]
        self.assertEqual(8 * GIB, live.memory_total)
        self.assertIsNone(live.source_compute)


class OldTestCase(base.ClientTestCase):
    """Stock Nova as it would be with an older maximum."""

    def setUp(self):
        super().setUp()
        # Nova's default; its tests have 'error', under which a 0 is a 400.
        self.flags(response_validation='warn', group='api')
        self.api = self.use_api(plugin=False)
        self.add_migrations()
        self.add_server(uuids.server_1, 'server 1')

    def _cloud(self, maximum):
        cloud = self.use_cloud()
        cloud._rest.max_microversion = lambda: maximum
        return cloud

    def test_before_uuids(self):
        cloud = self._cloud('2.58')
        capabilities = cloud.capabilities()
        self.assertEqual(('2.58', discovery.SERVERS), (
            capabilities.microversion, capabilities.listing))
        live, = cloud.migrations(server=uuids.server_1)
        self.assertIsNone(live.uuid)
        self.assertIsNone(live.project_id)
        self.assertEqual('%s/%d' % (uuids.server_1, live.id), live.key)
        self.assertEqual(8 * GIB, live.memory_total)
        error = self.assertRaises(errors.Unsupported, cloud.migrations,
                                  project='p')
        self.assertEqual(
            'migrations cannot be selected by project_id: this Nova knows '
            'microversions up to 2.58, and that needs 2.80', str(error))
        self.assertRaises(errors.Unsupported, cloud.migrations,
                          changes_since='2026-01-29T11:08:00Z')

    def test_before_numbers(self):
        cloud = self._cloud('2.1')
        self.assertEqual(discovery.NONE, cloud.capabilities().listing)
        self.assertIn('has no numbers', cloud.capabilities().missing[1])
        live, = cloud.migrations(server=uuids.server_1)
        self.assertIsNone(live.memory_total)
        self.assertIsNone(live.migration_type)

    def test_no_rights_and_no_project_filter(self):
        self.policy.set_rules(
            {'os_compute_api:os-migrations:index:all_projects': '!'},
            overwrite=False)
        self.assertRaises(errors.Forbidden, self._cloud('2.79').migrations)
