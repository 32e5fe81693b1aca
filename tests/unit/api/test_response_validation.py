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

import copy
from unittest import mock

import ddt
from nova.api.validation import validators
import nova.conf
from nova import exception
from oslo_config import fixture as config_fixture
from oslo_serialization import jsonutils
from oslotest import base

from nova_migprogress.api import response_validation
from nova_migprogress import api_schema
from nova_migprogress import fields

SCHEMA = api_schema.load('os-migrations/response')
SAMPLE = api_schema.load('os-migrations/samples/migrations-get-resp')

#: How an entry can be wrong, as the keys that are replaced in it.
WRONG = (
    {'memory_total': -1},
    {'memory_total': 1.5},
    {'memory_total': '1'},
    {'disk_remaining': True},
    {'disk_remaining': []},
    {'id': None},
    {'uuid': 'no-uuid'},
    {'uuid': 1},
    {'created_at': 'yesterday'},
    {'created_at': None},
    {'migration_type': 'teleport'},
    {'project_id': ''},
    {'project_id': 'a b'},
    {'user_id': 'x' * 256},
    {'links': {}},
    {'links': [{'rel': 'next', 'href': 'http://a/b'}]},
    {'links': [{'rel': 'self', 'href': 'no-uri'}]},
    {'links': [{'rel': 'self'}]},
    {'links': [{'rel': 'self', 'href': 'http://a/b', 'more': 1}]},
    {'server_host': 'compute1'},
)


def _with(**changes):
    body = copy.deepcopy(SAMPLE)
    body['migrations'][1].update(changes)
    return body


def _without(key):
    body = copy.deepcopy(SAMPLE)
    del body['migrations'][1][key]
    return body


@ddt.ddt
class ResponseValidatorTest(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.conf = self.useFixture(config_fixture.Config(nova.conf.CONF))
        self.conf.config(response_validation='error', group='api')
        self.validate = response_validation.ResponseValidator(SCHEMA)

    def _assert_refused_as_by_nova(self, body):
        stock = self.assertRaises(
            exception.ValidationError,
            validators._SchemaValidator(SCHEMA).validate, body)
        ours = self.assertRaises(
            exception.ValidationError, self.validate, jsonutils.dumps(body))
        self.assertEqual(stock.format_message(), ours.format_message())

    @ddt.data(*WRONG)
    def test_wrong_entry(self, changes):
        self._assert_refused_as_by_nova(_with(**changes))

    @ddt.data(*SCHEMA['properties']['migrations']['items']['required'])
    def test_missing_key(self, key):
        self._assert_refused_as_by_nova(_without(key))

    @ddt.data({}, [], None, 1, 'x', {'migrations': None}, {'migrations': [1]},
              {'migrations': [], 'more': 1},
              {'migrations': [], 'migrations_links': []},
              {'migrations': [], 'migrations_links': [
                  {'rel': 'self', 'href': 'http://a/b'}]},
              {'migrations': [], 'migrations_links': [
                  {'rel': 'next', 'href': 'http://a/b'}] * 2})
    def test_wrong_answer(self, body):
        self._assert_refused_as_by_nova(body)

    @ddt.data(None, 0, fields.MAX_VALUE)
    def test_right_values(self, value):
        body = _with(**dict.fromkeys(fields.NAMES, value))
        self.validate(jsonutils.dumps(body))

    def test_many_times(self):
        # What is remembered of one answer must not leak into the next.
        for _ in range(2):
            self.validate(jsonutils.dumps(SAMPLE))
            for changes in WRONG:
                self._assert_refused_as_by_nova(_with(**changes))

    def test_subschemas_are_prepared_once(self):
        # Preparing them is what takes time in Nova's way to validate.
        self.validate(jsonutils.dumps(SAMPLE))
        jsonschema_class = type(self.validate._validator.validator)
        with mock.patch.object(jsonschema_class, 'evolve') as prepare:
            self.validate(jsonutils.dumps(SAMPLE))
        prepare.assert_not_called()

    def test_two_validators(self):
        other = response_validation.ResponseValidator(
            {'type': 'object', 'properties': {'migrations': {'type': 'null'}},
             'additionalProperties': False})
        other('{"migrations": null}')
        self.validate(jsonutils.dumps(SAMPLE))
        self.assertRaises(exception.ValidationError, other,
                          jsonutils.dumps(SAMPLE))

    def test_ignore_does_not_even_parse(self):
        self.conf.config(response_validation='ignore', group='api')
        self.validate('no JSON')

    def test_schemas_hold_no_reference(self):
        # The validator remembers subschemas apart from what they refer to.
        self.assertNotIn('$ref', jsonutils.dumps(SCHEMA))
