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

from nova import context
from nova.db.main import api as db
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional.api import base

LIST = '/v2.1/os-migrations'


class PagingTest(base.APITestCase):

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        for minute in range(1, 6):
            self.add_migration(minute, hidden=minute == 3)

    def _page(self, query):
        response = self.api.get(LIST + '?' + query, base.VERSION)
        self.assertEqual(200, response.status_int)
        body = response.json
        link, = body.get('migrations_links', [None])
        return [entry['uuid'] for entry in body['migrations']], link

    def _uuids(self, *minutes):
        return [getattr(uuids, 'migration_cell1_%d' % minute)
                for minute in minutes]

    def test_newest_first_without_the_hidden_ones(self):
        self.assertEqual((self._uuids(5, 4, 2, 1), None), self._page(''))

    def test_next_page(self):
        found, link = self._page('limit=2')
        self.assertEqual(self._uuids(5, 4), found)
        self.assertEqual(
            {'rel': 'next', 'href':
             'http://openstack.example.com/v2.1/os-migrations?limit=2'
             '&marker=' + uuids.migration_cell1_4}, link)

    def test_last_page(self):
        self.assertEqual((self._uuids(1), None), self._page(
            'limit=2&marker=' + uuids.migration_cell1_2))

    def test_max_limit(self):
        self.flags(max_limit=2, group='api')
        for query in ('', 'limit=3'):
            found, link = self._page(query)
            self.assertEqual(self._uuids(5, 4), found)
            self.assertIn('marker=' + uuids.migration_cell1_4, link['href'])

    def test_link_prefix(self):
        self.flags(compute_link_prefix='https://cloud.example/compute',
                   group='api')
        _, link = self._page('limit=1')
        self.assertTrue(link['href'].startswith(
            'https://cloud.example/compute/v2.1/os-migrations?'))
        entry = self.api.get(LIST, base.VERSION).json['migrations'][0]
        below = self.api.get(LIST, base.STOCK_VERSION).json['migrations'][0]
        self.assertEqual(below['links'], entry['links'])
        self.assertTrue(entry['links'][0]['href'].startswith(
            'https://cloud.example/compute/v2.1/servers/'))

    def test_changes_since_and_before(self):
        found, _ = self._page('changes-since=2026-01-29T11:02:00Z'
                              '&changes-before=2026-01-29T11:04:00Z')
        self.assertEqual(self._uuids(4, 2), found)

    def test_written_progress_counts_as_a_change(self):
        since = 'changes-since=2026-01-29T12:00:00Z'
        self.assertEqual(([], None), self._page(since))
        migration = self.add_migration(9)
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings['cell1']) as cctxt:
            db.migration_update(cctxt, migration.id, {'memory_processed': 1})
        self.assertEqual((self._uuids(9), None), self._page(since))
