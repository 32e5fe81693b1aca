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

import ddt
from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional.api import base
from tests.functional import fixtures

VERSIONS = (None, '2.1', '2.22', '2.23', '2.58', '2.59', '2.65', '2.66',
            '2.79', '2.80', base.STOCK_VERSION)

#: Headers that differ from one request to the next.
_UNIQUE = ('x-openstack-request-id', 'x-compute-request-id')


def _comparable(response):
    headers = [(name, value) for name, value in response.headers.items()
               if name.lower() not in _UNIQUE]
    return response.status, headers, response.body


@ddt.ddt
class StockTest(base.APITestCase):
    """What is older than the new microversion stays Nova's, byte by byte."""

    def setUp(self):
        super().setUp()
        self.add_migrations()

    def _answers(self, plugin, requests):
        with fixtures.API(plugin=plugin) as api:
            return {(path, version): _comparable(api.get(path, version))
                    for path, version in requests}

    def _assert_same(self, requests):
        stock = self._answers(False, requests)
        ours = self._answers(True, requests)
        for request in requests:
            self.assertEqual(stock[request], ours[request], request)
        return {status for status, _, _ in stock.values()}

    @ddt.data(*VERSIONS)
    def test_microversion(self, version):
        statuses = self._assert_same(
            [('/v2.1/os-migrations?' + query, version)
             for query in base.QUERIES])
        # Successes and errors were both compared.
        self.assertEqual({'200 OK', '400 Bad Request'}, statuses)

    def test_every_microversion(self):
        last = int(base.STOCK_VERSION.split('.')[1])
        self._assert_same(
            [('/v2.1/os-migrations?' + query, '2.%d' % minor)
             for minor in range(1, last + 1)
             for query in ('status=running', 'limit=-1')])

    def test_project_in_url(self):
        self._assert_same(
            [('/v2.1/%s/os-migrations?limit=1' % project, version)
             for project in (nova_fixtures.PROJECT_ID, 'beef')
             for version in VERSIONS])

    def test_legacy_v2(self):
        # Legacy v2 ignores the microversion header, whatever it asks for.
        self._assert_same(
            [('/v2/os-migrations?' + query, version)
             for version in (None, base.STOCK_VERSION, base.VERSION, 'bad')
             for query in base.QUERIES])

    def test_other_resources(self):
        self._assert_same(
            [(path, version)
             for version in VERSIONS
             for path in (
                 '/v2.1/flavors', '/v2.1/servers', '/v2.1/limits',
                 '/v2.1/os-migrations/1', '/v2.1/no-such-resource',
                 '/v2/', '/v2/extensions',
                 '/v2.1/servers/%s/migrations' % uuids.server_1)])
