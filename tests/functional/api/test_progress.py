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

import ddt
from oslo_utils.fixture import uuidsentinel as uuids

from nova_migprogress import fields
from tests.functional.api import base

LIST = '/v2.1/os-migrations'


@ddt.ddt
class ProgressTest(base.APITestCase):
    """What the new microversion adds, and that it adds nothing else."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()

    def _get(self, query='', version=base.VERSION):
        return self.api.get(LIST + '?' + query, version)

    def _only(self):
        entry, = self._get().json['migrations']
        return {name: entry[name] for name in fields.NAMES}

    def test_values(self):
        values = dict(zip(fields.NAMES, (8 * base.GIB, 3 * base.GIB,
                                         5 * base.GIB, 20 * base.GIB, 1, 2)))
        self.add_migration(1, **values)
        self.assertEqual(values, self._only())

    @ddt.data(None, 0, fields.MAX_VALUE)
    def test_bounds(self, value):
        values = dict.fromkeys(fields.NAMES, value)
        self.add_migration(1, **values)
        self.assertEqual(values, self._only())

    def test_cold_migration(self):
        self.add_migration(1, migration_type='migration', status='migrating',
                           disk_total=2, disk_processed=1, disk_remaining=1)
        self.assertEqual(
            {'memory_total': None, 'memory_processed': None,
             'memory_remaining': None, 'disk_total': 2, 'disk_processed': 1,
             'disk_remaining': 1}, self._only())

    def test_exactly_six_keys_are_added(self):
        self.add_migrations()
        new = self._get().json['migrations']
        old = self._get(version=base.STOCK_VERSION).json['migrations']
        self.assertEqual(8, len(new))
        for with_progress, without in zip(new, old):
            self.assertEqual(set(fields.NAMES),
                             set(with_progress) - set(without))

    @ddt.data(*(query for query in base.QUERIES
                if query.count('status=') < 2))
    def test_everything_else_is_as_below(self, query):
        self.add_migrations()
        new = self._get(query)
        old = self._get(query, base.STOCK_VERSION)
        self.assertEqual(old.status, new.status)
        body = new.json
        for entry in body.get('migrations', ()):
            for name in fields.NAMES:
                del entry[name]
        self.assertEqual(old.json, body)
        self.assertEqual(set(old.headers), set(new.headers))

    def test_not_in_other_resources(self):
        self.add_migration(1)
        path = '/v2.1/servers/%s/migrations' % uuids.server_1
        new = self.api.get(path, base.VERSION)
        old = self.api.get(path, base.STOCK_VERSION)
        self.assertEqual((old.status, old.body), (new.status, new.body))
