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

import testtools

from nova_migprogress.client import errors
from nova_migprogress.osc import server_names
from tests.unit.osc import fakes


class NamingTest(testtools.TestCase):

    def test_each_server_once(self):
        cloud = mock.Mock()
        tracked = [fakes.a_tracked(2), fakes.a_tracked(1),
                   fakes.a_tracked(3, instance_uuid=fakes.a_record(
                       2).instance_uuid),
                   fakes.a_tracked(4, instance_uuid=None)]
        self.assertIs(cloud.server_names.return_value,
                      server_names.names(cloud, tracked))
        cloud.server_names.assert_called_once_with(
            [fakes.a_record(n).instance_uuid for n in (1, 2)])

    def test_none(self):
        cloud = mock.Mock()
        self.assertEqual({}, server_names.names(cloud, []))
        cloud.server_names.assert_not_called()

    def test_error(self):
        cloud = mock.Mock()
        cloud.server_names.side_effect = errors.ServerFailed('503')
        self.assertEqual({}, server_names.names(cloud, [fakes.a_tracked()]))
