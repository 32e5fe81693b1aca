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

from nova import test

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import destination_seam


class FakeAPI:

    def __init__(self):
        self.calls = []

    def post_live_migration_at_destination(self, ctxt, instance,
                                           block_migration, host):
        self.calls.append((ctxt, instance, block_migration, host))
        return 'done'


class DestinationSeamTestCase(test.NoDBTestCase):

    def test_caller_decides(self):
        api = FakeAPI()
        manager = mock.Mock(compute_rpcapi=api)
        call = mock.Mock(
            side_effect=lambda instance, dest, do: (do(), do())[1])
        destination_seam.install(manager, call)
        destination_seam.install(manager, call)
        self.assertEqual('done', api.post_live_migration_at_destination(
            'context', 'instance', False, host='dest'))
        call.assert_called_once_with('instance', 'dest', mock.ANY)
        self.assertEqual([('context', 'instance', False, 'dest')] * 2,
                         api.calls)

    def test_unknown(self):
        manager = mock.Mock(compute_rpcapi=object())
        self.assertRaises(exception.UnknownSeam, destination_seam.install,
                          manager, None)
