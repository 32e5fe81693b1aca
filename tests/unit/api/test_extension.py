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
from nova.api.openstack.compute import extension_info
from nova.api.openstack.compute import migrations
from nova.api.openstack.compute import routes
from nova.api.openstack.compute import versions
from oslotest import base

from nova_migprogress.api import controller
from nova_migprogress.api import extension
from nova_migprogress.api import microversion
from nova_migprogress import exception
from tests import untouched_nova


def _state():
    """Return all that may be changed."""
    return (api_version_request._MAX_API_VERSION,
            versions.VERSIONS['v2.1']['version'],
            dict(routes.ROUTE_LIST)['/os-migrations']['GET'],
            list(extension_info.EXTENSION_LIST), microversion._bumped)


class InstallTest(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(untouched_nova.UntouchedNova())
        self.before = _state()
        patcher = mock.patch('nova.compute.api.API')
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_microversion(self):
        extension.install()
        minor = int(self.before[0].split('.')[1])
        self.assertEqual('2.%d' % (minor + 1),
                         api_version_request._MAX_API_VERSION)

    def test_route(self):
        extension.install()
        methods = dict(routes.ROUTE_LIST)['/os-migrations']
        self.assertEqual({'GET'}, set(methods))
        factory, action = methods['GET']
        self.assertEqual('index', action)
        self.assertIsInstance(factory().controller,
                              controller.MigrationsController)

    def test_extension(self):
        extension.install()
        *others, added = extension_info.EXTENSION_LIST
        self.assertEqual(self.before[3], others)
        self.assertEqual(
            {'alias': 'os-migration-progress', 'name': 'MigrationProgress',
             'description': 'Progress of migrations in GET /os-migrations, '
                            'from microversion %s.' % microversion._bumped,
             'links': [], 'namespace': others[0]['namespace'],
             'updated': '2026-11-23T00:00:00Z'}, added)
        self.assertEqual(set(others[0]), set(added))

    def test_once(self):
        extension.install()
        state = _state()
        extension.install()
        self.assertEqual(state, _state())

    def test_after_the_first_time_nothing_is_checked(self):
        # The route and the version are not stock Nova's any more.
        extension.install()
        with mock.patch('nova_migprogress.api.seam.check',
                        side_effect=exception.UnsupportedNova('x')):
            extension.install()

    def test_unsupported(self):
        with mock.patch.object(migrations.MigrationsController,
                               'versioned_methods', {}, create=True):
            self.assertRaises(exception.UnsupportedNova, extension.install)
        self.assertEqual(self.before, _state())

    def test_other_version_document(self):
        with mock.patch.dict(versions.VERSIONS['v2.1'], version='2.1'):
            self.assertRaises(exception.UnsupportedNova, extension.install)
        self.assertEqual(self.before, _state())
