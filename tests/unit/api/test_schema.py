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

import importlib.resources
import pathlib

import ddt
import jsonschema
from nova.api.openstack.compute.schemas import migrations as stock
from oslotest import base

from nova_migprogress import api_schema
from nova_migprogress import fields

QUERY = api_schema.load('os-migrations/query')
RESPONSE = api_schema.load('os-migrations/response')
ENTRY = RESPONSE['properties']['migrations']['items']

_FILES = importlib.resources.files(api_schema)
SAMPLES = [
    'os-migrations/samples/' + path.stem
    for path in sorted(pathlib.Path(str(_FILES)).glob(
        'os-migrations/samples/*.json'))]


@ddt.ddt
class SchemaTest(base.BaseTestCase):

    def test_load(self):
        self.assertEqual('object', QUERY['type'])
        self.assertIsNot(QUERY, api_schema.load('os-migrations/query'))

    def test_load_what_is_not_there(self):
        self.assertRaises(FileNotFoundError, api_schema.load, 'os-nothing')

    @ddt.data(QUERY, RESPONSE)
    def test_is_a_schema(self, schema):
        jsonschema.Draft202012Validator.check_schema(schema)

    def test_progress_fields(self):
        for field in fields.FIELDS:
            self.assertEqual(
                {'type': ['integer', 'null'], 'minimum': 0,
                 'description': field.meaning + ', in bytes'},
                ENTRY['properties'][field.name])
            self.assertIn(field.name, ENTRY['required'])

    def test_query_is_novas_but_for_the_meaning_of_status(self):
        self.assertEqual(stock.index_query_v280['properties'],
                         QUERY['properties'])
        self.assertIs(False, QUERY['additionalProperties'])

    def test_response_is_novas_plus_six_keys(self):
        entry = stock.index_response_v280['properties']['migrations']['items']
        expected = dict(entry['properties'])
        # Rows from before Nova 20 have no owner.
        for name in ('user_id', 'project_id'):
            expected[name] = dict(expected[name], type=['string', 'null'])
        self.assertEqual(expected, {
            name: schema for name, schema in ENTRY['properties'].items()
            if name not in fields.NAMES})
        self.assertEqual(set(entry['required']),
                         set(ENTRY['required']) - set(fields.NAMES))
        self.assertIs(False, ENTRY['additionalProperties'])
        self.assertEqual(
            stock.index_response_v280['properties']['migrations_links'],
            RESPONSE['properties']['migrations_links'])

    @ddt.data(*SAMPLES)
    def test_sample(self, name):
        sample = api_schema.load(name)
        if name.endswith('-req'):
            self.assertEqual({'method', 'path', 'query'}, set(sample))
            jsonschema.validate(sample['query'], QUERY)
        else:
            jsonschema.validate(
                sample, RESPONSE,
                format_checker=jsonschema.FormatChecker())
