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

"""The client on machines that have nothing of Nova."""

import ddt
import testtools

from tests.packaging import environment

#: Modules that need a library of their own.
_LIBRARIES = ('nova_migprogress.client.novaclient',
              'nova_migprogress.client.sdk')

_IMPORT = '''
import importlib, json, sys
for module in %r:
    importlib.import_module(module)
print(json.dumps(sorted(
    {name.partition('.')[0] for name in sys.modules} & {
        'nova', 'oslo_config', 'oslo_db', 'sqlalchemy'})))
'''

_NOVACLIENT = '''
import importlib.metadata, json
from keystoneauth1 import session
from keystoneauth1 import token_endpoint
import requests_mock
from nova_migprogress.client import novaclient

URL = 'http://compute.example.com/v2.1'
with requests_mock.Mocker() as api:
    api.get(URL + '/extensions', json={'extensions': [
        {'alias': 'os-migration-progress',
         'description': 'from microversion 2.105.'}]})
    listing = api.get(URL + '/os-migrations', json={'migrations': [
        {'id': 1, 'uuid': 'a', 'memory_remaining': 5}]})
    nova = novaclient.connect(session.Session(
        auth=token_endpoint.Token(URL, 'token')))
    print(json.dumps([
        importlib.metadata.version('python-novaclient'),
        [m.memory_remaining for m in nova.migrations.list()],
        [m.memory_remaining for m in novaclient.migrations(nova)],
        [r.headers['OpenStack-API-Version']
         for r in listing.request_history]]))
'''


def _modules():
    """Return the names of the client's and the convergence's modules."""
    return sorted(
        name[:-len('.py')].replace('/', '.')
        for name in environment.wheel_names() if name.endswith('.py') and
        name.startswith(('nova_migprogress/client/',
                         'nova_migprogress/convergence/')))


@ddt.ddt
class TestClient(testtools.TestCase):

    def _environment(self, name, *requirements):
        found = environment.Environment(name)
        found.pip('install', '-q', *requirements)
        found.pip('install', '-q', '--no-deps', environment.wheel())
        return found

    def test_with_keystoneauth_alone(self):
        modules = _modules()
        self.assertLess(set(_LIBRARIES), set(modules))
        clean = self._environment('client', 'keystoneauth1')
        self.assertEqual([], clean.evaluate(
            _IMPORT % [m for m in modules if m not in _LIBRARIES]))

    @ddt.data('18.12.0', '18.13.1')
    def test_novaclient(self, version):
        # The last that takes any microversion, and one that does not.
        clean = self._environment(
            'novaclient-' + version, 'python-novaclient==' + version,
            'requests-mock')
        self.assertEqual(
            [version, [5], [5], ['compute 2.105'] * 2],
            clean.evaluate(_NOVACLIENT))
