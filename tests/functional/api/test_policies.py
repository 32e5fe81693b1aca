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

from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional.api import base
from tests.functional import fixtures

LIST = '/v2.1/os-migrations'


class PolicyTest(base.APITestCase):
    """The three os-migrations policies decide as they do below."""

    HOSTS = ('source_compute', 'source_node', 'dest_compute', 'dest_node',
             'dest_host')
    OWN = LIST + '?project_id=' + nova_fixtures.PROJECT_ID

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migration(1, memory_total=1, memory_processed=0)
        self.add_migration(2, project_id=uuids.other_project)

    def _get(self, path, caller):
        response = self.api.get(path, base.VERSION, caller=caller)
        below = self.api.get(path, base.STOCK_VERSION, caller=caller)
        self.assertEqual(below.status, response.status)
        if response.status_int != 200:
            self.assertEqual(below.body, response.body)
        return response

    def _assert_forbidden(self, path, caller, policy):
        response = self._get(path, caller)
        self.assertEqual(403, response.status_int)
        self.assertIn("Policy doesn't allow os_compute_api:os-migrations:%s"
                      % policy, response.json['forbidden']['message'])

    def test_admin(self):
        entries = self._get(LIST, fixtures.ADMIN).json['migrations']
        self.assertEqual(2, len(entries))
        for entry in entries:
            self.assertNotIn(None, [entry[key] for key in self.HOSTS])

    def test_manager_of_the_project(self):
        entry, = self._get(self.OWN,
                           fixtures.MANAGER).json['migrations']
        self.assertEqual(uuids.migration_cell1_1, entry['uuid'])
        self.assertEqual([None] * 5, [entry[key] for key in self.HOSTS])
        self.assertEqual((1, 0, None),
                         (entry['memory_total'], entry['memory_processed'],
                          entry['memory_remaining']))
        self.assertIn('links', entry)

    def test_manager_of_another_project(self):
        for path in (LIST, LIST + '?project_id=' + uuids.other_project):
            self._assert_forbidden(path, fixtures.MANAGER,
                                   'index:all_projects')

    def test_member_and_reader(self):
        for caller in (fixtures.MEMBER, fixtures.READER):
            for path in (LIST, self.OWN):
                self._assert_forbidden(path, caller, 'index')
