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


class ErrorsTest(base.APITestCase):
    """Nova's own errors, word for word."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()

    def _assert_bad(self, query, message):
        response = self.api.get(LIST + '?' + query, base.VERSION)
        self.assertEqual(400, response.status_int)
        self.assertEqual({'badRequest': {'code': 400, 'message': message}},
                         response.json)

    def test_unknown_parameter(self):
        self._assert_bad(
            'progress=1', "Additional properties are not allowed ('progress' "
                          "was unexpected)")

    def test_limit(self):
        for value in ('-1', 'many'):
            self._assert_bad(
                'limit=' + value,
                "Invalid input for query parameters limit. Value: %s. '%s' "
                "does not match '^[0-9]*$'" % (value, value))

    def test_repeated_limit(self):
        self._assert_bad(
            'limit=1&limit=2',
            "Invalid input for query parameters limit. Value: ['1', '2']. "
            "['1', '2'] is too long")

    def test_marker(self):
        self._assert_bad('marker=' + uuids.nowhere,
                         'Marker %s could not be found.' % uuids.nowhere)

    def test_changes_since(self):
        self._assert_bad(
            'changes-since=yesterday',
            "Invalid input for query parameters changes-since. Value: "
            "yesterday. 'yesterday' is not a 'date-time'")

    def test_changes_in_the_wrong_order(self):
        self._assert_bad(
            'changes-since=2026-01-02T00:00:00Z'
            '&changes-before=2026-01-01T00:00:00Z',
            'The value of changes-since must be less than or equal to '
            'changes-before.')

    def test_not_utf8(self):
        self._assert_bad('status=%ff', 'Query string is not UTF-8 encoded')

    def test_unexpected(self):
        self.stub_out('nova.compute.api.API.get_migrations_sorted',
                      lambda *args, **kwargs: 1 / 0)
        response = self.api.get(LIST, base.VERSION)
        self.assertEqual(500, response.status_int)
        self.assertIn('ZeroDivisionError',
                      response.json['computeFault']['message'])
