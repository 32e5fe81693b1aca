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


class StatusTest(base.APITestCase):
    """The status filter may be repeated."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migrations()

    def _statuses(self, query, version=base.VERSION):
        response = self.api.get(LIST + '?' + query, version)
        self.assertEqual(200, response.status_int, response.text)
        return [entry['status'] for entry in response.json['migrations']]

    def test_any_of_them(self):
        self.assertEqual(
            ['post-migrating', 'running', 'migrating', 'running'],
            self._statuses('status=running&status=migrating'
                           '&status=post-migrating'))

    def test_one(self):
        self.assertEqual(['migrating'], self._statuses('status=migrating'))

    def test_unknown_and_repeated_ones_do_not_matter(self):
        self.assertEqual(
            ['migrating'],
            self._statuses('status=migrating&status=migrating&status=none'))

    def test_with_other_filters(self):
        self.assertEqual(
            ['completed', 'running'],
            self._statuses('status=running&status=completed'
                           '&host=compute1'))

    def test_other_parameters_keep_their_last_value(self):
        query = 'host=compute1&host=compute3&status=running'
        self.assertEqual(['running'], self._statuses(query))
        self.assertEqual(['running'],
                         self._statuses(query + '&status=completed'))

    def test_last_one_wins_below(self):
        self.assertEqual(
            ['running', 'running'],
            self._statuses('status=completed&status=running',
                           base.STOCK_VERSION))

    def test_in_one_project(self):
        self.assertEqual(
            ['running', 'done'],
            self._statuses('status=running&status=done&project_id=%s'
                           % uuids.other_project))

    def test_paging_link_keeps_all_of_them(self):
        path = LIST + '?limit=1&status=running&status=migrating'
        seen = []
        while path:
            body = self.api.get(path, base.VERSION).json
            seen.extend(entry['status'] for entry in body['migrations'])
            link, = body.get('migrations_links', [None])
            path = link and link['href'].partition(
                'http://openstack.example.com')[2]
        self.assertEqual(['running', 'migrating', 'running'], seen)
