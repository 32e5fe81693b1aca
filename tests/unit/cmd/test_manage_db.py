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
import os

import ddt
import fixtures
from oslotest import base

from nova_migprogress.cmd import cell_database
from nova_migprogress.cmd import manage
from nova_migprogress import db_migrations

SECRET = 's3cr3t'


@ddt.ddt
class TestManageDb(base.BaseTestCase):
    """What the command does before it has a database."""

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        for name in list(os.environ):
            if name.startswith('OS_'):
                self.useFixture(fixtures.EnvironmentVariable(name))

    def _conf(self, text):
        path = os.path.join(self.directory, 'nova.conf')
        with open(path, 'w') as conf:
            conf.write(text)
        return path

    def _manage(self, *arguments):
        """Return exit code, output and errors; the code of argparse too."""
        output, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), \
                contextlib.redirect_stderr(error):
            try:
                code = manage.main(arguments)
            except SystemExit as exc:
                code = exc.code
        self.assertNotIn(SECRET, output.getvalue() + error.getvalue())
        return code, output.getvalue(), error.getvalue()

    def _assert_error(self, message, *arguments):
        code, _, error = self._manage(*arguments)
        self.assertEqual(2, code)
        self.assertIn(message, error)

    @ddt.data((), ('db',), ('db', 'forget'), ('other',))
    def test_no_such_command(self, arguments):
        self._assert_error('usage: nova-migprogress-manage', *arguments)

    @ddt.data(('upgrade', '0', 1, 2), ('upgrade', '3', 1, 2),
              ('upgrade', '-1', 1, 2), ('upgrade', 'x', 1, 2),
              ('downgrade', '2', 0, 1), ('downgrade', '1.5', 0, 1))
    @ddt.unpack
    def test_number_out_of_bounds(self, action, number, lowest, highest):
        self.assertEqual(2, db_migrations.LATEST)
        self._assert_error(
            "argument --to: '%s' is not a number from %d to %d"
            % (number, lowest, highest), 'db', action, '--to=' + number)

    def test_no_such_file(self):
        self._assert_error('/no/nova.conf', 'db', 'check', '--config-file',
                           '/no/nova.conf')

    def test_file_that_is_no_configuration(self):
        self._assert_error('cannot read the configuration: ', 'db', 'check',
                           '--config-file', self._conf('hello\n'))

    def test_no_connection(self):
        path = self._conf('[database]\n')
        self._assert_error(
            'no [database] connection is configured in %s' % path,
            'db', 'check', '--config-file', path)

    @ddt.data('mysql//u:%s@h/d', 'mysql://u:%s@h:port/d', '%s')
    def test_no_url(self, url):
        path = self._conf('[database]\nconnection = %s\n' % (url % SECRET))
        self._assert_error('[database] connection is not a database URL',
                           'db', 'check', '--config-file', path)

    @ddt.data('oracle9+x://u:%s@h/d', 'mysql+nodriver://u:%s@h/d')
    def test_no_driver(self, url):
        path = self._conf('[database]\nconnection = %s\n' % (url % SECRET))
        self._assert_error('error: no driver for ',
                           'db', 'check', '--config-file', path)

    def test_unreachable(self):
        # Port 1 of this machine: nothing listens there.
        path = self._conf('[database]\nconnection = mysql+pymysql://'
                          'u:%s@127.0.0.1:1/d\n' % SECRET)
        self._assert_error('error: cannot use the database: ',
                           'db', 'upgrade', '--config-file', path)

    def test_options_before_the_group(self):
        path = self._conf('[database]\nconnection = sqlite:////no/file\n')
        for arguments in (('--config-file', path, 'db', 'check'),
                          ('db', 'check', '--config-file', path),
                          ('--config-dir', self.directory, 'db', 'check')):
            self._assert_error('there is no file /no/file', *arguments)

    def test_connection_from_the_environment(self):
        self.useFixture(fixtures.EnvironmentVariable(
            'OS_DATABASE__CONNECTION', 'sqlite:////no/other'))
        self._assert_error('there is no file /no/other', 'db', 'check')

    def test_interrupted(self):
        path = self._conf('[database]\nconnection = sqlite://\n')
        self.useFixture(fixtures.MockPatchObject(
            db_migrations, 'plan_upgrade', side_effect=KeyboardInterrupt))
        code, _, error = self._manage('db', 'check', '--config-file', path)
        self.assertEqual((130, 'interrupted\n'), (code, error))

    @ddt.data('', ':3306', '/d', '/d?charset=utf8')
    def test_password_in_a_message(self, rest):
        path = self._conf('[database]\nconnection = mysql+pymysql://u:%s@h/d\n'
                          % SECRET)

        def fail():
            with cell_database.connect([path], []):
                raise db_migrations.step.SchemaError(
                    'no x://u:%s@h%s (nova@h)' % (SECRET, rest))

        error = self.assertRaises(cell_database.DatabaseProblem, fail)
        self.assertEqual('no x://u:***@h%s (nova@h)' % rest, str(error))
