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

import collections.abc
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
    values: list[tuple[float, typing.Optional[float]]]
    filled: bool = False


class Span:
    """The stretch of time that is shown.

    :param start: seconds
    :param end: seconds, of the last sample
    """

    def __init__(self, start: float, end: float) -> None:
        self.start = start
        self.length = max(end - start, 0.1) * (1 + _AFTER)

    @property
    def end(self) -> float:
        """Seconds, where the plots end."""
        return self.start + self.length

    def share(self, time: float) -> float:
        """Return where a time is, from 0.0 to 1.0."""
        return min(max((time - self.start) / self.length, 0.0), 1.0)


def render_strip(
        title: str, span: Span,
        stretches: collections.abc.Sequence[tuple[float, str]],
        prefix: str) -> str:
    """Return a row of coloured stretches.

    :param title: a word
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
                markup.make_class(prefix, word), left, width,
                markup.escape(word), lasted,
                units.seconds(start - span.start),
                markup.escape(word) if width >= _LABELLED_STRETCH else ''))
    return ('<div class="strip %ss"><span class="axis">%s</span>'
            '<div class="area">%s</div></div>' % (
                prefix, markup.escape(title), ''.join(parts)))


def render_numbers(
        title: str, span: Span,
        marks: collections.abc.Iterable[tuple[int, float]]) -> str:
    """Return a row of numbers at their times.

    :param title: a word
    :param marks: [(number, seconds)]
    """
    parts: list[str] = []
    last = -100.0
    for number, time in marks:
        left = 100 * span.share(time)
        if left - last >= _BETWEEN_NUMBERS + _DIGIT * len(str(number)):
            parts.append('<span%s style="left:%.2f%%">%d</span>' % (
                _mark_odd(len(parts)), left, number))
            last = left
    return ('<div class="strip numbers"><span class="axis">%s</span>'
            '<div class="area">%s</div></div>' % (markup.escape(title),
                                                  ''.join(parts)))


def render_plot(
        title: str, span: Span, curves: collections.abc.Iterable[Curve],
        starts: collections.abc.Sequence[float], per_second: bool = False,
        last: bool = False) -> str:
    """Return a plot of curves with its axes and its legend.

    :param title: what is shown
    :param curves: in bytes or bytes per second
    :param starts: the seconds at which passes began
    :param per_second: the values are rates
    :param last: show the times below
    """
    curves = [curve for curve in curves
              if any(value is not None for _time, value in curve.values)]
    highest = max([value for curve in curves for _time, value in curve.values
                   if value is not None] or [0.0])
    top, marks, unit = axis.byte_marks(highest)
    if per_second:
        unit += '/s'
    times = axis.time_marks(span.length)
    shapes = [_render_path('grid', [
        'M0 %dH%d' % (_scale_value(value, top), _WIDTH)
        for value, _label in marks] + [
        'M%d 0V%d' % (_scale_time(span.start + value, span), _HEIGHT)
        for value, _label in times])]
    if len(starts) <= _MOST_PASS_LINES:
        shapes.append(_render_path('pass', [
            'M%d 0V%d' % (_scale_time(time, span), _HEIGHT)
            for time in starts]))
    for curve in curves:
        shapes.extend(_render_curve(curve, span, top))
    return (
        '<div class="plot%s" data-top="%d" data-unit="%s">'
        '<div class="legend"><b>%s</b> %s</div>'
        '<div class="axis"><i>%s</i>%s</div>'
        '<div class="area"><svg viewBox="0 0 %d %d" role="img" '
        'aria-label="%s" preserveAspectRatio="none">%s</svg>%s</div></div>'
        % (' last' if last else '', top, 'B/s' if per_second else 'B',
           markup.escape(title),
           ' '.join(_render_legend(curve) for curve in curves), unit,
           ''.join('<span style="bottom:%.2f%%">%s</span>'
                   % (100 * value / top, label) for value, label in marks),
           _WIDTH, _HEIGHT, markup.escape(title), '\n'.join(shapes),
           _render_times(times, span) if last else ''))


def _scale_time(time: float, span: Span) -> int:
    return round(_WIDTH * span.share(time))


def _scale_value(value: float, top: float) -> int:
    return round(_HEIGHT * (1 - value / top))


def _render_path(style: str, paths: collections.abc.Sequence[str]) -> str:
    if not paths:
        return ''
    return '<path class="%s" d="%s"/>' % (style, ''.join(paths))


def _render_curve(curve: Curve, span: Span,
                  top: float) -> collections.abc.Iterator[str]:
    """Yield the lines of a curve, one for each stretch without a gap."""
    stretch: list[tuple[int, int]] = []
    for time, value in curve.values + [(span.end, None)]:
        if value is not None:
            stretch.append((_scale_time(time, span), _scale_value(value, top)))
            continue
        if stretch:
            if curve.filled:
                yield '<path class="%s fill" d="M%d %dL%sV%dZ"/>' % (
                    curve.style, stretch[0][0], _HEIGHT,
                    ' '.join('%d %d' % place for place in stretch), _HEIGHT)
            yield '<polyline class="%s" data-name="%s" points="%s"/>' % (
                curve.style, markup.escape(curve.name),
                ' '.join('%d,%d' % place for place in stretch))
        stretch = []


def _render_legend(curve: Curve) -> str:
    return ('<span class="key"><svg viewBox="0 0 28 8" aria-hidden="true">'
            '<path class="%s" d="M0 4H28"/></svg> %s</span>'
            % (curve.style, markup.escape(curve.name)))


def _render_times(marks: collections.abc.Iterable[tuple[float, str]],
                  span: Span) -> str:
    return '<div class="times">%s</div>' % ''.join(
        '<span%s style="left:%.2f%%">%s</span>' % (
            _mark_odd(position), 100 * value / span.length, label)
        for position, (value, label) in enumerate(marks))


def _mark_odd(position: int) -> str:
    """Mark every second one, which narrow screens leave out."""
    return ' class="odd"' if position % 2 else ''
