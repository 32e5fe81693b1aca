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

import uuid

import ddt

from nova_migprogress.client import errors
from tests.unit.client import base

UUIDS = [str(uuid.UUID(int=number)) for number in range(20)]


def _server(number, name, **values):
    return dict({'id': UUIDS[number], 'name': name}, **values)


def _names(numbers):
    return {UUIDS[number]: 'server %d' % number for number in numbers}


class ServersTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.answer('/extensions', base.EXTENSIONS)

    def use_list(self, path, *servers, **kwargs):
        return self.answer(path, {'servers': list(servers)}, **kwargs)

    def use_servers(self, *numbers):
        """Answer who asks for one of these servers, 404 for others."""
        for number, server_uuid in enumerate(UUIDS):
            path = '/servers/' + server_uuid
            if number in numbers:
                self.answer(path, {
                    'server': _server(number, 'server %d' % number)})
            else:
                self.answer(path, status_code=404)

    def paths(self):
        """Return the paths that were asked for, but for the discovery."""
        return [request.path.replace('/v2.1', '', 1)
                for request in self.api.request_history
                if not request.path.endswith('/extensions')]


@ddt.ddt
class FindTestCase(ServersTestCase):

    def test_by_id(self):
        self.use_servers(1)
        self.assertEqual(_server(1, 'server 1'), self.cloud.server(UUIDS[1]))
        self.assertEqual(['/servers/' + UUIDS[1]], self.paths())
        self.assertEqual(
            'compute 2.105',
            self.api.last_request.headers['OpenStack-API-Version'])

    def test_by_name(self):
        listing = self.use_list(
            '/servers/detail', _server(1, 'web+1', status='ACTIVE'),
            # What Nova's database takes for the same.
            _server(2, 'WEB+1'), {'id': 'a'})
        self.assertEqual(_server(1, 'web+1', status='ACTIVE'),
                         self.cloud.server('web+1'))
        self.assertEqual({'name': [r'^web\+1$'], 'all_tenants': ['1']},
                         base.query(listing.last_request))

    def test_by_name_that_looks_like_an_id(self):
        self.use_servers()
        self.use_list('/servers/detail', _server(1, UUIDS[2]))
        self.assertEqual(UUIDS[1], self.cloud.server(UUIDS[2])['id'])

    def test_not_found(self):
        self.use_list('/servers/detail', _server(1, 'web-1'))
        error = self.assertRaises(errors.NotFound, self.cloud.server, 'web')
        self.assertEqual("no server has the name or ID 'web'", str(error))

    def test_ambiguous(self):
        self.use_list('/servers/detail', _server(1, 'a'), _server(2, 'b'),
                      _server(3, 'a'))
        error = self.assertRaises(errors.Ambiguous, self.cloud.server, 'a')
        self.assertEqual("2 servers have the name 'a': %s, %s"
                         % (UUIDS[1], UUIDS[3]), str(error))

    def test_on_a_later_page(self):
        listing = self.answer('/servers/detail', response_list=[
            {'json': {'servers': [_server(1, 'b'), _server(2, 'b')],
                      'servers_links': [{'rel': 'next'}]}},
            {'json': {'servers': [_server(3, 'a')]}}])
        self.assertEqual(UUIDS[3], self.cloud.server('a')['id'])
        self.assertEqual([UUIDS[2]],
                         base.query(listing.last_request)['marker'])

    def test_pages_without_end(self):
        # A server that knows no markers.
        listing = self.answer('/servers/detail', {
            'servers': [_server(1, 'b')], 'servers_links': [{'rel': 'next'}]})
        self.assertRaises(errors.NotFound, self.cloud.server, 'a')
        self.assertEqual(20, listing.call_count)

    def test_own_project_only(self):
        def forbid_all(request, context):
            if 'all_tenants' in base.query(request):
                context.status_code = 403
            return {'servers': [_server(1, 'a')]}

        self.answer('/servers/detail', forbid_all)
        for _time in range(2):
            self.assertEqual(UUIDS[1], self.cloud.server('a')['id'])
        # The refusal is remembered.
        self.assertEqual(3, len(self.paths()))

    @ddt.data(None, 'a', {}, [1], [None, {}])
    def test_junk_in_a_list(self, junk):
        self.answer('/servers/detail', {'servers': junk})
        error = self.assertRaises(errors.InvalidAnswer, self.cloud.server, 'a')
        self.assertEqual('GET /servers/detail: servers is %r, which is not a '
                         'list of objects' % (junk,), str(error))

    @ddt.data(None, 'a', [])
    def test_junk(self, junk):
        path = '/servers/' + UUIDS[1]
        self.answer(path, {'server': junk})
        error = self.assertRaises(errors.InvalidAnswer, self.cloud.server,
                                  UUIDS[1])
        self.assertEqual('GET %s: server is %r, which is not an object'
                         % (path, junk), str(error))


