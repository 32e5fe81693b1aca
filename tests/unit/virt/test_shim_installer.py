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

import hashlib
import json
import os
import pathlib
from unittest import mock

import fixtures
import testtools

from nova_migprogress.virt import shim_installer


class FakeNova(testtools.TestCase):
    """A directory like Nova's, in which the shim is not importable yet."""

    def setUp(self):
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.nova = root / 'nova'
        self.target = self.nova / 'virt' / 'migprogress'
        (self.nova / 'virt').mkdir(parents=True)
        (self.nova / '__init__.py').touch()
        (self.nova / 'virt' / '__init__.py').touch()
        self.patch('nova_directory', lambda: self.nova)
        self.hiding = self.patch('hiding_directories', mock.Mock(
            return_value=[]))
        self.packaged = self.patch('packaged_files', mock.Mock(
            return_value=[]))
        self.patch('location', self._location)

    def patch(self, name, new):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.shim_installer.' + name, new))
        return new

    def _location(self):
        path = self.target / '__init__.py'
        return path if path.exists() else None

    def content(self):
        """Return {relative path: content} of the fake Nova."""
        return {str(path.relative_to(self.nova)): path.read_bytes()
                for path in self.nova.rglob('*') if path.is_file()}


class TestInstall(FakeNova):

    def test_writes_the_shim_and_what_it_wrote(self):
        before = self.content()
        self.assertIn('Installed', shim_installer.install())
        after = self.content()
        self.assertEqual(
            {'virt/migprogress/__init__.py',
             'virt/migprogress/nova-migprogress.json'},
            set(after) - set(before))
        source = after['virt/migprogress/__init__.py']
        self.assertIn(b'LibvirtDriver', source)
        manifest = json.loads(after['virt/migprogress/nova-migprogress.json'])
        self.assertEqual(
            {'__init__.py': hashlib.sha256(source).hexdigest()},
            manifest['files'])
        self.assertEqual(0o755, self.target.stat().st_mode & 0o777)

    def test_twice(self):
        shim_installer.install()
        before = self.content()
        self.assertIn('Nothing to do', shim_installer.install())
        self.assertEqual(before, self.content())

    def test_update(self):
        shim_installer.install()
        (self.target / 'other.txt').touch()
        self.patch('_sources', lambda: {'__init__.py': b'new'})
        self.assertIn('Installed', shim_installer.install())
        self.assertEqual(b'new', (self.target / '__init__.py').read_bytes())
        self.assertTrue((self.target / 'other.txt').exists())
        self.assertIn('Nothing to do', shim_installer.install())

    def test_continues_an_interrupted_update(self):
        shim_installer.install()
        self.patch('_sources', lambda: {'__init__.py': b'new'})
        (self.target / '__init__.py').write_bytes(b'new')
        self.assertIn('Installed', shim_installer.install())
        self.assertIn('Removed', shim_installer.uninstall())

    def test_not_over_a_changed_file(self):
        shim_installer.install()
        (self.target / '__init__.py').write_bytes(b'mine')
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertIn(str(self.target / '__init__.py'), str(exc))
        self.assertEqual(b'mine', (self.target / '__init__.py').read_bytes())

    def test_not_over_a_directory_of_others(self):
        self.target.mkdir()
        (self.target / 'driver.py').touch()
        before = self.content()
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertIn(str(self.target), str(exc))
        self.assertEqual(before, self.content())

    def test_not_over_a_file(self):
        self.target.touch()
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertIn(str(self.target), str(exc))

    def test_packaged(self):
        self.target.mkdir()
        (self.target / '__init__.py').touch()
        self.packaged.return_value = [
            (self.target / '__init__.py').resolve()]
        self.assertIn('belongs to the installed package',
                      shim_installer.install())
        self.assertEqual(b'', (self.target / '__init__.py').read_bytes())

    def test_importable_from_elsewhere(self):
        self.patch('location', lambda: pathlib.Path('/src/shim/__init__.py'))
        self.assertIn('imported from /src/shim', shim_installer.install())
        self.assertFalse(self.target.exists())

    def test_no_permission(self):
        self.useFixture(fixtures.MonkeyPatch(
            'tempfile.mkdtemp', mock.Mock(side_effect=PermissionError(
                13, 'Permission denied', str(self.nova / 'virt')))))
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertEqual('Cannot write %s: Permission denied'
                         % (self.nova / 'virt'), str(exc))

    def test_nothing_left_half_written(self):
        before = self.content()
        self.useFixture(fixtures.MonkeyPatch(
            'os.replace', mock.Mock(side_effect=OSError(
                28, 'No space left on device'))))
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertIn('No space left on device', str(exc))
        self.assertEqual(before, self.content())
        self.assertEqual(['__init__.py'],
                         os.listdir(self.nova / 'virt'))

    def test_still_hidden(self):
        self.hiding.return_value = [pathlib.Path('/site/nova')]
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.install)
        self.assertIn('/site/nova', str(exc))


