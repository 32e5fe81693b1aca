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

from unittest import mock

from nova.api.openstack import api_version_request
from nova.api.openstack.compute import versions
from oslotest import base

from nova_migprogress.api import microversion
from nova_migprogress import exception


class MicroversionTest(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.stock = '2.41'
        self._patch(api_version_request, '_MAX_API_VERSION', self.stock)
        self._patch(microversion, '_bumped', None)
        patcher = mock.patch.dict(versions.VERSIONS['v2.1'],
                                  version=self.stock)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _patch(self, target, name, value):
        patcher = mock.patch.object(target, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_bump(self):
        self.assertEqual('2.42', microversion.bump())
        self.assertEqual('2.42', api_version_request._MAX_API_VERSION)
        self.assertEqual('2.42', versions.VERSIONS['v2.1']['version'])
        self.assertEqual(
            '2.42', api_version_request.max_api_version().get_string())

    def test_bump_twice(self):
        self.assertEqual(microversion.bump(), microversion.bump())
        self.assertEqual('2.42', api_version_request._MAX_API_VERSION)

    def test_bump_from_the_end_of_a_decade(self):
        for stock, expected in (('2.99', '2.100'), ('2.104', '2.105')):
            self._patch(api_version_request, '_MAX_API_VERSION', stock)
            self._patch(microversion, '_bumped', None)
            versions.VERSIONS['v2.1']['version'] = stock
            self.assertEqual(expected, microversion.bump())

    def test_default_argument_of_older_releases(self):
        def is_supported(req, min_version='2.1', max_version=self.stock):
            return min_version, max_version

        self._patch(api_version_request, 'is_supported', is_supported)
        microversion.bump()
        self.assertEqual(('2.1', '2.42'), is_supported(None))

    def test_versions_disagree(self):
        versions.VERSIONS['v2.1']['version'] = '2.40'
        exc = self.assertRaises(exception.UnsupportedNova, microversion.bump)
        self.assertIn("announces '2.40'", str(exc))
        self.assertEqual(self.stock, api_version_request._MAX_API_VERSION)
        self.assertIsNone(microversion._bumped)

    def test_maximum_is_of_another_kind(self):
        for maximum in (None, '3.1', '2', 2.1):
            self._patch(api_version_request, '_MAX_API_VERSION', maximum)
            exc = self.assertRaises(exception.UnsupportedNova,
                                    microversion.check)
            self.assertIn('is %r, not a 2.x' % (maximum,), str(exc))
