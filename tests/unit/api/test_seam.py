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

import types
from unittest import mock

import ddt
from nova.api.openstack import api_version_request
from nova.api.openstack.compute import migrations
from nova.api.openstack.compute import routes
from oslotest import base

from nova_migprogress.api import seam
from nova_migprogress import exception
from tests import untouched_nova

_STOCK = migrations.MigrationsController
_OUTPUT = _STOCK._output


def _other_keys(change):
    """Return a view of which each entry is changed by a function."""
    def _output(self, req, migrations_obj, add_link=False, add_uuid=False,
                add_user_project=False, add_host=True):
        entries = _OUTPUT(self, req, migrations_obj, add_link, add_uuid,
                          add_user_project, add_host)
        return [change(entry) for entry in entries]

    return _output


@ddt.ddt
class SeamTest(base.BaseTestCase):
    """Of Novas that differ in one point."""

    def setUp(self):
        super().setUp()
        self.useFixture(untouched_nova.UntouchedNova())

    def _patch(self, target, name, value, **kwargs):
        patcher = mock.patch.object(target, name, value, **kwargs)
        patcher.start()
        self.addCleanup(patcher.stop)

    def assert_unsupported(self, reason):
        exc = self.assertRaises(exception.UnsupportedNova, seam.check)
        self.assertEqual(reason, str(exc))

    def test_this_nova(self):
        self.assertIsNone(seam.check())

    def test_find_methods(self):
        self.assertIs(dict(routes.ROUTE_LIST)['/os-migrations'],
                      seam.find_methods())

    @ddt.data(
        (), (('/os-migrations', {'GET': [None, 'index']}),) * 2,
        (('/os-migrations', {'GET': [None, 'show']}),),
        (('/os-migrations', {'GET': [None, 'index', 'more']}),),
        (('/os-migrations', {'GET': ['index']}),),
        (('/os-migrations', {'POST': [None, 'index']}),))
    def test_other_route(self, found):
        self._patch(routes, 'ROUTE_LIST', tuple(
            route for route in routes.ROUTE_LIST
            if route[0] != '/os-migrations') + found)
        self.assert_unsupported(
            'its route /os-migrations is not one GET to index')

    def test_one_method_for_each_range(self):
        self._patch(_STOCK, 'versioned_methods', {}, create=True)
        self.assert_unsupported(
            'its os-migrations controller has one method for each range of '
            'microversions, as Nova 31 and older have')

    def test_other_parameters_of_the_view(self):
        self._patch(_STOCK, '_output', lambda self, req, more: [])
        self.assert_unsupported(
            'MigrationsController._output(self, req, more) is not (self, '
            'req, migrations_obj, add_link=False, add_uuid=False, '
            'add_user_project=False, add_host=True)')

    def test_other_parameters_of_the_index(self):
        self._patch(_STOCK, 'index', lambda self, req, body: None)
        self.assert_unsupported(
            'MigrationsController.index(self, req, body) is not (self, req)')

    def test_more_keys(self):
        self._patch(_STOCK, '_output', _other_keys(
            lambda entry: dict(entry, server_host=None, az=None)))
        self.assert_unsupported(
            'an entry of os-migrations differs in the keys az, server_host')

    @ddt.data('id', 'uuid', 'user_id', 'project_id', 'created_at',
              'migration_type', 'dest_host')
    def test_a_key_less(self, key):
        def remove(entry):
            return {name: entry[name] for name in entry if name != key}

        self._patch(_STOCK, '_output', _other_keys(remove))
        self.assert_unsupported(
            'an entry of os-migrations differs in the keys ' + key)

    def _show_filters(self, change):
        newest = _STOCK.index.request_query_schemas(types.SimpleNamespace(
            api_version_request=api_version_request.max_api_version()))
        names = set(newest['properties'])
        change(names)
        self._patch(_STOCK.index, 'request_query_schemas',
                    lambda req: {'properties': dict.fromkeys(names)})

    def test_same_filters(self):
        self._show_filters(lambda names: None)
        self.assertIsNone(seam.check())

    def test_other_filters(self):
        self._show_filters(lambda names: names.update(('z', 'dest_compute')))
        self.assert_unsupported(
            'os-migrations differs in the query parameters dest_compute, z')

    def test_a_filter_less(self):
        self._show_filters(lambda names: names.remove('hidden'))
        self.assert_unsupported(
            'os-migrations differs in the query parameters hidden')

    def test_filters_are_not_told(self):
        # By Nova 32 and older: then nothing can be said against them.
        self._patch(_STOCK.index, 'request_query_schemas', None)
        self.assertIsNone(seam.check())
