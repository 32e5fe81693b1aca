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

import os
import pathlib
import stat
from unittest import mock

import fixtures
import testtools

from nova_migprogress.report import output


class OutputTestCase(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.path = str(self.directory / 'report.html')

    def assert_refused(self, path, reason, source='recording'):
        exc = self.assertRaises(output.Unwritable, output.check, str(path),
                                source)
        self.assertEqual('cannot write %s: %s' % (path, reason), str(exc))

    def names(self):
        return sorted(os.listdir(self.directory))


class TestCheck(OutputTestCase):

    def test_leaves_nothing(self):
        output.check(self.path, 'recording')
        self.assertEqual([], self.names())

    def test_leaves_what_is_there(self):
        pathlib.Path(self.path).write_text('old')
        output.check(self.path, 'recording')
        self.assertEqual('old', pathlib.Path(self.path).read_text())
        self.assertEqual(['report.html'], self.names())

    def test_relative(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.directory)
        output.check('report.html', '-')
        output.write('report.html', 'x')
        self.assertEqual(['report.html'], self.names())

    def test_no_directory(self):
        self.assert_refused(self.directory / 'none' / 'x',
                            'No such file or directory')

    def test_a_directory(self):
        self.assert_refused(self.directory, 'it is a directory')

    def test_a_device(self):
        self.assert_refused('/dev/null', 'it is not a regular file')

    def test_the_recording(self):
        recording = self.directory / 'recording'
        recording.write_text('x')
        os.symlink(recording, self.path)
        self.assert_refused(self.path, 'it is the recording', str(recording))

    def test_null_character(self):
        self.assertRaises(output.Unwritable, output.check, 'a\0b', '-')

    def test_no_permission(self):
        if os.geteuid() == 0:
            self.skipTest('needs to run as another user than root')
        self.directory.chmod(0o500)
        self.addCleanup(self.directory.chmod, 0o700)
        self.assert_refused(self.path, 'Permission denied')


class TestWrite(OutputTestCase):

    def test_new(self):
        self.addCleanup(os.umask, os.umask(0o027))
        output.write(self.path, 'wéb')
        self.assertEqual('wéb'.encode(), pathlib.Path(self.path).read_bytes())
        self.assertEqual(0o640, stat.S_IMODE(os.stat(self.path).st_mode))
        self.assertEqual(['report.html'], self.names())

    def test_over_an_old_one(self):
        pathlib.Path(self.path).write_text('old')
        os.chmod(self.path, 0o604)
        output.write(self.path, 'new')
        self.assertEqual('new', pathlib.Path(self.path).read_text())
        self.assertEqual(0o604, stat.S_IMODE(os.stat(self.path).st_mode))

    def test_through_a_link(self):
        real = self.directory / 'real.html'
        real.write_text('old')
        os.symlink(real, self.path)
        output.write(self.path, 'new')
        self.assertTrue(os.path.islink(self.path))
        self.assertEqual('new', real.read_text())

    def test_failure_leaves_the_old_one(self):
        pathlib.Path(self.path).write_text('old')
        full = OSError(28, 'No space left on device')
        with mock.patch('os.fsync', side_effect=full):
            exc = self.assertRaises(output.Unwritable, output.write,
                                    self.path, 'new')
        self.assertIn('No space left on device', str(exc))
        self.assertEqual('old', pathlib.Path(self.path).read_text())
        self.assertEqual(['report.html'], self.names())
