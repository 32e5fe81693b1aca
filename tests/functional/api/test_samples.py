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
from urllib import parse

import ddt
from nova import context
from nova.db.main import api as db
from nova.tests import fixtures as nova_fixtures

from nova_migprogress import api_schema
from nova_migprogress import fields
from tests.functional.api import base
from tests.functional import fixtures

_DIRECTORY = fixtures.ROOT / 'api_schema' / 'os-migrations' / 'samples'
SAMPLES = tuple(sorted(path.name[:-len('-req.json')]
                       for path in _DIRECTORY.glob('*-req.json')))


def _load(name):
    return api_schema.load('os-migrations/samples/' + name)


def _moment(text):
    return text and datetime.datetime.fromisoformat(text)


@ddt.ddt
class SamplesTest(base.APITestCase):
    """The documented requests get the documented answers."""

    def setUp(self):
        super().setUp()
        self.api = self.use_api()
        # The sample with every migration is what the other ones list from.
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings['cell1']) as cctxt:
            for row in _load('migrations-get-resp')['migrations']:
                row.pop('links', None)
                row.update(created_at=_moment(row['created_at']),
                           updated_at=_moment(row['updated_at']))
                db.migration_create(cctxt, row)

    @ddt.data(*SAMPLES)
    def test_sample(self, name):
        request = _load(name + '-req')
        response = self.api.get(
            '%s?%s' % (request['path'],
                       parse.urlencode(request['query'], doseq=True)),
            base.VERSION,
            caller=fixtures.MANAGER if name.endswith('-by-manager') else
            fixtures.ADMIN)
        self.assertEqual(200, response.status_int, response.text)
        self.assertEqual(_load(name + '-resp'), response.json)

    def test_every_answer_has_a_request(self):
        answers = {path.name[:-len('-resp.json')]
                   for path in _DIRECTORY.glob('*-resp.json')}
        self.assertEqual(set(SAMPLES), answers)
        self.assertGreaterEqual(len(SAMPLES), 8)

    def test_samples_show_what_they_are_named_after(self):
        self.assertEqual({'migrations': []},
                         _load('migrations-get-empty-resp'))
        entry, = _load('migrations-get-null-resp')['migrations']
        self.assertEqual({None}, {entry[name] for name in fields.NAMES})
        self.assertIn('migrations_links',
                      _load('migrations-get-with-limit-resp'))
        entries = _load('migrations-get-resp')['migrations']
        for name in fields.NAMES:
            # A number, a zero somewhere, and null, for each kind of resource.
            self.assertIn(None, [entry[name] for entry in entries])
            self.assertTrue(any(entry[name] for entry in entries), name)
        self.assertEqual(
            {'live-migration', 'migration', 'resize'},
            {entry['migration_type'] for entry in entries})

    def test_project_of_the_manager(self):
        self.assertEqual(
            [nova_fixtures.PROJECT_ID],
            _load('migrations-get-by-manager-req')['query']['project_id'])
