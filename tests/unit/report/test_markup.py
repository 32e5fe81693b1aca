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

from oslotest import base

from nova_migprogress.report import markup


class MarkupTestCase(base.BaseTestCase):

    def test_text(self):
        self.assertEqual(
            '&lt;b class=&quot;x&quot;&gt;&amp;&#x27;é\\x1b\\u202e\\ud800',
            markup.escape('<b class="x">&\'é\x1b\u202e\ud800'))

    def test_short(self):
        self.assertEqual('&lt;x', markup.shorten('<x'))
        self.assertEqual('x' * 40, markup.shorten('x' * 40))
        value = '<' * 30 + '&' * 20
        self.assertEqual(
            '<span title="%s">%s&hellip;%s</span>' % (
                '&lt;' * 30 + '&amp;' * 20, '&lt;' * 30, '&amp;' * 9),
            markup.shorten(value))

    def test_css_class(self):
        self.assertEqual('verdict-not-converging',
                         markup.make_class('verdict', 'not converging'))

    def test_table(self):
        self.assertEqual(
            '<div class="scroll"><table><thead><tr><th>A</th>'
            '<th class="number">B</th></tr></thead><tbody>\n'
            '<tr><td>x</td><td class="number">1</td></tr>\n'
            '</tbody></table></div>',
            markup.render_table(('A', 'B'), [('x', '1')], (1,)))
