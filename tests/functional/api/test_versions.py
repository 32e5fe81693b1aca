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

from nova.api.openstack.compute import extension_info

from tests.functional.api import base


class VersionsTest(base.APITestCase):
    """Where a client finds the new microversion, and how it is refused."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()

    def test_root_document(self):
        v20, v21 = self.api.get('/').json['versions']
        self.assertEqual(('v2.0', ''), (v20['id'], v20['version']))
        self.assertEqual(('v2.1', base.VERSION, '2.1'),
                         (v21['id'], v21['version'], v21['min_version']))

    def test_version_document(self):
        version = self.api.get('/v2.1/').json['version']
        self.assertEqual(base.VERSION, version['version'])
        self.assertEqual('2.1', version['min_version'])

    def test_legacy_version_document(self):
        self.assertEqual('', self.api.get('/v2/').json['version']['version'])

    def _assert_version_headers(self, version, response):
        self.assertEqual('compute ' + version,
                         response.headers['OpenStack-API-Version'])
        self.assertEqual(version,
                         response.headers['X-OpenStack-Nova-API-Version'])
        self.assertEqual(
            ['OpenStack-API-Version', 'X-OpenStack-Nova-API-Version'],
            response.headers.getall('Vary'))
        self.assertEqual('application/json', response.content_type)

    def test_response_headers(self):
        response = self.api.get('/v2.1/os-migrations', base.VERSION)
        self.assertEqual(200, response.status_int)
        self._assert_version_headers(base.VERSION, response)
        self.assertEqual(len(response.body), response.content_length)

    def test_response_headers_of_an_error(self):
        response = self.api.get('/v2.1/os-migrations?limit=-1', base.VERSION)
        self.assertEqual(400, response.status_int)
        self._assert_version_headers(base.VERSION, response)

    def test_response_headers_of_another_resource(self):
        response = self.api.get('/v2.1/flavors', base.VERSION)
        self.assertEqual(200, response.status_int)
        self._assert_version_headers(base.VERSION, response)

    def test_latest(self):
        self.add_migration(1)
        response = self.api.get('/v2.1/os-migrations', 'latest')
        self._assert_version_headers(base.VERSION, response)
        self.assertIn('memory_total', response.json['migrations'][0])

    def test_legacy_header(self):
        self.add_migration(1)
        response = self.api.get(
            '/v2.1/os-migrations',
            headers={'X-OpenStack-Nova-API-Version': base.VERSION})
        self._assert_version_headers(base.VERSION, response)
        self.assertIn('memory_total', response.json['migrations'][0])

    def test_one_past_the_maximum(self):
        response = self.api.get('/v2.1/os-migrations', base.BEYOND)
        self.assertEqual(406, response.status_int)
        self.assertEqual(
            'Version %s is not supported by the API. Minimum is 2.1 and '
            'maximum is %s.' % (base.BEYOND, base.VERSION),
            response.json['computeFault']['message'])

    def test_malformed(self):
        for version in ('2.', '2.x', 'v' + base.VERSION, base.VERSION + '.0',
                        '2.0105', '-2.1'):
            response = self.api.get('/v2.1/os-migrations', version)
            self.assertEqual(400, response.status_int, version)
            self.assertIn('is of invalid format',
                          response.json['badRequest']['message'])

    def _assert_names_version(self, extension):
        self.assertEqual('os-migration-progress', extension['alias'])
        self.assertIn(base.VERSION, extension['description'])

    def test_extension_is_listed(self):
        for version in (None, '2.1', base.STOCK_VERSION, base.VERSION):
            response = self.api.get('/v2.1/extensions', version)
            self.assertEqual(200, response.status_int)
            added = [extension for extension in response.json['extensions']
                     if 'progress' in extension['alias']]
            self.assertEqual(1, len(added))
            self._assert_names_version(added[0])

    def test_extension_is_shown(self):
        response = self.api.get('/v2.1/extensions/os-migration-progress')
        self.assertEqual(200, response.status_int)
        self._assert_names_version(response.json['extension'])

    def test_other_extensions_stay(self):
        aliases = [extension['alias'] for extension in
                   self.api.get('/v2.1/extensions').json['extensions']]
        legacy = [extension['alias'] for extension in
                  extension_info.EXTENSION_LIST_LEGACY_V2_COMPATIBLE]
        self.assertEqual(
            (set(legacy) - {'OS-EXT-VIF-NET'}) | {'os-migration-progress'},
            set(aliases))

    def test_extension_is_not_in_legacy_v2(self):
        response = self.api.get('/v2/extensions/os-migration-progress')
        self.assertEqual(404, response.status_int)
