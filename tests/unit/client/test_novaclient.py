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

from nova_migprogress.client import errors
from nova_migprogress.client import novaclient
from nova_migprogress import statuses
from tests.unit.client import base


class NovaClientTestCase(base.ClientTestCase):

    def connect(self):
        """Return a client, and what is asked for its migrations."""
        listing = self.use_plugin(base.entry(1), base.entry(2))
        nova = novaclient.connect(self.session, '2.105')
        self.assertEqual(0, self.api.call_count)
        return nova, listing

    def test_given(self):
        nova, listing = self.connect()
        self.assertEqual([2000, 2000], [
            found.memory_remaining for found in nova.migrations.list()])
        self.assertEqual(
            'compute 2.105',
            listing.last_request.headers['OpenStack-API-Version'])

    def test_discovered(self):
        self.use_plugin()
        asked = []

        def get_endpoint(session, **kwargs):
            asked.append((kwargs['service_type'], kwargs['service_name'],
                          kwargs['interface'], kwargs['region_name']))
            return base.URL

        self.auth.get_endpoint = get_endpoint
        nova = novaclient.connect(
            self.session, service_type='compute', service_name='nova',
            endpoint_type='internal', region_name='two', http_log_debug=False)
        self.assertEqual('2.105', nova.api_version.get_string())
        # It is the endpoint that the client uses, too.
        nova.migrations.list()
        self.assertEqual([('compute', 'nova', 'internal', 'two')] * 2,
                         [asked[0], asked[-1]])

    def test_endpoint(self):
        self.auth.get_endpoint = None
        self.use_plugin()
        nova = novaclient.connect(self.session, endpoint_override=base.URL)
        self.assertEqual('2.105', nova.api_version.get_string())

    def test_stock(self):
        self.use_stock()
        self.assertRaises(errors.Unsupported, novaclient.connect,
                          self.session)

    def test_migrations(self):
        nova, listing = self.connect()
        first, _second = novaclient.migrations(nova)
        self.assertEqual('uuid-1', first.uuid)
        self.assertEqual(4000, first.memory_total)
        # novaclient need not ask for the rest of it.
        self.assertTrue(first.is_loaded())
        self.assertEqual({'status': list(statuses.IN_PROGRESS_STATUSES)},
                         base.query(listing.last_request))
        self.assertEqual(1, self.api.call_count)

    def test_filters(self):
        nova, listing = self.connect()
        novaclient.migrations(
            nova, ('done', 'running'), changes_since='2026-01-29T11:05:00Z',
            changes_before='2026-01-30', project_id='a', source_compute='b')
        self.assertEqual(
            {'status': ['done', 'running'],
             'changes-since': ['2026-01-29T11:05:00Z'],
             'changes-before': ['2026-01-30'], 'project_id': ['a'],
             'source_compute': ['b']}, base.query(listing.last_request))
