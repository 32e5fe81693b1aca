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

from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional.api import base

LIST = '/v2.1/os-migrations'


class CellsTest(base.APITestCase):
    """Ids repeat across cells; a row must keep the progress of its own."""

    NUMBER_OF_CELLS = 2

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        for minute in range(1, 7):
            self.add_migration(
                minute, cell='cell%d' % (1 + minute % 2), id=(minute + 1) // 2,
                memory_total=minute, disk_total=100 + minute)

    def _get(self, query=''):
        response = self.api.get(LIST + '?' + query, base.VERSION)
        self.assertEqual(200, response.status_int)
        return response.json

    def _assert_own_progress(self, entries):
        for entry in entries:
            minute = entry['memory_total']
            self.assertEqual(
                getattr(uuids, 'migration_cell%d_%d'
                        % (1 + minute % 2, minute)), entry['uuid'])
            self.assertEqual(100 + minute, entry['disk_total'])

    def test_same_ids(self):
        entries = self._get()['migrations']
        self.assertEqual([3, 3, 2, 2, 1, 1],
                         [entry['id'] for entry in entries])
        self.assertEqual([6, 5, 4, 3, 2, 1],
                         [entry['memory_total'] for entry in entries])
        self._assert_own_progress(entries)

    def test_paging_across_cells(self):
        seen = []
        query = 'limit=2'
        while query:
            body = self._get(query)
            self._assert_own_progress(body['migrations'])
            seen.extend(e['memory_total'] for e in body['migrations'])
            link, = body.get('migrations_links', [None])
            query = link and link['href'].partition('?')[2]
        self.assertEqual([6, 5, 4, 3, 2, 1], seen)

    def test_repeated_status_across_cells(self):
        self.add_migration(7, cell='cell1', status='queued', memory_total=7)
        self.add_migration(8, cell='cell2', status='error', memory_total=8)
        entries = self._get('status=queued&status=error')['migrations']
        self.assertEqual([8, 7], [e['memory_total'] for e in entries])

    def test_migration_in_both_cells(self):
        # While a cross-cell resize awaits confirmation its migration is in
        # both cells under one uuid; Nova shows the newer record.
        self.add_migration(1, cell='cell1', memory_total=111, status='newer',
                           uuid=uuids.migration_cell2_1,
                           updated_at=base.START.replace(hour=12))
        found = [entry for entry in self._get()['migrations']
                 if entry['uuid'] == uuids.migration_cell2_1]
        self.assertEqual([('newer', 111)],
                         [(e['status'], e['memory_total']) for e in found])
