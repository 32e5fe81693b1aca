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

"""The package installed beside Nova in clean virtual environments."""

import json
import shutil
import sys

import testtools

from tests.packaging import environment

# Need sqlalchemy-migrate, which only Nova 27 and older bring along, or the
# libraries of the operators' machines.
NOT_BESIDE_NOVA_34 = ('nova_migprogress.db_migrations.migrate_repo.versions.',
                      'nova_migprogress.client.novaclient',
                      'nova_migprogress.osc')

IMPORT_ALL = '''
import importlib, importlib.metadata, json
failed = {}
for module in %r:
    try:
        importlib.import_module(module)
    except Exception as exc:
        failed[module] = repr(exc)
for entry in importlib.metadata.distribution('nova-migprogress').entry_points:
    if entry.group != 'openstack.compute.v2':
        entry.load()
import nova.virt.libvirt.driver
import nova.virt.migprogress
import nova_migprogress
driver = nova.virt.migprogress.LibvirtDriver
print(json.dumps({
    'failed': failed, 'shim': nova.virt.migprogress.__file__,
    'version': nova_migprogress.__version__,
    'driver': issubclass(driver, nova.virt.libvirt.driver.LibvirtDriver)}))
'''


def modules():
    """Return the names of all modules in the wheel."""
    names = []
    for name in environment.wheel_names():
        if name.endswith('.py'):
            module = name[:-len('.py')].replace('/', '.')
            names.append(module[:-len('.__init__')]
                         if module.endswith('.__init__') else module)
    return sorted(name for name in names
                  if not name.startswith(NOT_BESIDE_NOVA_34))


def results(output):
    """Return {check: [result, details]} of a status command's output."""
    checks = json.loads(output.splitlines()[-1])['checks']
    return {check['check']: [check['result'], check['details']]
            for check in checks}


class TestBesideNova(testtools.TestCase):
    """Wheel, sdist and editable install where Nova is installed too."""

    def setUp(self):
        super().setUp()
        self.nova = environment.nova_environment()
        self.files = environment.digests(self.nova.site / 'nova')
        self.packages = self.nova.installed()
        self.addCleanup(self.nova.pip, 'uninstall', '-q', '-y',
                        'nova-migprogress')

    def assert_all_imported(self, installed_from):
        self.assertThat(len(modules()), testtools.matchers.GreaterThan(20))
        found = self.nova.evaluate(IMPORT_ALL % modules())
        self.assertEqual({}, found['failed'])
        self.assertTrue(found['driver'])
        self.assertEqual(environment.version(), found['version'])
        self.assertIn(str(installed_from), found['shim'])

    def assert_only_ours_installed(self):
        self.assertEqual(
            {'nova-migprogress': environment.version()},
            {name: version for name, version in self.nova.installed().items()
             if self.packages.get(name) != version})
        self.nova.pip('check')

    def assert_status_succeeds(self):
        done = self.nova.script('nova-migprogress-status', 'upgrade', 'check')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertNotIn('Traceback', done.stdout)
        self.assertIn('microversion 2.105', done.stdout)

    def assert_uninstall_leaves_nova(self):
        self.nova.pip('uninstall', '-q', '-y', 'nova-migprogress')
        self.assertEqual(self.files,
                         environment.digests(self.nova.site / 'nova'))
        self.assertEqual(self.packages, self.nova.installed())
        self.assertFalse((self.nova.site / 'nova_migprogress').exists())
        self.assertEqual([], list((self.nova.path / 'bin').glob('*migprog*')))

    def assert_nova_unchanged(self, added=()):
        now = environment.digests(self.nova.site / 'nova')
        self.assertEqual(sorted(added), sorted(set(now) - set(self.files)))
        self.assertEqual(self.files, {name: digest
                                      for name, digest in now.items()
                                      if name in self.files})

    def test_wheel(self):
        self.nova.pip('install', '-q', environment.wheel())
        self.assert_only_ours_installed()
        self.assert_nova_unchanged(['virt/migprogress/__init__.py'])
        self.assert_all_imported(self.nova.site / 'nova')
        self.assert_status_succeeds()
        self.assert_uninstall_leaves_nova()

    def test_sdist(self):
        self.nova.pip('install', '-q', environment.sdist())
        self.assert_only_ours_installed()
        self.assert_nova_unchanged(['virt/migprogress/__init__.py'])
        self.assert_all_imported(self.nova.site / 'nova')
        self.assert_uninstall_leaves_nova()

    def test_editable(self):
        source = environment.scratch() / 'editable'
        shutil.copytree(environment.source(), source)
        self.nova.pip('install', '-q', '-e', source)
        self.assert_only_ours_installed()
        self.assert_nova_unchanged()
        self.assert_all_imported(source)
        self.assert_status_succeeds()
        self.assert_uninstall_leaves_nova()

    def test_driver_commands_leave_the_packaged_shim(self):
        self.nova.pip('install', '-q', environment.wheel())
        before = environment.digests(self.nova.site / 'nova')
        done = self.nova.script('nova-migprogress-manage', 'driver',
                                'install')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn('Nothing to do', done.stdout)
        done = self.nova.script('nova-migprogress-manage', 'driver',
                                'uninstall')
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn('pip uninstall nova-migprogress', done.stdout)
        self.assertEqual(before,
                         environment.digests(self.nova.site / 'nova'))


