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

import re
import types
from unittest import mock

import fixtures
from nova.api.openstack import api_version_request
from nova.api.openstack.compute import extension_info
from nova.api.openstack.compute import migrations
from nova.api.openstack.compute import routes
from nova.api.openstack.compute import versions

from nova_migprogress.api import deploy
from nova_migprogress.api import extension
from nova_migprogress.api import microversion
from nova_migprogress import exception
from tests.functional.api import base
from tests.functional import fixtures as functional_fixtures
from tests import untouched_nova

_NOVA = 'nova.api.openstack.'
_CONTROLLER = _NOVA + 'compute.migrations.MigrationsController'


def _state():
    """Return all that loading the plugin may change."""
    return (api_version_request._MAX_API_VERSION,
            versions.VERSIONS['v2.1']['version'],
            dict(routes.ROUTE_LIST)['/os-migrations']['GET'],
            list(extension_info.EXTENSION_LIST))


class PasteFileTest(base.APITestCase):

    def test_differs_from_novas_in_one_line(self):
        stock = functional_fixtures.stock_paste().read_text().splitlines()
        ours = functional_fixtures.PASTE.read_text().splitlines()
        self.assertEqual(len(stock), len(ours))
        self.assertEqual(
            [('paste.app_factory = '
              'nova.api.openstack.compute:APIRouterV21.factory',
              'paste.app_factory = '
              'nova_migprogress.api.deploy:app_factory')],
            [pair for pair in zip(stock, ours) if pair[0] != pair[1]])
        changed = [line for line in ours if 'nova_migprogress' in line][0]
        section = [line for line in ours[:ours.index(changed)]
                   if line.startswith('[')][-1]
        self.assertEqual('[app:osapi_compute_app_v21]', section)


class LoadingTest(base.APITestCase):
    """Loaded twice, in both pipelines and again, it takes effect once."""

    def setUp(self):
        super().setUp()
        self.useFixture(untouched_nova.UntouchedNova())

    def test_stock_is_the_starting_point(self):
        self.assertEqual(base.STOCK_VERSION, _state()[0])

    def test_both_pipelines(self):
        # The shipped file has the application under /v2 and under /v2.1.
        api = self.use_api()
        self.assertEqual(base.VERSION,
                         api.get('/').json['versions'][1]['version'])
        aliases = [entry['alias'] for entry in extension_info.EXTENSION_LIST]
        self.assertEqual(1, aliases.count(extension.ALIAS))
        self.add_migration(1)
        self.assertNotIn('memory_total', api.get(
            '/v2/os-migrations', base.VERSION).json['migrations'][0])
        self.assertIn('memory_total', api.get(
            '/v2.1/os-migrations', base.VERSION).json['migrations'][0])

    def test_twice(self):
        first = deploy.app_factory({}, some='option')
        state = _state()
        second = deploy.app_factory({})
        self.assertEqual(state, _state())
        self.assertEqual(base.VERSION, state[0])
        self.assertIsNot(first, second)
        self.assertIsInstance(second, routes.APIRouterV21)

    def test_removed(self):
        before = _state()
        with functional_fixtures.API():
            self.assertNotEqual(before, _state())
        self.assertEqual(before, _state())


class UnsupportedTest(base.APITestCase):
    """A Nova that looks different is served as it is, with the reason."""

    def setUp(self):
        super().setUp()
        self.useFixture(untouched_nova.UntouchedNova())
        self.add_migration(1)

    def _patch(self, name, value):
        self.useFixture(fixtures.MonkeyPatch(name, value))

    def _patch_output(self, output):
        # fixtures.MonkeyPatch would wrap the method and hide its parameters.
        patcher = mock.patch.object(
            migrations.MigrationsController, '_output', output)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _assert_stock_is_served(self, reason):
        before = _state()
        self.assertRaisesRegex(exception.UnsupportedNova, re.escape(reason),
                               extension.install)
        with functional_fixtures.API() as api:
            self.assertEqual(before, _state())
            self.assertIsNone(microversion._bumped)
            response = api.get('/v2.1/os-migrations', base.STOCK_VERSION)
            self.assertEqual(200, response.status_int)
            self.assertNotIn('memory_total', response.json['migrations'][0])
            self.assertEqual(
                406, api.get('/v2.1/os-migrations', base.VERSION).status_int)
        self.assertIn('The progress of migrations is not served: this Nova '
                      'release is not supported because ' + reason,
                      self.stdlog.logger.output)

    def test_version_document_differs(self):
        self.addCleanup(versions.VERSIONS['v2.1'].update,
                        version=base.STOCK_VERSION)
        versions.VERSIONS['v2.1']['version'] = '2.1'
        self._assert_stock_is_served("the version document announces '2.1'")

    def test_maximum_is_not_a_microversion(self):
        with fixtures.MonkeyPatch(
                _NOVA + 'api_version_request._MAX_API_VERSION', '3.0'):
            self.assertRaisesRegex(
                exception.UnsupportedNova, "_MAX_API_VERSION is '3.0'",
                microversion.bump)

    def test_route_is_missing(self):
        self._patch(_NOVA + 'compute.routes.ROUTE_LIST', tuple(
            route for route in routes.ROUTE_LIST
            if route[0] != '/os-migrations'))
        self.assertRaisesRegex(
            exception.UnsupportedNova,
            'its route /os-migrations is not one GET', extension.install)
        self.assertIsNone(microversion._bumped)

    def test_one_method_for_each_range(self):
        self._patch(_CONTROLLER + '.versioned_methods', {})
        self._assert_stock_is_served('its os-migrations controller has one '
                                     'method for each range of microversions')

    def test_other_parameters(self):
        stock = migrations.MigrationsController._output

        def _output(self, req, migrations_obj, add_link=False, add_uuid=False,
                    add_user_project=False, add_host=True, add_more=False):
            return stock(self, req, migrations_obj, add_link, add_uuid,
                         add_user_project, add_host)

        self._patch_output(_output)
        self._assert_stock_is_served(
            'MigrationsController._output(self, req, migrations_obj')

    def test_another_key(self):
        stock = migrations.MigrationsController._output

        def _output(self, req, migrations_obj, add_link=False, add_uuid=False,
                    add_user_project=False, add_host=True):
            entries = stock(self, req, migrations_obj, add_link, add_uuid,
                            add_user_project, add_host)
            return [dict(entry, server_host=None) for entry in entries]

        self.flags(response_validation='ignore', group='api')
        self._patch_output(_output)
        self._assert_stock_is_served('an entry of os-migrations differs in '
                                     'the keys server_host')

    def test_another_filter(self):
        schemas = migrations.MigrationsController.index.request_query_schemas
        properties = {name: {} for name in schemas(types.SimpleNamespace(
            api_version_request=api_version_request.max_api_version())
        )['properties']}
        self._patch(
            _CONTROLLER + '.index.request_query_schemas',
            lambda req: {'properties': dict(properties, dest_compute={})})
        self._assert_stock_is_served(
            'os-migrations differs in the query parameters dest_compute')

    def test_anything_unexpected(self):
        self._patch('nova_migprogress.api.extension.install', lambda: 1 / 0)
        with functional_fixtures.API() as api:
            response = api.get('/v2.1/os-migrations', base.STOCK_VERSION)
            self.assertEqual(200, response.status_int)
        self.assertIn('the compute API could not be extended',
                      self.stdlog.logger.output)
        self.assertIn('ZeroDivisionError', self.stdlog.logger.output)
