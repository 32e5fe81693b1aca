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

"""What the wheel and the sdist hold."""

import ast
import collections
import email
import importlib.metadata
import sys
import tarfile
import zipfile

from packaging import requirements
from packaging import utils
import testtools

from tests.packaging import environment


def _ours():
    """Return the requirements in the wheel's metadata."""
    name = next(name for name in environment.wheel_names()
                if name.endswith('.dist-info/METADATA'))
    with zipfile.ZipFile(environment.wheel()) as archive:
        return email.message_from_bytes(
            archive.read(name)).get_all('Requires-Dist')


def _names(texts, extra=''):
    """Return the names in requirements that hold here, with an extra."""
    return {utils.canonicalize_name(each.name)
            for each in map(requirements.Requirement, texts or [])
            if not each.marker or each.marker.evaluate({'extra': extra})}


def _required_by(name, seen=None):
    """Return the names of all that an installed distribution requires."""
    seen = set() if seen is None else seen
    try:
        texts = importlib.metadata.requires(name)
    except importlib.metadata.PackageNotFoundError:
        # Required on another platform or Python only.
        return seen
    for required in _names(texts) - seen:
        seen.add(required)
        _required_by(required, seen)
    return seen


class TestWheel(testtools.TestCase):

    def test_of_nova_only_the_shim(self):
        nova = {name for name in environment.wheel_names()
                if name.startswith('nova/')}
        self.assertEqual({'nova/virt/migprogress/__init__.py'}, nova)

    def test_top_level(self):
        top = {name.split('/')[0] for name in environment.wheel_names()}
        top = {name for name in top if not name.endswith('.dist-info')}
        self.assertEqual({'nova', 'nova_migprogress'}, top)

    def test_every_file_of_the_packages(self):
        source = environment.source()
        expected = set()
        for directory, package in (
                ('nova_migprogress', 'nova_migprogress'),
                ('db_migrations', 'nova_migprogress/db_migrations'),
                ('api_schema', 'nova_migprogress/api_schema')):
            for path in (source / directory).rglob('*'):
                if path.is_file() and path.suffix != '.pyc':
                    expected.add('%s/%s' % (
                        package, path.relative_to(source / directory)))
        self.assertEqual(set(), expected - environment.wheel_names())

    def test_requires_nothing(self):
        self.assertEqual(set(), _names(_ours()))

    def test_server_is_what_nova_requires(self):
        server = _names(_ours(), 'server')
        self.assertIn('oslo-config', server)
        self.assertEqual(set(), server - _required_by('nova'))


class TestImports(testtools.TestCase):
    """What the installed modules import, by their source."""

    # With Nova, not from PyPI, only beside Nova 27 and older, or for those
    # who have it.
    OPTIONAL = {'libvirt', 'migrate', 'nova', 'novaclient'}

    # Whose modules import what the extra cli brings, and nothing of a node.
    CLI = ('nova_migprogress/client/', 'nova_migprogress/osc/')

    def imported(self):
        """Return {top-level name: modules that import it}."""
        found = collections.defaultdict(set)
        with zipfile.ZipFile(environment.wheel()) as archive:
            for name in environment.wheel_names():
                if not name.endswith('.py'):
                    continue
                # The oldest Python that the metadata promises.
                tree = ast.parse(archive.read(name), name,
                                 feature_version=(3, 9))
                for node in ast.walk(tree):
                    if isinstance(node, ast.Import):
                        modules = [alias.name for alias in node.names]
                    elif isinstance(node, ast.ImportFrom):
                        modules = [node.module]
                    else:
                        continue
                    for module in modules:
                        found[module.partition('.')[0]].add(name)
        return found

    def test_declared(self):
        cli = _names(_ours(), 'cli')
        server = _names(_ours(), 'server')
        distributions = importlib.metadata.packages_distributions()
        standard = sys.stdlib_module_names | {'nova_migprogress'}
        undeclared = {}
        for name, modules in self.imported().items():
            providers = {utils.canonicalize_name(each)
                         for each in distributions.get(name, [])}
            wrong = sorted(
                module for module in modules if not providers & (
                    cli if module.startswith(self.CLI) else server))
            if wrong and name not in standard | self.OPTIONAL:
                undeclared[name] = wrong
        self.assertEqual({}, undeclared)

    def test_no_eventlet(self):
        self.assertNotIn('eventlet', self.imported())


class TestSdist(testtools.TestCase):

    def test_whole_project(self):
        with tarfile.open(environment.sdist()) as archive:
            members = {name.partition('/')[2]: archive.getmember(name)
                       for name in archive.getnames()}
        source = environment.source()
        expected = {str(path.relative_to(source))
                    for path in source.rglob('*')
                    if path.is_file() and path.suffix != '.pyc'}
        # What only a clone needs.
        expected -= {'.gitignore'}
        self.assertEqual(set(), expected - set(members))
        for script in ('tools/setup', 'tools/test', '.ci/run'):
            self.assertTrue(members[script].mode & 0o100, script)