@ddt.ddt
class NamesTestCase(ServersTestCase):

    def test_of_servers_that_are_migrated(self):
        listing = self.use_list(
            '/servers', *[_server(number, 'server %d' % number)
                          for number in range(3)])
        for _time in range(2):
            self.assertEqual(_names([0, 2]), self.cloud.server_names(
                [UUIDS[0], UUIDS[2]]))
        # One request, and it is remembered for all of them.
        self.assertEqual(_names([1]), self.cloud.server_names([UUIDS[1]]))
        self.assertEqual(['/servers'], self.paths())
        self.assertEqual(
            {'status': ['MIGRATING', 'RESIZE'], 'all_tenants': ['1']},
            base.query(listing.last_request))

    def test_of_nothing(self):
        self.assertEqual({}, self.cloud.server_names([]))
        self.assertEqual([], self.paths())

    def test_of_others(self):
        self.use_list('/servers', _server(0, 'server 0'))
        self.use_servers(1, 3)
        wanted = UUIDS[:4]
        for _time in range(2):
            self.assertEqual(_names([0, 1, 3]),
                             self.cloud.server_names(wanted))
        # The list and those that it does not bring, once.
        self.assertEqual(
            ['/servers'] + ['/servers/' + server for server in UUIDS[1:4]],
            self.paths())

    def test_of_many_others(self):
        self.use_list('/servers')
        self.use_servers(*range(20))
        for _time in range(2):
            self.assertEqual(_names(range(10)),
                             self.cloud.server_names(UUIDS))
        self.assertEqual(
            ['/servers'] + ['/servers/' + server for server in UUIDS[:10]],
            self.paths())

    def test_a_new_one(self):
        self.use_list('/servers')
        self.use_servers(1, 2)
        self.assertEqual(_names([1]), self.cloud.server_names([UUIDS[1]]))
        self.assertEqual(_names([1, 2]), self.cloud.server_names(UUIDS[1:3]))
        self.assertEqual(['/servers', '/servers/' + UUIDS[1]] +
                         ['/servers', '/servers/' + UUIDS[2]], self.paths())

    @ddt.data({}, {'id': UUIDS[1]}, {'id': UUIDS[1], 'name': None},
              {'id': 5, 'name': 'a'}, {'id': [], 'name': 'a'})
    def test_junk(self, junk):
        self.use_list('/servers', junk, _server(0, 'server 0'))
        self.use_servers(2)
        self.answer('/servers/' + UUIDS[1], {'server': junk})
        self.assertEqual(_names([0, 2]), self.cloud.server_names(UUIDS[:3]))

    def test_api_fails(self):
        self.use_list('/servers', status_code=500)
        self.assertRaises(errors.ServerFailed, self.cloud.server_names,
                          [UUIDS[1]])
        self.use_list('/servers', _server(1, 'server 1'))
        self.assertEqual(_names([1]), self.cloud.server_names([UUIDS[1]]))
