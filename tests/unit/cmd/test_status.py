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

import contextlib
import io
import json
import os
import pathlib
from unittest import mock

import ddt
import fixtures
import testtools

from nova_migprogress.cmd import cell_database
from nova_migprogress.cmd import status
from nova_migprogress import exception
from nova_migprogress.virt import shim_installer

SUCCESS, WARNING, FAILURE = 0, 1, 2

STOCK_PASTE = """
[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
/v2.1: openstack_compute_api_v21

[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
"""


class StatusTestCase(testtools.TestCase):
    """Runs the command on the Nova that runs these tests.

    Only the API is faked: the check would change it for all other tests of
    this process.
    """

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.extension = self.patch('nova_migprogress.api.extension.install')
        self.patch('nova_migprogress.api.microversion.bump',
                   return_value='2.105')
        # What the machine has in Nova's default places is not tested.
        self.useFixture(fixtures.EnvironmentVariable(
            'HOME', str(self.directory)))
        self.write('nova.conf', '')

    def patch(self, target, **kwargs):
        patcher = mock.patch(target, autospec=True, **kwargs)
        self.addCleanup(patcher.stop)
        return patcher.start()

    def write(self, name, content):
        path = self.directory / name
        path.write_text(content)
        return path

    def run_command(self, *arguments):
        """Return the exit code, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = status.main([
                    '--config-file', str(self.directory / 'nova.conf'),
                    *arguments])
            except SystemExit as exc:
                code = exc.code
        self.assertNotIn('Traceback', out.getvalue() + err.getvalue())
        return code, out.getvalue(), err.getvalue()

    def check(self, name):
        """Return the result and the details of one check.

        All others succeed, so the exit code is this one's.
        """
        code, out, _err = self.run_command('upgrade', 'check', '--json')
        checks = {each['check']: each for each in json.loads(out)['checks']}
        self.assertEqual(
            {name: code} if code else {},
            {each: found['result'] for each, found in checks.items()
             if found['result']})
        return checks[name]['result'], checks[name]['details']


class TestCommand(StatusTestCase):

    def test_all_succeed(self):
        code, out, err = self.run_command('upgrade', 'check')
        self.assertEqual((0, ''), (code, err))
        self.assertEqual(10, out.count('Result: Success'))
        self.assertIn('microversion 2.105', out)

    def test_commands_are_not_broken_at_hyphens(self):
        with mock.patch.object(shim_installer, 'location', autospec=True,
                               return_value=None):
            code, out, _err = self.run_command('upgrade', 'check')
        self.assertEqual(2, code)
        self.assertIn('nova-migprogress-manage', out)

    def test_missing_file(self):
        os.unlink(self.directory / 'nova.conf')
        code, out, err = self.run_command('upgrade', 'check')
        self.assertEqual((255, ''), (code, out))
        self.assertIn(str(self.directory / 'nova.conf'), err)

    def test_broken_file(self):
        self.write('nova.conf', 'no section\n')
        code, _out, err = self.run_command('upgrade', 'check')
        self.assertEqual(255, code)
        self.assertIn('nova.conf', err)

    def test_no_command(self):
        code, _out, err = self.run_command()
        self.assertEqual(2, code)
        self.assertIn('command', err)


class TestNovaChecks(StatusTestCase):

    def test_release_not_tested(self):
        self.patch('importlib.metadata.version', return_value='99.1.0')
        result, details = self.check('Nova release')
        self.assertEqual(WARNING, result)
        self.assertIn('99.1.0', details)
        self.assertIn('34 (2026.2)', details)

    def test_libraries(self):
        self.patch('nova_migprogress.cmd.libraries.problems', return_value=[
            'oslo.db is not installed, 8.4.0 or later is needed',
            'SQLAlchemy 1.2.19 is installed, 1.3.0 or later is needed'])
        result, details = self.check('Python libraries')
        self.assertEqual(FAILURE, result)
        self.assertIn('oslo.db is not installed', details)
        self.assertIn('SQLAlchemy 1.2.19 is installed', details)

    def test_hidden(self):
        self.patch('nova_migprogress.virt.shim_installer.hiding_directories',
                   return_value=[pathlib.Path('/site/nova')])
        result, details = self.check('Compute driver module')
        self.assertEqual(FAILURE, result)
        self.assertIn('/site/nova hides it', details)
        self.assertIn('Run: nova-migprogress-manage driver install', details)

    def test_shim_not_importable(self):
        self.patch('nova_migprogress.virt.shim_installer.location',
                   return_value=None)
        result, details = self.check('Compute driver module')
        self.assertEqual(FAILURE, result)
        self.assertIn('Run: nova-migprogress-manage driver install', details)

    def test_driver_seam(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.migration.save_stats', lambda instance: None))
        result, details = self.check("Nova's libvirt driver")
        self.assertEqual(FAILURE, result)
        self.assertIn('nova.virt.libvirt.migration.save_stats', details)

    def test_copy_seam(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.utils.copy_image', lambda src: None))
        result, details = self.check("Nova's libvirt driver")
        self.assertEqual(FAILURE, result)
        self.assertIn('cold migrations', details)
        self.assertIn('nova.virt.libvirt.utils.copy_image', details)

    def test_api_seam(self):
        self.extension.side_effect = exception.UnsupportedNova('it is too old')
        result, details = self.check("Nova's compute API")
        self.assertEqual(FAILURE, result)
        self.assertIn('because it is too old', details)

    def test_object(self):
        from nova.objects import migration
        fields = dict(migration.Migration.fields)
        del fields['disk_total']
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.migration.Migration.fields', fields))
        result, details = self.check("Nova's Migration object")
        self.assertEqual(FAILURE, result)
        self.assertIn('disk_total is missing', details)

    def test_any_error_is_the_checks_failure(self):
        self.extension.side_effect = ImportError("No module named 'nova.x'")
        result, details = self.check("Nova's compute API")
        self.assertEqual(FAILURE, result)
        self.assertEqual("ImportError: No module named 'nova.x'", details)


@ddt.ddt
class TestConfigurationChecks(StatusTestCase):

    def test_nothing_configured(self):
        for name in ('Database schema', 'api-paste.ini', 'compute_driver'):
            result, details = self.check(name)
            self.assertEqual(SUCCESS, result)
            self.assertIn(' here.', details)

    @ddt.data('libvirt.LibvirtDriver', 'ironic.IronicDriver')
    def test_other_driver(self, driver):
        self.write('nova.conf', '[DEFAULT]\ncompute_driver = %s\n' % driver)
        result, details = self.check('compute_driver')
        self.assertEqual(WARNING, result)
        self.assertIn(driver, details)

    def test_our_driver(self):
        self.write('nova.conf', '[DEFAULT]\n'
                   'compute_driver = migprogress.LibvirtDriver\n')
        self.assertEqual(SUCCESS, self.check('compute_driver')[0])

    @ddt.data(
        ('', 'every 2 seconds: the default of'),
        ('[libvirt]\nlive_migration_monitor_interval = 300\n',
         'every 300 seconds: as set by [libvirt] '
         'live_migration_monitor_interval.'),
        ('[migration_progress]\ninterval = 5\n', 'every 5 seconds: as set'))
    @ddt.unpack
    def test_interval(self, text, expected):
        self.write('nova.conf', text)
        result, details = self.check('Interval between saves')
        self.assertEqual(SUCCESS, result)
        self.assertIn(expected, details)

    def test_interval_out_of_bounds(self):
        self.write('nova.conf', '[migration_progress]\ninterval = 0\n')
        result, details = self.check('Interval between saves')
        self.assertEqual(FAILURE, result)
        self.assertIn('nova-compute does not start: ', details)
        self.assertIn('0: Should be greater than or equal to 1', details)

    def test_stock_paste(self):
        path = self.write('api-paste.ini', STOCK_PASTE)
        result, details = self.check('api-paste.ini')
        self.assertEqual(WARNING, result)
        self.assertIn(str(path), details)
        self.assertIn('APIRouterV21.factory', details)
        self.assertIn(status.APP_FACTORY, details)

    @ddt.data('api-paste.ini', 'other.ini')
    def test_our_paste(self, name):
        self.write('nova.conf', '[wsgi]\napi_paste_config = %s\n' % name)
        path = self.write(name, STOCK_PASTE.replace(
            'nova.api.openstack.compute:APIRouterV21.factory',
            'nova_migprogress.api.deploy:app_factory'))
        result, details = self.check('api-paste.ini')
        self.assertEqual((SUCCESS, '%s serves the progress.' % path),
                         (result, details))

    @ddt.data('', '[app:osapi_compute_app_v21]\n', 'no section\n')
    def test_broken_paste(self, content):
        path = self.write('api-paste.ini', content)
        result, details = self.check('api-paste.ini')
        self.assertEqual(FAILURE, result)
        self.assertIn(str(path), details)

    def test_factory_exists(self):
        import importlib
        module, _, name = status.APP_FACTORY.partition(':')
        self.assertTrue(callable(
            getattr(importlib.import_module(module), name)))


class TestDatabaseCheck(StatusTestCase):

    def configure(self, connection):
        self.write('nova.conf', '[database]\nconnection = %s\n' % connection)

    def test_no_nova_database(self):
        path = self.write('nova.sqlite', '')
        self.configure('sqlite:///%s' % path)
        result, details = self.check('Database schema')
        self.assertEqual(FAILURE, result)
        self.assertIn('no table migrations', details)

    def test_unreachable_and_password_not_shown(self):
        self.configure('mysql+pymysql://nova:s3cr3t@127.0.0.1:9/nova')
        result, details = self.check('Database schema')
        self.assertEqual(FAILURE, result)
        self.assertIn('127.0.0.1', details)
        self.assertNotIn('s3cr3t', details)

    def test_to_do(self):
        path = self.write('nova.sqlite', '')
        self.configure('sqlite:///%s' % path)
        check = self.patch('nova_migprogress.db_migrations.check',
                           return_value=['002 polling index: add it'])
        result, details = self.check('Database schema')
        self.assertEqual(FAILURE, result)
        self.assertIn('002 polling index: add it', details)
        self.assertIn('Run: nova-migprogress-manage db upgrade', details)
        self.assertEqual('sqlite', check.call_args[0][0].dialect.name)

    def test_up_to_date(self):
        path = self.write('nova.sqlite', '')
        self.configure('sqlite:///%s' % path)
        self.patch('nova_migprogress.db_migrations.check', return_value=[])
        result, details = self.check('Database schema')
        self.assertEqual(SUCCESS, result)
        self.assertIn(str(path), details)

    def test_problem_while_checking(self):
        path = self.write('nova.sqlite', '')
        self.configure('sqlite:///%s' % path)
        self.patch('nova_migprogress.db_migrations.check',
                   side_effect=cell_database.DatabaseProblem('gone away'))
        self.assertEqual((FAILURE, 'gone away.'),
                         self.check('Database schema'))
