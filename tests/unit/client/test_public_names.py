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

import dataclasses

from oslotest import base

from nova_migprogress import client
from nova_migprogress.client import errors


class PublicNamesTestCase(base.BaseTestCase):

    def test_sorted(self):
        self.assertEqual(sorted(client.__all__), client.__all__)

    def test_all_are_there(self):
        for name in client.__all__:
            self.assertIsNotNone(getattr(client, name))

    def test_every_error(self):
        kinds = [kind for kind in vars(errors).values()
                 if isinstance(kind, type)]
        self.assertLess(5, len(kinds))
        for kind in kinds:
            self.assertIs(kind, getattr(client, kind.__name__))
            self.assertIn(kind.__name__, client.__all__)

    def test_what_is_handed_out_stays_as_it_is(self):
        # Programs may keep snapshots and use records as keys.
        kinds = [kind for kind in vars(client).values()
                 if dataclasses.is_dataclass(kind)]
        self.assertEqual({client.Capabilities, client.MigrationRecord,
                          client.Snapshot, client.Tracked}, set(kinds))
        for kind in kinds:
            empty = kind(*[None] * len(dataclasses.fields(kind)))
            self.assertEqual(hash(empty), hash(dataclasses.replace(empty)))
            self.assertRaises(
                dataclasses.FrozenInstanceError, setattr, empty,
                dataclasses.fields(kind)[0].name, 1)
