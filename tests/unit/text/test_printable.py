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

import ddt
import testtools

from nova_migprogress.text import printable


@ddt.ddt
class PrintableTest(testtools.TestCase):

    @ddt.data('', 'web-1', 'Gr\u00fc\u00dfe \u65e5\u672c', 'a\\b [red]')
    def test_stays(self, name):
        self.assertEqual(name, printable.escape(name))

    @ddt.data(
        ('\x1b]0;title\x07', '\\x1b]0;title\\x07'), ('a\nb\tc', 'a\\nb\\tc'),
        ('\x9b31m', '\\x9b31m'), ('\u202egnp.exe', '\\u202egnp.exe'),
        ('a\u2028b', 'a\\u2028b'), ('\x00\x7f', '\\x00\\x7f'),
        ('\ud800', '\\ud800'))
    @ddt.unpack
    def test_escaped(self, name, shown):
        self.assertEqual(shown, printable.escape(name))
        self.assertTrue(shown.isprintable())

    def test_unknown(self):
        self.assertIsNone(printable.escape(None))

    def test_sentence(self):
        self.assertEqual('one \\x1b two', printable.sentence(
            ValueError('one\n \x1b\t two\n')))
        self.assertEqual('ValueError()', printable.sentence(ValueError()))