class TestNovaElsewhere(testtools.TestCase):
    """Where the wheel's own shim does not reach Nova."""

    def assert_driver_install_fixes(self, place, nova, reason):
        """Check the way from the status command's failure to its success.

        :param place: the Environment, which has the wheel and finds Nova
        :param nova: the directory of Nova
        :param reason: part of what the status command says of the driver
        """
        before = environment.digests(nova)
        status = ('nova-migprogress-status', 'upgrade', 'check', '--json')
        done = place.script(*status)
        self.assertEqual(2, done.returncode, done.stdout)
        self.assertNotIn('Traceback', done.stdout)
        code, details = results(done.stdout)['Compute driver module']
        self.assertEqual(2, code)
        self.assertIn(reason, details)
        self.assertIn('Run: nova-migprogress-manage driver install', details)

        manage = ('nova-migprogress-manage', 'driver')
        done = place.script(*manage, 'install')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn('Installed nova.virt.migprogress', done.stdout)
        self.assertEqual(
            ['virt/migprogress/__init__.py',
             'virt/migprogress/nova-migprogress.json'],
            sorted(set(environment.digests(nova)) - set(before)))
        done = place.script(*manage, 'install')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn('Nothing to do', done.stdout)

        done = place.script(*status)
        self.assertEqual(0, done.returncode, done.stdout)
        found = place.evaluate(IMPORT_ALL % modules())
        self.assertEqual({}, found['failed'])
        self.assertEqual(str(nova / 'virt' / 'migprogress' / '__init__.py'),
                         found['shim'])
        self.assertTrue(found['driver'])

        done = place.script(*manage, 'uninstall')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertEqual(before, environment.digests(nova))
        self.assertFalse((nova / 'virt' / 'migprogress').exists())
        done = place.script(*manage, 'uninstall')
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn('Nothing to do', done.stdout)

    def test_another_site_directory(self):
        nova = environment.nova_environment()
        place = environment.Environment('another-site')
        (place.site / 'nova.pth').write_text('%s\n' % nova.site)
        place.pip('install', '-q', '--no-deps', environment.wheel())
        self.assert_driver_install_fixes(
            place, nova.site / 'nova', 'there is no nova.virt.migprogress')

    def test_nova_editable(self):
        place = environment.Environment('nova-editable')
        (place.site / 'requirements.pth').write_text(
            '%s\n' % environment.without_nova())
        environment.run(
            sys.executable, '-m', 'pip', 'download', '-q',
            '--no-deps', '--no-binary', 'nova', '--dest',
            environment.scratch(), environment.NOVA)
        archive = next(environment.scratch().glob('nova-*.tar.gz'))
        shutil.unpack_archive(archive, environment.scratch())
        source = environment.scratch() / 'nova-34.0.0'
        place.pip('install', '-q', '--no-deps', '-e', source)
        place.pip('install', '-q', '--no-deps', environment.wheel())
        self.assert_driver_install_fixes(place, source / 'nova', 'hides it')
        # The copy that hid Nova does not come back.
        self.assertFalse((place.site / 'nova').exists())
        place.evaluate('import nova.virt.driver; print(0)')

    def test_without_nova(self):
        place = environment.Environment('no-nova')
        (place.site / 'requirements.pth').write_text(
            '%s\n' % environment.without_nova())
        place.pip('install', '-q', '--no-deps', environment.wheel())
        done = place.script('nova-migprogress-status', 'upgrade', 'check')
        self.assertEqual(2, done.returncode, done.stdout)
        self.assertNotIn('Traceback', done.stdout)
        self.assertIn('Nova is not installed', done.stdout)
        for action in ('install', 'uninstall'):
            done = place.script('nova-migprogress-manage', 'driver', action)
            self.assertEqual(1, done.returncode, done.stdout)
            self.assertNotIn('Traceback', done.stdout)
            self.assertIn('Nova is not installed', done.stdout)
