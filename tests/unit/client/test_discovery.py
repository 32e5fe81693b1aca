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

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from tests.unit.client import base


@ddt.ddt
class DiscoveryTestCase(base.ClientTestCase):

    def test_plugin(self):
        self.use_plugin()
        self.assertEqual(
            discovery.Capabilities('2.105', '2.105', discovery.PROGRESS, ()),
            self.cloud.capabilities())
        self.assertEqual('2.105', self.cloud.progress_microversion())

    @ddt.data(('2.104', '2.80', 'servers'), ('2.79', '2.79', 'servers'),
              ('2.100', '2.80', 'servers'), ('2.23', '2.23', 'servers'),
              ('2.22', '2.22', 'none'), ('2.1', '2.1', 'none'),
              ('', '2.1', 'none'))
    @ddt.unpack
    def test_stock(self, maximum, expected, listing):
        self.answer('/extensions', {'extensions': []})
        self.answer('', base.version(maximum, '2.1' if maximum else ''))
        capabilities = self.cloud.capabilities()
        self.assertEqual((None, expected, listing), (
            capabilities.progress_microversion, capabilities.microversion,
            capabilities.listing))
        self.assertEqual(1 if listing == 'servers' else 2,
                         len(capabilities.missing))
        self.assertRaises(errors.Unsupported,
                          self.cloud.progress_microversion)

    @ddt.data(403, 404)
    def test_extensions_are_not_shown(self, status):
        self.answer('/extensions', status_code=status)
        self.answer('', base.version('2.104'))
        capabilities = self.cloud.capabilities()
        self.assertEqual('servers', capabilities.listing)
        self.assertIn('is not known (GET /extensions: %d' % status,
                      capabilities.missing[0])

    @ddt.data(None, 'a', {}, 5)
    def test_junk(self, junk):
        self.answer('/extensions', {'extensions': junk})
        self.assertRaises(errors.InvalidAnswer, self.cloud.capabilities)

    @ddt.data(None, '', 'microversion 3.1', 'microversion 2.', 5,
              'microversion 2.9999999999')
    def test_no_microversion(self, description):
        self.answer('/extensions', {'extensions': [
            1, {}, {'alias': discovery.ALIAS, 'description': description}]})
        error = self.assertRaises(errors.InvalidAnswer,
                                  self.cloud.capabilities)
        self.assertIn('does not name its microversion', str(error))

    def test_failure_is_not_remembered(self):
        self.answer('/extensions', status_code=503)
        self.assertRaises(errors.ServerFailed, self.cloud.capabilities)
        self.use_plugin()
        self.assertEqual('2.105', self.cloud.capabilities().microversion)
