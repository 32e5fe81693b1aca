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
from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exceptions
import requests

from nova_migprogress.client import errors
from nova_migprogress.client import rest
from tests.unit.client import base


@ddt.ddt
class ErrorsTestCase(base.ClientTestCase):
    """Every kind of failure is a ClientError that names what failed."""

    def _error(self, expected):
        error = self.assertRaises(errors.ClientError, self.cloud.migrations)
        self.assertIs(expected, type(error))
        return error

    @ddt.data((400, errors.Rejected), (401, errors.AuthenticationFailed),
              (403, errors.Forbidden), (404, errors.NotFound),
              (406, errors.NotAcceptable), (409, errors.Rejected),
              (413, errors.ServerFailed), (429, errors.ServerFailed),
              (499, errors.Rejected), (500, errors.ServerFailed),
              (503, errors.ServerFailed))
    @ddt.unpack
    def test_status(self, status, expected):
        self.use_plugin()
        self.answer('/os-migrations', {'fault': {'message': 'So it is.'}},
                    status_code=status)
        error = self._error(expected)
        self.assertEqual('GET /os-migrations: %d So it is.' % status,
                         str(error))

    @ddt.data((None, None), ('7', 7), ('-1', None), ('soon', None),
              ('99999999', 99999999), ('999999999', None), ('9' * 40, None))
    @ddt.unpack
    def test_retry_after(self, value, expected):
        self.use_plugin()
        self.answer('/os-migrations', status_code=429,
                    headers={'Retry-After': value} if value else {})
        self.assertEqual(expected,
                         self._error(errors.ServerFailed).retry_after)

    @ddt.data('', '<html>', '[]', 'null', '5', '{', '{"a": 1}', '[' * 100000,
              '{"migrations": null}', '{"migrations": [1]}',
              '{"migrations": [{}]}', '1' * 5000)
    def test_junk(self, text):
        self.use_plugin()
        self.answer('/os-migrations', text=text)
        error = self._error(errors.InvalidAnswer)
        self.assertLess(len(str(error)), 400)

    @ddt.data('', '<html>gateway</html>', '[]', '{"a": {}, "b": {}}', '{}',
              '{"a": "b"}')
    def test_junk_with_an_error(self, text):
        self.use_plugin()
        self.answer('/os-migrations', text=text, status_code=502,
                    reason='Bad Gateway')
        self.assertEqual('GET /os-migrations: 502 Bad Gateway',
                         str(self._error(errors.ServerFailed)))

    @ddt.data(requests.exceptions.ConnectionError,
              requests.exceptions.ReadTimeout,
              requests.exceptions.ConnectTimeout,
              requests.exceptions.SSLError,
              requests.exceptions.ChunkedEncodingError)
    def test_no_answer(self, kind):
        self.use_plugin()
        self.answer('/os-migrations', exc=kind('so it is'))
        error = self._error(errors.Unreachable)
        self.assertIn('GET /os-migrations: ', str(error))

    def test_long_message(self):
        self.use_plugin()
        for answer in ({'json': {'fault': {'message': 'a' * 501}}},
                       {'text': '', 'reason': 'a' * 501}):
            self.answer('/os-migrations', status_code=500, **answer)
            self.assertEqual('GET /os-migrations: 500 ' + 'a' * 500,
                             str(self._error(errors.ServerFailed)))

    def test_timeout_is_set(self):
        listing = self.use_plugin()
        self.cloud.migrations()
        self.assertEqual(60, listing.last_request.timeout)

    @ddt.data(
        (ksa_exceptions.EndpointNotFound('none'), errors.Unreachable),
        (ksa_exceptions.EmptyCatalog('none'), errors.Unreachable),
        (ksa_exceptions.Unauthorized('no'), errors.AuthenticationFailed),
        (ksa_exceptions.MissingAuthPlugin(), errors.AuthenticationFailed),
        (ksa_exceptions.HttpError('no', http_status=499), errors.Unreachable),
        (ksa_exceptions.InternalServerError('no'), errors.ServerFailed),
        (ksa_exceptions.ServiceUnavailable('no'), errors.ServerFailed),
        (ksa_exceptions.Forbidden('no'), errors.Forbidden),
        (ksa_exceptions.DiscoveryFailure('no'), errors.Unreachable))
    @ddt.unpack
    def test_keystone(self, raised, expected):
        with rest.translate_errors('asking'):
            pass

        def fail():
            with rest.translate_errors('asking'):
                raise raised

        error = self.assertRaises(errors.ClientError, fail)
        self.assertIs(expected, type(error))
        self.assertTrue(str(error).startswith('asking: '))

    def test_other_errors_pass(self):
        def fail():
            with rest.translate_errors('asking'):
                raise KeyError('a')

        self.assertRaises(KeyError, fail)


@ddt.ddt
class EndpointTestCase(base.ClientTestCase):

    def use_rest(self):
        return rest.Rest(adapter.Adapter(
            self.session, service_type='compute'))

    @ddt.data(('2.104', '2.1', '2.104'), ('2.1', '2.1', '2.1'),
              # Nova's v2.0.
              ('', '', '2.1'))
    @ddt.unpack
    def test_max_microversion(self, maximum, minimum, expected):
        self.answer('', base.version(maximum, minimum))
        self.assertEqual(expected, self.use_rest().max_microversion())

    def test_no_endpoint(self):
        self.auth.get_endpoint_data = lambda session, **kwargs: None
        self.assertEqual('2.1', self.use_rest().max_microversion())

    def test_session(self):
        # It asks the catalog for the compute service.
        found = rest.Rest(self.session)
        self.assertEqual('compute', found.adapter.service_type)
        self.assertIs(self.session, found.adapter.session)

    def test_project(self):
        self.assertIsNone(self.use_rest().project_id())
        self.auth.project = 'own'
        self.assertEqual('own', self.use_rest().project_id())


@ddt.ddt
class DateTestCase(base.ClientTestCase):

    @ddt.data((None, None), ('', None), ('yesterday', None),
              ('Thu, 29 Jan 2026 11:00:00 GMT', 1769684400.0),
              ('Thu, 99 Jan 2026 11:00:00 GMT', None))
    @ddt.unpack
    def test_date(self, value, expected):
        self.use_plugin()
        self.answer('/os-migrations', {'migrations': []},
                    headers={} if value is None else {'Date': value})
        self.cloud.migrations()
        self.assertEqual(expected, self.cloud.server_date)