class TestUninstall(FakeNova):

    def test_removes_what_install_wrote(self):
        before = self.content()
        shim_installer.install()
        cache = self.target / '__pycache__'
        cache.mkdir()
        (cache / '__init__.cpython-311.pyc').touch()
        (cache / '__init__.cpython-312.opt-1.pyc').touch()
        self.assertIn('Removed', shim_installer.uninstall())
        self.assertEqual(before, self.content())
        self.assertFalse(self.target.exists())

    def test_twice(self):
        shim_installer.install()
        shim_installer.uninstall()
        self.assertIn('Nothing to do', shim_installer.uninstall())

    def test_leaves_other_files(self):
        shim_installer.install()
        (self.target / 'notes.txt').touch()
        self.assertIn('notes.txt', shim_installer.uninstall())
        self.assertEqual(['notes.txt'], os.listdir(self.target))

    def test_not_a_directory_of_others(self):
        self.target.mkdir()
        (self.target / '__init__.py').touch()
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.uninstall)
        self.assertIn('was not written by', str(exc))
        self.assertTrue((self.target / '__init__.py').exists())

    def test_not_a_changed_file(self):
        shim_installer.install()
        before = self.content()
        (self.target / '__init__.py').write_bytes(b'mine')
        self.assertRaises(shim_installer.ShimError, shim_installer.uninstall)
        self.assertEqual(set(before), set(self.content()))

    def test_not_the_packaged_shim(self):
        self.target.mkdir()
        (self.target / '__init__.py').touch()
        self.packaged.return_value = [
            (self.target / '__init__.py').resolve()]
        exc = self.assertRaises(shim_installer.ShimError,
                                shim_installer.uninstall)
        self.assertIn('pip uninstall nova-migprogress', str(exc))
        self.assertTrue((self.target / '__init__.py').exists())

    def test_manifest_that_leads_elsewhere(self):
        shim_installer.install()
        manifest = self.target / shim_installer.MANIFEST
        for content in ('{"files": {"../__init__.py": ""}}', 'no JSON',
                        '[]', '{"files": {"/etc/passwd": ""}}'):
            manifest.write_text(content)
            exc = self.assertRaises(shim_installer.ShimError,
                                    shim_installer.uninstall)
            self.assertIn(str(manifest), str(exc))
        self.assertTrue((self.nova / 'virt' / '__init__.py').exists())


class TestNova(testtools.TestCase):
    """Without fakes: the Nova that runs these tests."""

    def test_nova_directory(self):
        import nova
        self.assertEqual(pathlib.Path(nova.__file__).parent,
                         shim_installer.nova_directory())

    def test_not_hidden(self):
        self.assertEqual([], shim_installer.hiding_directories())

    def test_importable(self):
        self.assertTrue(shim_installer.location().is_file())

    def test_no_nova(self):
        self.useFixture(fixtures.MonkeyPatch('sys.meta_path', []))
        self.assertRaises(shim_installer.ShimError,
                          shim_installer.nova_directory)
