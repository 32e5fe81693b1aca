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
import sys
from unittest import mock

import ddt
import testtools

from nova_migprogress.cmd import manage  # noqa: F401
from nova_migprogress.cmd import node
from nova_migprogress.cmd import status  # noqa: F401


@ddt.ddt
class TestCommands(testtools.TestCase):

    @ddt.data('manage', 'status')
    def test_runs(self, name):
        with mock.patch('nova_migprogress.cmd.%s.main' % name, autospec=True,
                        return_value=3) as main:
            self.assertEqual(3, getattr(node, name)())
        main.assert_called_once_with()

    @contextlib.contextmanager
    def unimportable(self, name, problems):
        """Let a command's module raise ImportError."""
        with mock.patch.dict(sys.modules, {
                'nova_migprogress.cmd.' + name: None}), \
                mock.patch('nova_migprogress.cmd.libraries.problems',
                           autospec=True, return_value=problems):
            package = sys.modules['nova_migprogress.cmd']
            module = package.__dict__.pop(name)
            try:
                yield
            finally:
                setattr(package, name, module)

    @ddt.data(('manage', 1), ('status', 255))
    @ddt.unpack
    def test_missing_library(self, name, code):
        err = io.StringIO()
        with self.unimportable(name, ['a is missing', 'b is old']), \
                contextlib.redirect_stderr(err):
            self.assertEqual(code, getattr(node, name)())
        self.assertEqual(
            'nova-migprogress-%s runs in the Python environment of Nova. '
            'In %s: a is missing; b is old.\n' % (name, sys.prefix),
            err.getvalue())

    @ddt.data('manage', 'status')
    def test_other_reason(self, name):
        with self.unimportable(name, []):
            self.assertRaises(ImportError, getattr(node, name))
