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
from unittest import mock

import ddt
import testtools

from nova_migprogress.cmd import manage
from nova_migprogress.virt import shim_installer


@ddt.ddt
class TestDriverCommand(testtools.TestCase):

    def run_command(self, *arguments):
        """Return the exit code, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = manage.main(['driver', *arguments])
            except SystemExit as exc:
                code = exc.code
        return code, out.getvalue(), err.getvalue()

    @ddt.data('install', 'uninstall')
    def test_says_what_was_done(self, action):
        with mock.patch.object(shim_installer, action, return_value='Done.'):
            self.assertEqual((0, 'Done.\n', ''), self.run_command(action))

    @ddt.data('install', 'uninstall')
    def test_error(self, action):
        with mock.patch.object(
                shim_installer, action,
                side_effect=shim_installer.ShimError('No Nova')):
            self.assertEqual((1, '', 'No Nova.\n'), self.run_command(action))

    def test_bad_action(self):
        code, out, err = self.run_command('remove')
        self.assertEqual(2, code)
        self.assertIn("'remove'", err)

    def test_no_action(self):
        code, out, err = self.run_command()
        self.assertEqual(2, code)
        self.assertIn('ACTION', err)
