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

"""The client and the commands on machines that have nothing of Nova."""

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


#: Distributions of which a workstation has no use.
_SERVER = {'SQLAlchemy', 'alembic', 'eventlet', 'nova', 'oslo.db',
           'oslo.messaging', 'oslo.upgradecheck', 'oslo.versionedobjects'}


def _modules():
    """Return the names of the client's and the convergence's modules."""
    return sorted(
        name[:-len('.py')].replace('/', '.')
        for name in environment.wheel_names() if name.endswith('.py') and
        name.startswith(('nova_migprogress/client/',
                         'nova_migprogress/convergence/')))


@ddt.ddt
class TestClient(testtools.TestCase):

    def environment(self, name, *requirements):
        """Return an environment with requirements and nothing of a server."""
        found = environment.Environment(name)
        found.pip('install', '-q', *requirements)
        self.assertEqual(set(), _SERVER & set(found.installed()))
        return found

    def test_client(self):
        modules = _modules()
        self.assertLess(set(_LIBRARIES), set(modules))
        clean = self.environment(
            'client', '%s[client]' % environment.wheel())
        self.assertEqual([], clean.evaluate(
            _IMPORT % [m for m in modules if m not in _LIBRARIES]))

    def test_commands(self):
        clean = self.environment(
            'cli', '-c', environment.CONSTRAINTS,
            '%s[cli]' % environment.wheel())
        for command in ('migration progress list', 'migration progress show',
                        'migration watch'):
            done = clean.script(
                'openstack', 'server', *command.split(), '--help')
            self.assertEqual(0, done.returncode, done.stdout)
            self.assertIn('usage: openstack server ' + command, done.stdout)

    @ddt.data(('manage', 1), ('status', 255))
    @ddt.unpack
    def test_commands_of_a_node(self, name, code):
        clean = self.environment('no-node-' + name, environment.wheel())
        self.assertEqual({'nova-migprogress'}, set(clean.installed()))
        done = clean.script('nova-migprogress-' + name, 'upgrade', 'check')
        self.assertEqual(code, done.returncode, done.stdout)
        self.assertNotIn('Traceback', done.stdout)
        self.assertIn('SQLAlchemy is not installed', done.stdout)

    @ddt.data('18.12.0', '18.13.1')
    def test_novaclient(self, version):
        # The last that takes any microversion, and one that does not.
        clean = self.environment(
            'novaclient-' + version, 'python-novaclient==' + version,
            'requests-mock', environment.wheel())
        self.assertEqual(
            [version, [5], [5], ['compute 2.105'] * 2],
            clean.evaluate(_NOVACLIENT))
