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

"""The curves of one migration over time, as SVG within HTML.

Only the curves are SVG, stretched to the width there is; labels are text of
the page and keep their size on any screen and on paper.
"""

import typing

from nova_migprogress.report import axis
from nova_migprogress.report import markup
from nova_migprogress.text import units

_WIDTH = 10000
_HEIGHT = 1000
#: Space for the end of the migration, as a share of its duration.
_AFTER = 0.02
#: Shares of the width, in percent.
_LABELLED_STRETCH = 7.0
_BETWEEN_NUMBERS = 2.0
_DIGIT = 1.0
#: Passes beyond which their starts are not drawn into the curves.
_MOST_PASS_LINES = 60


class Curve(typing.NamedTuple):
    """One line of a plot."""

    name: str
    #: Its class in the style sheet.
    style: str
    #: [(seconds, value or None)].
    values: list
    filled: bool = False


class Span:
    """The stretch of time that is shown.

    :param start: seconds
    :param end: seconds, of the last sample
    """

    def __init__(self, start, end):
        self.start = start
        self.length = max(end - start, 0.1) * (1 + _AFTER)

    @property
    def end(self):
        """Seconds, where the plots end."""
        return self.start + self.length

    def share(self, time):
        """Return where a time is, from 0.0 to 1.0."""
        return min(max((time - self.start) / self.length, 0.0), 1.0)


def strip(title, span, stretches, prefix):
    """Return a row of coloured stretches.

    :param title: a word
    :param span: a Span
    :param stretches: [(start in seconds, word)]; each lasts until the next
    :param prefix: of the classes of their colours
    """
    ends = [start for start, _word in stretches[1:]] + [span.end]
    parts = []
    for (start, word), end in zip(stretches, ends):
        left = 100 * span.share(start)
        width = 100 * span.share(end) - left
        lasted = units.seconds(end - start)
        parts.append(
            '<span class="%s" style="left:%.2f%%;width:%.2f%%" '
            'title="%s for %s, from %s">%s</span>' % (
                markup.css_class(prefix, word), left, width,
                markup.text(word), lasted,
                units.seconds(start - span.start),
                markup.text(word) if width >= _LABELLED_STRETCH else ''))
    return ('<div class="strip %ss"><span class="axis">%s</span>'
            '<div class="area">%s</div></div>' % (
                prefix, markup.text(title), ''.join(parts)))


def numbers(title, span, marks):
    """Return a row of numbers at their times.

    :param title: a word
    :param span: a Span
    :param marks: [(number, seconds)]
    """
    parts = []
    last = -100.0
    for number, time in marks:
        left = 100 * span.share(time)
        if left - last >= _BETWEEN_NUMBERS + _DIGIT * len(str(number)):
            parts.append('<span%s style="left:%.2f%%">%d</span>' % (
                _odd(len(parts)), left, number))
            last = left
    return ('<div class="strip numbers"><span class="axis">%s</span>'
            '<div class="area">%s</div></div>' % (markup.text(title),
                                                  ''.join(parts)))


def plot(title, span, curves, starts, per_second=False, last=False):
    """Return a plot of curves with its axes and its legend.

    :param title: what is shown
    :param span: a Span
    :param curves: Curve objects, in bytes or bytes per second
    :param starts: the seconds at which passes began
    :param per_second: the values are rates
    :param last: show the times below
    """
    curves = [curve for curve in curves
              if any(value is not None for _time, value in curve.values)]
    highest = max([value for curve in curves for _time, value in curve.values
                   if value is not None] or [0])
    top, marks, unit = axis.byte_marks(highest)
    if per_second:
        unit += '/s'
    times = axis.time_marks(span.length)
    shapes = [_lines('grid', [
        'M0 %dH%d' % (_y(value, top), _WIDTH) for value, _label in marks] + [
        'M%d 0V%d' % (_x(span.start + value, span), _HEIGHT)
        for value, _label in times])]
    if len(starts) <= _MOST_PASS_LINES:
        shapes.append(_lines('pass', ['M%d 0V%d' % (_x(time, span), _HEIGHT)
                                      for time in starts]))
    for curve in curves:
        shapes.extend(_shapes(curve, span, top))
    return (
        '<div class="plot%s" data-top="%d" data-unit="%s">'
        '<div class="legend"><b>%s</b> %s</div>'
        '<div class="axis"><i>%s</i>%s</div>'
        '<div class="area"><svg viewBox="0 0 %d %d" role="img" '
        'aria-label="%s" preserveAspectRatio="none">%s</svg>%s</div></div>'
        % (' last' if last else '', top, 'B/s' if per_second else 'B',
           markup.text(title),
           ' '.join(_legend(curve) for curve in curves), unit,
           ''.join('<span style="bottom:%.2f%%">%s</span>'
                   % (100 * value / top, label) for value, label in marks),
           _WIDTH, _HEIGHT, markup.text(title), '\n'.join(shapes),
           _times(times, span) if last else ''))


def _x(time, span):
    return round(_WIDTH * span.share(time))


def _y(value, top):
    return round(_HEIGHT * (1 - value / top))


def _lines(style, paths):
    if not paths:
        return ''
    return '<path class="%s" d="%s"/>' % (style, ''.join(paths))


def _shapes(curve, span, top):
    """Yield the lines of a curve, one for each stretch without a gap."""
    stretch = []
    for time, value in curve.values + [(None, None)]:
        if value is not None:
            stretch.append((_x(time, span), _y(value, top)))
            continue
        if stretch:
            if curve.filled:
                yield '<path class="%s fill" d="M%d %dL%sV%dZ"/>' % (
                    curve.style, stretch[0][0], _HEIGHT,
                    ' '.join('%d %d' % place for place in stretch), _HEIGHT)
            yield '<polyline class="%s" data-name="%s" points="%s"/>' % (
                curve.style, markup.text(curve.name),
                ' '.join('%d,%d' % place for place in stretch))
        stretch = []


def _legend(curve):
    return ('<span class="key"><svg viewBox="0 0 28 8" aria-hidden="true">'
            '<path class="%s" d="M0 4H28"/></svg> %s</span>'
            % (curve.style, markup.text(curve.name)))


def _times(marks, span):
    return '<div class="times">%s</div>' % ''.join(
        '<span%s style="left:%.2f%%">%s</span>' % (
            _odd(position), 100 * value / span.length, label)
        for position, (value, label) in enumerate(marks))


def _odd(position):
    """Mark every second one, which narrow screens leave out."""
    return ' class="odd"' if position % 2 else ''
