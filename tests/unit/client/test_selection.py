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

import datetime

import ddt
from oslotest import base

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.client import selection

RECORD = migration_record.MigrationRecord(
    id=1, instance_uuid='server-1', source_compute='host1',
    dest_compute='host2')


@ddt.ddt
class SelectionTestCase(base.BaseTestCase):

    @ddt.data(
        ({}, {}),
        ({'host': 'a', 'source_compute': 'b', 'user': 'c',
          'migration_type': 'resize'},
         {'host': 'a', 'source_compute': 'b', 'user_id': 'c',
          'migration_type': 'resize'}),
        ({'server': 'a'}, {'instance_uuid': 'a'}),
        ({'server': ['a', 'a']}, {'instance_uuid': 'a'}),
        ({'server': ('a', 'b')}, {}),
        ({'server': ()}, {}),
        ({'dest_compute': 'a'}, {'host': 'a'}),
        ({'dest_compute': 'a', 'host': 'b'}, {'host': 'b'}),
        ({'changes_since': 'now'}, {'changes-since': 'now'}),
        ({'changes_since': datetime.datetime(
            2026, 1, 29, 12, tzinfo=datetime.timezone(
                datetime.timedelta(hours=1)))},
         {'changes-since': '2026-01-29T11:00:00Z'}))
    @ddt.unpack
    def test_params(self, filters, expected):
        found = selection.Selection(**filters)
        self.assertEqual(expected, dict(found.params))
        self.assertFalse(found.names_project)

    def test_project(self):
        found = selection.Selection(project='a')
        self.assertEqual([('project_id', 'a')], found.params)
        self.assertTrue(found.names_project)

    @ddt.data(({}, True), ({'dest_compute': 'host2'}, True),
              ({'dest_compute': 'host1'}, False),
              ({'server': 'server-1'}, True), ({'server': ()}, False),
              ({'server': ('server-1', 'server-2')}, True),
              ({'server': ('server-1',), 'dest_compute': 'host1'}, False),
              # Up to Nova.
              ({'host': 'host3'}, True))
    @ddt.unpack
    def test_matches(self, filters, expected):
        self.assertIs(expected,
                      selection.Selection(**filters).matches(RECORD))

    @ddt.data(('project', '2.80'), ('user', '2.80'),
              ('changes_since', '2.59'))
    @ddt.unpack
    def test_check(self, name, needed):
        tested = selection.Selection(**{name: 'a'})
        tested.check(discovery.Capabilities(None, needed, discovery.SERVERS))
        error = self.assertRaises(
            errors.Unsupported, tested.check,
            discovery.Capabilities(None, '2.58', discovery.SERVERS))
        self.assertIn('up to 2.58, and that needs ' + needed, str(error))
        selection.Selection(host='a').check(
            discovery.Capabilities(None, '2.1', discovery.NONE))
