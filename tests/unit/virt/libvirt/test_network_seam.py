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


import inspect
from unittest import mock

from nova import test

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import network_seam


class FakeAPI:

    def __init__(self):
        self.calls = []

    def migrate_instance_start(self, context, instance, migration):
        self.calls.append((context, instance, migration))
        return 'done'


class NewerAPI:

    def migrate_instance_start(self, context, instance, migration, host=None):
        """One more parameter would not be passed on."""


class NetworkSeamTestCase(test.NoDBTestCase):

    def test_caller_decides(self):
        api = FakeAPI()
        manager = mock.Mock(network_api=api)
        call = mock.Mock(side_effect=lambda instance, do: (do(), do())[1])
        network_seam.install(manager, call)
        network_seam.install(manager, call)
        self.assertEqual('done', api.migrate_instance_start(
            'context', instance='instance', migration='migration'))
        call.assert_called_once_with('instance', mock.ANY)
        self.assertEqual([('context', 'instance', 'migration')] * 2,
                         api.calls)

    def test_looks_as_before(self):
        api = FakeAPI()
        stock = api.migrate_instance_start
        network_seam.install(mock.Mock(network_api=api), None)
        self.assertEqual(stock, inspect.unwrap(api.migrate_instance_start))

    def test_unknown(self):
        for api in (object(), NewerAPI()):
            self.assertRaises(exception.UnknownSeam, network_seam.install,
                              mock.Mock(network_api=api), None)
