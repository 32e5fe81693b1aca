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

import fixtures
from oslotest import base

from nova_migprogress.api import deploy
from nova_migprogress import exception


class AppFactoryTest(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.install = self._patch('nova_migprogress.api.extension.install')
        self.factory = self._patch(
            'nova.api.openstack.compute.routes.APIRouterV21.factory')

    def _patch(self, name):
        patcher = mock.patch(name)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def assert_router(self):
        # Made of what paste passes, and of what is installed by then.
        self.factory.side_effect = lambda *args, **kwargs: (
            self.install.called, args, kwargs)
        self.assertEqual((True, ({'a': 'b'},), {'c': 'd'}),
                         deploy.app_factory({'a': 'b'}, c='d'))

    def test_extended(self):
        self.assert_router()
        self.assertEqual('', self.log.output)

    def test_unsupported(self):
        self.install.side_effect = exception.UnsupportedNova('it is old')
        self.assert_router()
        self.assertEqual(
            'The progress of migrations is not served: this Nova release is '
            'not supported because it is old.\n', self.log.output)

    def test_broken(self):
        self.install.side_effect = AttributeError('no such thing')
        self.assert_router()
        self.assertIn('The progress of migrations is not served: the compute '
                      'API could not be extended.', self.log.output)
        self.assertIn('AttributeError: no such thing', self.log.output)
