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


class ResponseValidationTest(base.APITestCase):
    """[api] response_validation, as Nova's decorators read it."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        self.add_migration(1, memory_remaining=-1)

    def _get(self, mode):
        self.flags(response_validation=mode, group='api')
        return self.api.get(LIST, base.VERSION)

    def test_error(self):
        response = self._get('error')
        self.assertEqual(400, response.status_int)
        self.assertEqual(
            'Invalid input for field/attribute memory_remaining. Value: -1. '
            '-1 is less than the minimum of 0',
            response.json['badRequest']['message'])

    def test_warn(self):
        response = self._get('warn')
        self.assertEqual(200, response.status_int)
        self.assertEqual(-1,
                         response.json['migrations'][0]['memory_remaining'])
        self.assertIn('Schema failed to validate', self.stdlog.logger.output)
        self.assertIn('-1 is less than the minimum of 0',
                      self.stdlog.logger.output)

    def test_ignore(self):
        response = self._get('ignore')
        self.assertEqual(200, response.status_int)
        self.assertNotIn('Schema failed to validate',
                         self.stdlog.logger.output)

    def test_row_from_before_owners_were_recorded(self):
        # Until Nova 20 (Train) a migration had no user and no project. Below,
        # stock Nova's own schema refuses such a row.
        self.add_migration(2, user_id=None, project_id=None)
        self.flags(response_validation='error', group='api')
        query = LIST + '?instance_uuid=' + uuids.server_2
        entry, = self.api.get(query, base.VERSION).json['migrations']
        self.assertIsNone(entry['user_id'])
        self.assertEqual(
            400, self.api.get(query, base.STOCK_VERSION).status_int)
