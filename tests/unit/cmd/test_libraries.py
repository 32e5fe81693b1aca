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

import importlib.metadata
from unittest import mock

import ddt
from packaging import requirements
import testtools

from nova_migprogress.cmd import libraries


@ddt.ddt
class TestProblems(testtools.TestCase):

    def problems(self, requires, versions):
        """Return the problems of a node.

        :param requires: what this distribution's metadata says
        :param versions: {distribution: version} of what is installed
        """
        def version(name):
            try:
                return versions[name]
            except KeyError:
                raise importlib.metadata.PackageNotFoundError(name)

        with mock.patch('importlib.metadata.requires', autospec=True,
                        return_value=requires) as read, \
                mock.patch('importlib.metadata.version', side_effect=version):
            found = libraries.problems()
        read.assert_called_once_with('nova-migprogress')
        return found

    def test_none(self):
        self.assertEqual([], libraries.problems())

    def test_reads_the_whole_extra(self):
        server = [
            each.name for each in map(
                requirements.Requirement,
                importlib.metadata.requires('nova-migprogress'))
            if each.marker.evaluate({'extra': 'server'})]
        self.assertIn('oslo.db', server)
        with mock.patch('importlib.metadata.version', side_effect=(
                importlib.metadata.PackageNotFoundError)):
            found = libraries.problems()
        self.assertEqual(server, [each.split()[0] for each in found])

    def test_missing(self):
        self.assertEqual(
            ['oslo.db is not installed, 8.4.0 or later is needed'],
            self.problems(['alembic>=1.4.2; extra == "server"',
                           'oslo.db>=8.4.0; extra == "server"'],
                          {'alembic': '1.4.2'}))

    @ddt.data('1.2.19', '1.2', '1', '0.9.10', '1.2.20b1')
    def test_too_old(self, version):
        self.assertEqual(
            ['SQLAlchemy %s is installed, 1.3.0 or later is needed' % version],
            self.problems(['SQLAlchemy>=1.3.0; extra == "server"'],
                          {'SQLAlchemy': version}))

    @ddt.data('1.3', '1.3.0', '1.3.0b1', '1.3.24', '1.10', '2.0.58',
              '1.3.1.dev12', '1.3.22+ds1')
    def test_new_enough(self, version):
        self.assertEqual([], self.problems(
            ['SQLAlchemy>=1.3.0; extra == "server"'],
            {'SQLAlchemy': version}))

    @ddt.data("alembic>=1.4.2; extra == 'server'",
              'alembic>=1.4.2 ; extra == "server"',
              "alembic (>=1.4.2) ; extra == 'server'")
    def test_forms_of_metadata(self, requirement):
        self.assertEqual(
            ['alembic is not installed, 1.4.2 or later is needed'],
            self.problems([requirement], {}))

    def test_other_extras_do_not_count(self):
        self.assertEqual([], self.problems(
            ['nova; extra == "nova"', 'rich>=10.0.0; extra == "cli"'], {}))

    def test_not_installed_itself(self):
        with mock.patch('importlib.metadata.requires', side_effect=(
                importlib.metadata.PackageNotFoundError('nova-migprogress'))):
            self.assertRaises(importlib.metadata.PackageNotFoundError,
                              libraries.problems)
