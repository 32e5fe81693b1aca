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

"""Pieces of HTML that are safe whatever text they hold."""

import collections.abc
import html

from nova_migprogress.text import printable


def escape(value: str) -> str:
    """Return a string as it can stand in HTML, in attributes too.

    Control characters become visible escapes of them.
    """
    return html.escape(printable.escape(value))


def shorten(value: str, most: int = 40) -> str:
    """Return a string as it can stand in HTML, its middle left out.

    :param most: characters
    """
    if len(value) <= most:
        return escape(value)
    return '<span title="%s">%s&hellip;%s</span>' % (
        escape(value), escape(value[:most - 10]), escape(value[-9:]))


def make_class(prefix: str, value: str) -> str:
    """Return a class for one of the words of phases or verdicts."""
    return '%s-%s' % (prefix, value.replace(' ', '-'))


def render_table(
        titles: collections.abc.Iterable[str],
        rows: collections.abc.Iterable[collections.abc.Iterable[str]],
        numeric: collections.abc.Container[int] = ()) -> str:
    """Return a table.

    :param titles: HTML of the head's cells
    :param rows: the HTML of the cells of each
    :param numeric: positions of the columns that hold numbers
    """
    def render_row(cells: collections.abc.Iterable[str], tag: str) -> str:
        return '<tr>%s</tr>' % ''.join(
            '<%s%s>%s</%s>' % (tag, ' class="number"' if position in numeric
                               else '', cell, tag)
            for position, cell in enumerate(cells))

    return ('<div class="scroll"><table><thead>%s</thead><tbody>\n%s\n'
            '</tbody></table></div>'
            % (render_row(titles, 'th'),
               '\n'.join(render_row(cells, 'td') for cells in rows)))
