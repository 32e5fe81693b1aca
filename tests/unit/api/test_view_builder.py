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

from urllib import parse

import ddt
from nova.api.openstack import wsgi
from oslo_utils.fixture import uuidsentinel as uuids
from oslotest import base

from nova_migprogress.api import view_builder
from tests.unit.api import api_requests

KEYS = ('id', 'status', 'source_compute', 'source_node', 'dest_compute',
        'dest_node', 'dest_host', 'memory_total', 'disk_remaining')


class RepeatedStatusRequestTest(base.BaseTestCase):

    def test_status_is_a_list(self):
        request = api_requests.make_request(
            'status=running&host=a&status=done&host=b',
            cls=view_builder.RepeatedStatusRequest)
        self.assertEqual({'status': ['running', 'done'], 'host': 'b'},
                         request.GET)

    def test_made_from_another_request(self):
        original = api_requests.make_request('status=a&status=b&limit=5')
        request = view_builder.RepeatedStatusRequest(original.environ)
        self.assertEqual(['a', 'b'], request.GET['status'])
        self.assertEqual('5', request.GET['limit'])
        self.assertIs(original.environ['nova.context'],
                      request.environ['nova.context'])
        self.assertEqual(original.api_version_request,
                         request.api_version_request)


@ddt.ddt
class BuildEntriesTest(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.builder = view_builder.ViewBuilder()
        self.request = api_requests.make_request()

    def build(self, *migrations, add_host=True):
        return self.builder.build_entries(
            self.request, api_requests.make_list(*migrations), KEYS, add_host)

    def test_fields(self):
        entry, = self.build(api_requests.make_migration(
            5, memory_total=10, disk_remaining=0, status='completed'))
        self.assertEqual({
            'id': 5, 'status': 'completed', 'source_compute': 'compute1',
            'source_node': 'node1', 'dest_compute': 'compute2',
            'dest_node': 'node2', 'dest_host': '192.0.2.2',
            'memory_total': 10, 'disk_remaining': 0}, entry)

    def test_without_hosts(self):
        entry, = self.build(api_requests.make_migration(status='error'),
                            add_host=False)
        self.assertEqual(dict.fromkeys((
            'source_compute', 'source_node', 'dest_compute', 'dest_node',
            'dest_host', 'memory_total', 'disk_remaining'),
            None), {key: entry[key] for key in KEYS[2:]})
        self.assertEqual((1, 'error'), (entry['id'], entry['status']))

    def test_hidden_ones_are_left_out(self):
        entries = self.build(api_requests.make_migration(1),
                             api_requests.make_migration(2, hidden=True),
                             api_requests.make_migration(3))
        self.assertEqual([1, 3], [entry['id'] for entry in entries])

    def test_nothing(self):
        self.assertEqual([], self.build())

    @ddt.data('queued', 'preparing', 'running', 'post-migrating')
    def test_links(self, status):
        entries = self.build(api_requests.make_migration(7, status=status),
                             api_requests.make_migration(8, status=status))
        for entry in entries:
            path = '/servers/%s/migrations/%d' % (
                getattr(uuids, 'server_%d' % entry['id']), entry['id'])
            self.assertEqual(
                [{'rel': 'self', 'href': api_requests.BASE + path},
                 {'rel': 'bookmark',
                  'href': 'http://openstack.example.com' + path}],
                entry['links'])

    @ddt.data(('completed', 'live-migration'), ('running', 'resize'),
              ('running', 'migration'), ('running', 'evacuation'),
              ('running (post-copy)', 'live-migration'),
              ('accepted', 'live-migration'))
    @ddt.unpack
    def test_no_links(self, status, migration_type):
        entry, = self.build(api_requests.make_migration(
            status=status, migration_type=migration_type))
        self.assertNotIn('links', entry)


class NextLinkTest(base.BaseTestCase):

    def next_link(self, query, cls):
        request = api_requests.make_request(query, cls=cls)
        link, = view_builder.ViewBuilder().get_links(
            request, [{'uuid': uuids.first}, {'uuid': uuids.last}])
        self.assertEqual('next', link['rel'])
        url, _, query = link['href'].partition('?')
        self.assertEqual(api_requests.BASE + '/os-migrations', url)
        return parse.parse_qs(query, strict_parsing=True)

    def test_every_status_is_kept(self):
        self.assertEqual(
            {'limit': ['2'], 'status': ['running', 'a b'], 'host': ['h'],
             'marker': [uuids.last]},
            self.next_link('limit=2&status=running&status=a+b&host=h'
                           '&marker=' + uuids.before,
                           view_builder.RepeatedStatusRequest))

    def test_one_status(self):
        self.assertEqual(
            {'limit': ['2'], 'status': ['running'], 'marker': [uuids.last]},
            self.next_link('limit=2&status=running', wsgi.Request))
