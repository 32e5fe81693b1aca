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

import pathlib
import subprocess
import sys

import ddt
from oslotest import base

import nova_migprogress

_PACKAGE = pathlib.Path(nova_migprogress.__file__).parent

#: What the clients' machines do not have.
_ABSENT = ('alembic', 'eventlet', 'nova', 'oslo_config', 'oslo_db',
           'oslo_log', 'oslo_versionedobjects', 'sqlalchemy')

_CHECK = """
import importlib
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in %r:
            raise ModuleNotFoundError('No module named %%r' %% name)

sys.meta_path.insert(0, Absent())
importlib.import_module(%r)
"""


def _modules(package):
    return [
        'nova_migprogress.%s.%s' % (package, path.stem)
        for path in sorted((_PACKAGE / package).glob('*.py'))]


@ddt.ddt
class ImportsTestCase(base.BaseTestCase):
    """Clients need nothing of Nova."""

    def _check(self, modules, absent):
        # One process for all: each import is checked, none is cached.
        script = _CHECK % (absent, modules[0]) + ''.join(
            'importlib.import_module(%r)\n' % name for name in modules[1:])
        done = subprocess.run([sys.executable, '-c', script],
                              capture_output=True, text=True)
        self.assertEqual('', done.stderr)
        self.assertEqual(0, done.returncode)

    def test_convergence(self):
        self._check(_modules('convergence'), _ABSENT + (
            'keystoneauth1', 'openstack', 'novaclient', 'requests'))

    def test_replay(self):
        modules = [name for package in ('text', 'recording', 'report')
                   for name in _modules(package)]
        self._check(modules + ['nova_migprogress.cmd.replay'], _ABSENT + (
            'cliff', 'keystoneauth1', 'openstack', 'osc_lib', 'requests',
            'rich'))

    def test_client(self):
        libraries = {'nova_migprogress.client.novaclient',
                     'nova_migprogress.client.sdk'}
        modules = [name for name in _modules('client')
                   if name not in libraries]
        self.assertLess(5, len(modules))
        self._check(modules, _ABSENT + ('openstack', 'novaclient'))

    def test_sdk(self):
        self._check(['nova_migprogress.client.sdk'],
                    _ABSENT + ('novaclient',))

    def test_novaclient(self):
        self._check(['nova_migprogress.client.novaclient'],
                    _ABSENT + ('openstack',))

    @ddt.data('nova', 'sqlalchemy')
    def test_the_test(self, name):
        self.assertRaises(AssertionError, self._check, [name], _ABSENT)
