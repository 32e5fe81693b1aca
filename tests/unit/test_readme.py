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

"""README.rst is also what the package index shows.

There it stands alone: what it refers to by a relative address is missing.
"""

import pathlib
import re
import textwrap

from oslotest import base

from tools import pictures

ROOT = pathlib.Path(__file__).parents[2]


class ReadmeTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.text = (ROOT / 'README.rst').read_text()

    def test_addresses_are_absolute(self):
        addresses = re.findall(
            r'(?:<([^<>`]+)>`_|\.\. (?:image|figure|include)::\s*(\S+)|'
            r'(?m:^\.\. _[^:]+:\s*(\S+)))', self.text)
        for address in [''.join(found) for found in addresses]:
            self.assertRegex(address, '^https://')

    def test_it_shows_a_watch_as_it_is_now(self):
        self.assertIn(textwrap.indent(
            pictures.draw_text(pictures.watch()), '    '), self.text,
            'the block is tools.pictures.draw_text(watch())')

    def test_the_test(self):
        self.text = '`a <doc/a.rst>`__'
        self.assertRaises(AssertionError, self.test_addresses_are_absolute)
        self.text = '\n.. image:: doc/a.svg\n'
        self.assertRaises(AssertionError, self.test_addresses_are_absolute)
        self.text = '`a <https://docs.openstack.org/>`__'
        self.test_addresses_are_absolute()
