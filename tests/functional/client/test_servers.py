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

from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from nova_migprogress.client import errors
from tests.functional.client import base
from tests.functional import fixtures


class ServersTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(nova_fixtures.NeutronFixture(self))
        # Nova's default: the rows lack values that a server would have.
        self.flags(response_validation='warn', group='api')
        self.api = self.use_api()
        self.add_server(uuids.server_1, 'web.1')
        self.add_server(uuids.server_2, 'web-1')
        self.add_server(uuids.server_3, 'twin')
        self.add_server(uuids.server_4, 'twin')
        self.add_server(uuids.server_5, 'other', project='other-project')
        self.add_server(uuids.server_6, 'idle', task_state=None)
        self.add_server(uuids.server_7, 'a\x1b[31m"b',
                        task_state='resize_migrating')

    def test_by_id(self):
        found = self.use_cloud().server(uuids.server_1)
        self.assertEqual('web.1', found['name'])
        self.assertEqual('MIGRATING', found['status'])
        self.assertEqual('compute1', found['OS-EXT-SRV-ATTR:host'])

    def test_by_name(self):
        cloud = self.use_cloud()
        self.assertEqual(uuids.server_1, cloud.server('web.1')['id'])
        self.assertEqual(uuids.server_2, cloud.server('web-1')['id'])
        self.assertEqual(uuids.server_5, cloud.server('other')['id'])
        self.assertIn('flavor', cloud.server('other'))

    def test_by_strange_name(self):
        self.assertEqual(uuids.server_7,
                         self.use_cloud().server('a\x1b[31m"b')['id'])

    def test_not_found(self):
        for name in ('nothing', 'web', uuids.nothing, ''):
            error = self.assertRaises(errors.NotFound,
                                      self.use_cloud().server, name)
            self.assertIn(repr(name), str(error))

    def test_ambiguous(self):
        error = self.assertRaises(errors.Ambiguous,
                                  self.use_cloud().server, 'twin')
        self.assertIn("2 servers have the name 'twin'", str(error))
        self.assertIn(uuids.server_3, str(error))
        self.assertIn(uuids.server_4, str(error))

    def test_own_project_only(self):
        cloud = self.use_cloud(caller=fixtures.MEMBER)
        self.assertEqual(uuids.server_1, cloud.server('web.1')['id'])
        self.assertRaises(errors.NotFound, cloud.server, 'other')
        self.assertEqual({uuids.server_1: 'web.1'}, cloud.server_names(
            [uuids.server_1, uuids.server_5]))

    def test_names_in_one_request(self):
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        wanted = [uuids.server_1, uuids.server_5, uuids.server_7]
        expected = {uuids.server_1: 'web.1', uuids.server_5: 'other',
                    uuids.server_7: 'a\x1b[31m"b'}
        self.assertEqual(expected, cloud.server_names(wanted))
        made, = self.requests.take()
        self.assertEqual(['MIGRATING', 'RESIZE'],
                         parse.parse_qs(parse.urlsplit(made).query)['status'])
        self.assertEqual(expected, cloud.server_names(wanted))
        self.assertEqual([], self.requests.take())

    def test_names_of_others(self):
        cloud = self.use_cloud()
        cloud.capabilities()
        self.requests.take()
        wanted = [uuids.server_6, uuids.nothing]
        for _time in range(2):
            self.assertEqual({uuids.server_6: 'idle'},
                             cloud.server_names(wanted))
        # The list and each of them, once.
        self.assertEqual(3, len(self.requests.take()))

    def test_names_of_nothing(self):
        cloud = self.use_cloud()
        self.assertEqual({}, cloud.server_names([]))

    def test_pages(self):
        self.flags(max_limit=2, group='api')
        self.assertEqual(4, len(self.use_cloud().server_names([
            uuids.server_1, uuids.server_2, uuids.server_3,
            uuids.server_4])))
