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

import requests

from nova_migprogress.client import errors
from nova_migprogress.client import fallback
from nova_migprogress.client import migration_record
from tests.unit.client import base


class FallbackTestCase(base.ClientTestCase):
    """A server that cannot be asked does not hide the others."""

    def setUp(self):
        super().setUp()
        bare = {'memory_total': None, 'memory_remaining': None}
        self.records = [migration_record.MigrationRecord.from_api(
            base.entry(number, **bare)) for number in (1, 2)]
        self.answer('/servers/server-2/migrations', {'migrations': [
            {'id': 9, 'memory_total_bytes': 1},
            {'id': 2, 'status': 'running', 'memory_total_bytes': 4000}]})

    def fill(self):
        return [found.memory_total for found in fallback.fill(
            self.cloud._rest, '2.80', self.records)]

    def test_one_is_gone(self):
        self.answer('/servers/server-1/migrations', status_code=404)
        self.assertEqual([None, 4000], self.fill())

    def test_one_has_ended(self):
        self.answer('/servers/server-1/migrations', {'migrations': []})
        self.assertEqual([None, 4000], self.fill())

    def test_one_fails(self):
        self.answer('/servers/server-1/migrations', status_code=500)
        self.assertEqual([None, 4000], self.fill())

    def test_one_is_junk(self):
        self.answer('/servers/server-1/migrations', text='<html>')
        self.assertEqual([None, 4000], self.fill())

    def test_one_is_gone_and_one_fails(self):
        # The API answers.
        self.answer('/servers/server-1/migrations', status_code=404)
        self.answer('/servers/server-2/migrations', status_code=500)
        self.assertEqual([None, None], self.fill())

    def test_all_fail(self):
        for number in (1, 2):
            self.answer('/servers/server-%d/migrations' % number,
                        status_code=500)
        self.assertRaises(errors.ServerFailed, self.fill)

    def test_no_answer(self):
        # Not a timeout for each server.
        self.answer('/servers/server-1/migrations',
                    exc=requests.exceptions.ReadTimeout)
        self.assertRaises(errors.Unreachable, self.fill)

    def test_forbidden(self):
        self.answer('/servers/server-1/migrations', status_code=403)
        self.assertRaises(errors.Forbidden, self.fill)

    def test_only_those_that_have_numbers(self):
        self.records = [
            migration_record.MigrationRecord.from_api(base.entry(3, **values))
            for values in ({'status': 'queued'}, {'status': 'completed'},
                           {'migration_type': 'resize'},
                           {'status': 'running (post-copy)'})]
        self.assertEqual([4000] * 4, self.fill())
        self.assertEqual(0, self.api.call_count)
