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

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
import testtools

from nova_migprogress.client import errors
from nova_migprogress.osc import connection
from tests.unit.osc import fakes


def an_app(**options):
    app = mock.Mock()
    app.options = types.SimpleNamespace(**options)
    return app


class ConnectionTest(testtools.TestCase):

    def test_translate_errors(self):
        def fail():
            with connection.translate_errors():
                raise errors.Rejected('GET /x: 400\n\x1b bad')

        error = self.assertRaises(exceptions.CommandError, fail)
        self.assertEqual('GET /x: 400 \\x1b bad', str(error))

    def test_cloud_options(self):
        self.assertEqual((), connection.cloud_options(an_app(
            cloud=None, region_name='')))
        self.assertEqual((), connection.cloud_options(an_app()))
        self.assertEqual(
            ('--os-cloud', 'one', '--os-region-name', 'east'),
            connection.cloud_options(an_app(cloud='one',
                                            region_name='east')))

    def test_project(self):
        app = an_app()
        identity = app.client_manager.sdk_connection.identity
        identity.find_project.return_value.id = 'abc'
        self.assertEqual('abc', connection.find_project_id(app, 'web'))
        identity.find_domain.return_value.id = 'd'
        self.assertEqual('abc', connection.find_project_id(app, 'web', 'dom'))
        identity.find_project.assert_called_with(
            'web', ignore_missing=False, domain_id='d')

    def test_project_without_identity_service(self):
        app = an_app()
        identity = app.client_manager.sdk_connection.identity
        identity.find_project.side_effect = sdk_exceptions.HttpException
        self.assertEqual('abc', connection.find_project_id(app, 'abc'))

    def test_no_such_project(self):
        app = an_app()
        identity = app.client_manager.sdk_connection.identity
        identity.find_project.side_effect = sdk_exceptions.NotFoundException
        error = self.assertRaises(exceptions.CommandError,
                                  connection.find_project_id, app, 'webb')
        self.assertIn("'webb'", str(error))


class FindServerNamesTest(testtools.TestCase):

    def test_each_server_once(self):
        cloud = mock.Mock()
        tracked = [fakes.a_tracked(2), fakes.a_tracked(1),
                   fakes.a_tracked(3, instance_uuid=fakes.a_record(
                       2).instance_uuid),
                   fakes.a_tracked(4, instance_uuid=None)]
        self.assertIs(cloud.server_names.return_value,
                      connection.find_server_names(cloud, tracked))
        cloud.server_names.assert_called_once_with(
            [fakes.a_record(n).instance_uuid for n in (1, 2)])

    def test_none(self):
        cloud = mock.Mock()
        self.assertEqual({}, connection.find_server_names(cloud, []))
        cloud.server_names.assert_not_called()

    def test_error(self):
        cloud = mock.Mock()
        cloud.server_names.side_effect = errors.ServerFailed('503')
        self.assertEqual({}, connection.find_server_names(
            cloud, [fakes.a_tracked()]))
