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

"""python-novaclient and openstacksdk."""

from openstack import connection
from oslo_utils.fixture import uuidsentinel as uuids

from nova_migprogress.client import cloud
from nova_migprogress.client import errors
from nova_migprogress.client import novaclient
from nova_migprogress.client import sdk
from nova_migprogress import fields
from tests.functional.api import base as api_base
from tests.functional.client import base

GIB = api_base.GIB

NUMBERS = [8 * GIB, GIB, 7 * GIB, 0, 0, 0]


def _numbers(migration):
    return [getattr(migration, name) for name in fields.NAMES]


class NovaClientTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migrations()

    def test_discovered(self):
        nova = novaclient.connect(self.use_session())
        self.assertEqual(api_base.VERSION, nova.api_version.get_string())
        live, = [m for m in nova.migrations.list()
                 if m.instance_uuid == uuids.server_1]
        self.assertEqual(NUMBERS, _numbers(live))

    def test_given(self):
        session = self.use_session()
        nova = novaclient.connect(session, api_base.VERSION,
                                  region_name='RegionOne')
        self.assertEqual([], self.requests.take())
        self.assertEqual([7 * GIB], [
            m.memory_remaining for m in nova.migrations.list(
                instance_uuid=uuids.server_1)])

    def test_other_calls(self):
        nova = novaclient.connect(self.use_session())
        self.assertEqual([], nova.servers.list())

    def test_repeated_status(self):
        nova = novaclient.connect(self.use_session())
        self.requests.take()
        self.assertEqual(5, len(novaclient.migrations(nova)))
        self.assertEqual(1, len(self.requests.take()))
        found = novaclient.migrations(
            nova, ('done', 'running'), changes_since='2026-01-29T11:05:00Z',
            project_id=uuids.other_project)
        self.assertEqual([uuids.migration_cell1_8, uuids.migration_cell1_6],
                         [m.uuid for m in found])


class SDKTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migrations()
        self.cloud = connection.Connection(session=self.use_session())

    def test_resource(self):
        found = sdk.migration_class(self.cloud)
        self.assertEqual(api_base.VERSION, found._max_microversion)
        live, = found.list(self.cloud.compute, server_id=uuids.server_1)
        self.assertEqual(NUMBERS, _numbers(live))
        self.assertEqual('compute1', live.source_compute)
        self.assertEqual(8 * GIB, live.to_dict()['memory_total'])

    def test_list(self):
        self.cloud.compute.get_endpoint_data()
        sdk.migration_class(self.cloud)
        self.requests.take()
        found = list(sdk.migrations(self.cloud))
        self.assertEqual(5, len(found))
        # The list, and what the cloud offers.
        self.assertEqual(2, len(self.requests.take()))
        self.assertEqual(
            [uuids.migration_cell1_8, uuids.migration_cell1_6],
            [m.uuid for m in sdk.migrations(
                self.cloud, ('done', 'running'),
                project_id=uuids.other_project)])

    def test_nulls(self):
        found, = sdk.migrations(self.cloud, ('queued',))
        self.assertEqual([None] * 6, _numbers(found))

    def test_pages(self):
        self.flags(max_limit=2, group='api')
        self.assertEqual(5, len(list(sdk.migrations(self.cloud))))

    def test_cloud(self):
        found = cloud.Cloud.from_sdk(self.cloud).migrations()
        self.assertEqual(5, len(found))


class StockTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.api = self.use_api(plugin=False)

    def test_novaclient(self):
        error = self.assertRaises(errors.Unsupported, novaclient.connect,
                                  self.use_session())
        self.assertIn('does not have the progress plugin', str(error))

    def test_sdk(self):
        cloud = connection.Connection(session=self.use_session())
        self.assertRaises(errors.Unsupported, sdk.migration_class, cloud)
