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

import ddt
from nova.api.openstack.compute import migrations
import nova.conf
from nova import exception
from oslo_config import fixture as config_fixture
from oslo_serialization import jsonutils
from oslo_utils.fixture import uuidsentinel as uuids
from oslotest import base
import webob.exc

from nova_migprogress.api import controller
from nova_migprogress.api import microversion
from nova_migprogress import fields
from tests.unit.api import api_requests
from tests import untouched_nova


@ddt.ddt
class MigrationsControllerTest(base.BaseTestCase):
    """With what the compute API returns, and as a caller sees it."""

    def setUp(self):
        super().setUp()
        self.useFixture(untouched_nova.UntouchedNova())
        self.conf = self.useFixture(config_fixture.Config(nova.conf.CONF))
        self.conf.config(response_validation='error', group='api')
        self.version = microversion.bump()
        major, minor = self.version.split('.')
        self.stock_version = '%s.%d' % (major, int(minor) - 1)
        patcher = mock.patch('nova.compute.api.API')
        self.compute = patcher.start().return_value
        self.addCleanup(patcher.stop)
        self.controller = controller.MigrationsController()
        self.show(api_requests.make_migration(
            1, memory_total=8, memory_processed=3, memory_remaining=5))

    def show(self, *migrations):
        """Let the compute API return these."""
        found = api_requests.make_list(*migrations)
        self.compute.get_migrations_sorted.return_value = found
        self.compute.get_migrations.return_value = found

    def get(self, query='', version=None, **kwargs):
        return self.controller.index(api_requests.make_request(
            query, version or self.version, **kwargs))

    def get_json(self, *args, **kwargs):
        return jsonutils.loads(self.get(*args, **kwargs).body)

    def filters(self):
        """Return what the compute API was asked for."""
        return self.compute.get_migrations_sorted.call_args.args[1]

    def test_progress(self):
        body = self.get_json()
        self.assertEqual({'migrations'}, set(body))
        entry, = body['migrations']
        self.assertEqual(
            {'memory_total': 8, 'memory_processed': 3, 'memory_remaining': 5,
             'disk_total': None, 'disk_processed': None,
             'disk_remaining': None},
            {name: entry[name] for name in fields.NAMES})
        self.assertEqual(uuids.migration_1, entry['uuid'])
        self.assertEqual('compute1', entry['source_compute'])

    def test_answer(self):
        answer = self.get()
        self.assertEqual(200, answer.status_int)
        self.assertEqual('application/json', answer.content_type)

    def test_hosts_are_for_those_who_may_see_them(self):
        entry, = self.get_json(add_host=False)['migrations']
        self.assertEqual([None] * 5, [entry[key] for key in (
            'source_compute', 'source_node', 'dest_compute', 'dest_node',
            'dest_host')])

    def test_everything_else_is_as_below(self):
        self.show(*(api_requests.make_migration(n, status=status)
                    for n, status in enumerate(('running', 'error'), 1)))
        for add_host in (True, False):
            entries = self.get_json(add_host=add_host)['migrations']
            for entry in entries:
                for name in fields.NAMES:
                    del entry[name]
            stock = self.get('', self.stock_version, add_host=add_host)
            self.assertEqual(
                jsonutils.loads(jsonutils.dumps(stock['migrations'])),
                entries)

    @ddt.data('2.1', '2.23', '2.59', '2.80', None)
    def test_older_microversions_are_stock(self, version):
        version = version or self.stock_version
        ours = self.get('', version)
        stock = migrations.MigrationsController().index(
            api_requests.make_request('', version))
        self.assertEqual(stock, ours)
        self.assertNotIn('memory_total', ours['migrations'][0])

    # As Nova's callers call it, with fewer parameters than ours.
    @ddt.data({}, {'add_link': True}, {'add_uuid': True},
              {'add_user_project': True}, {'add_host': False},
              {'add_link': True, 'add_uuid': True, 'add_user_project': True})
    def test_view_of_older_microversions_is_stock(self, kwargs):
        request = api_requests.make_request('', self.stock_version)
        found = self.compute.get_migrations.return_value
        self.assertEqual(
            migrations.MigrationsController()._output(request, found,
                                                      **kwargs),
            self.controller._output(request, found, **kwargs))

    def test_view_shows_hosts_unless_told_otherwise(self):
        request = api_requests.make_request('', self.version)
        found = self.compute.get_migrations.return_value
        entry, = self.controller._output(request, found)
        self.assertEqual('compute2', entry['dest_compute'])

    @ddt.data(('status=running', 'running'),
              ('status=running&status=error', ['running', 'error']),
              ('status=a&status=b&status=a', ['a', 'b', 'a']))
    @ddt.unpack
    def test_status(self, query, expected):
        self.get(query)
        self.assertEqual(expected, self.filters()['status'])

    def test_no_status(self):
        self.get('host=compute1')
        self.assertEqual({'host': 'compute1'}, dict(self.filters()))

    def test_last_status_wins_below(self):
        self.get('status=running&status=error', self.stock_version)
        self.assertEqual('error', self.filters()['status'])

    def test_links_of_one_status_are_novas(self):
        # In the order of Nova's, without the list of statuses.
        body = self.get_json('status=running&limit=1&host=b')
        stock = self.get('status=running&limit=1&host=b', self.stock_version)
        self.assertEqual(stock['migrations_links'], body['migrations_links'])

    def test_next_link_keeps_every_status(self):
        link, = self.get_json('status=running&status=error&limit=1')[
            'migrations_links']
        self.assertIn('status=running&status=error', link['href'])
        self.assertIn('marker=' + uuids.migration_1, link['href'])

    @ddt.data('no_such_parameter=1', 'limit=-1', 'limit=many',
              'changes-since=yesterday', 'memory_total=1',
              'instance_uuid=1&instance_uuid=2&hidden=x&sort_key=id')
    def test_wrong_query(self, query):
        self.assertRaises(exception.ValidationError, self.get, query)
        self.compute.get_migrations_sorted.assert_not_called()

    def test_marker_that_is_not_there(self):
        self.compute.get_migrations_sorted.side_effect = (
            exception.MarkerNotFound(marker='x'))
        self.assertRaises(webob.exc.HTTPBadRequest, self.get)

    def test_only_a_bad_request_is_expected(self):
        # Anything else is an error of the server, and says nothing.
        self.compute.get_migrations_sorted.side_effect = (
            webob.exc.HTTPConflict())
        with mock.patch('nova.version.support_string', return_value=''):
            self.assertRaises(webob.exc.HTTPInternalServerError, self.get)

    def test_answer_is_validated(self):
        self.show(api_requests.make_migration(1, memory_total=-1))
        exc = self.assertRaises(exception.ValidationError, self.get)
        self.assertIn('-1 is less than the minimum of 0',
                      exc.format_message())

    def test_schemas_stay_readable(self):
        # By Nova's tools that document its API.
        stock = migrations.MigrationsController.index
        ours = controller.MigrationsController.index
        self.assertEqual(stock.__doc__, ours.__doc__)
        self.assertIs(stock.request_query_schemas, ours.request_query_schemas)
