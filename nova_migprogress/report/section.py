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

"""The part of the page that shows one migration."""

from nova_migprogress.convergence import phases
from nova_migprogress.convergence import verdicts
from nova_migprogress.replay import summary
from nova_migprogress.report import charts
from nova_migprogress.report import history
from nova_migprogress.report import markup
from nova_migprogress.text import units
from nova_migprogress.text import wording
from nova_migprogress import timestamps

_ABOUT = (('server', 'server'), ('type', 'type'), ('source', 'from'),
          ('destination', 'to'))
_CHANGES = ('Time', 'Status', 'Phase', 'Verdict', 'Remaining', 'Sent',
            'Dirty rate', 'Ratio', 'ETA', 'Pause if forced')
#: Changes that are shown without a click.
_FEW = 12


def choose_name(shown: history.History) -> str:
    """Return what to call a migration."""
    row = shown.summary.last.row
    return row.about.get('name') or row.uuid or 'migration'


def telling_verdict(shown: history.History) -> str:
    """Return the verdict that tells most: the one before a bad end."""
    summed = shown.summary
    found = summed.last.assessment.verdict
    if found == verdicts.FAILED and summed.last_running is not None:
        before = summed.last_running.assessment.verdict
        if before in (verdicts.NOT_CONVERGING, verdicts.STALLED):
            return before
    return found


def render_badge(word: str) -> str:
    """Return a verdict in its colour."""
    return '<span class="badge %s">%s</span>' % (
        markup.make_class('verdict', word), markup.escape(word))


def render(shown: history.History) -> str:
    """Return the section of a migration."""
    summed = shown.summary
    words = list(dict.fromkeys(
        (telling_verdict(shown), summed.last.assessment.verdict)))
    sentences = [markup.escape(each) for each in summed.sentences()]
    head = (
        '<h2>#%d %s %s</h2>\n<p class="about">%s</p>\n<p class="result">%s'
        '</p>\n<ul>%s</ul>' % (
            shown.number, markup.escape(choose_name(shown)),
            ' '.join(render_badge(word) for word in words),
            _render_about(summed),
            sentences[0],
            ''.join('<li>%s</li>' % each for each in sentences[1:])))
    return ('<section id="m%d">\n%s\n%s\n%s\n%s\n</section>' % (
        shown.number, head, _render_plots(shown), _render_numbers(summed),
        _render_changes(shown)))


def _render_about(summed: summary.MigrationSummary) -> str:
    row = summed.last.row
    words = ['migration <code>%s</code>' % markup.escape(row.uuid)
             if row.uuid else 'migration without uuid']
    for key, label in _ABOUT:
        if key in row.about:
            words.append('%s %s' % (label, markup.escape(row.about[key])))
    words.append('%d samples' % summed.samples)
    if timestamps.is_clock(summed.first.time):
        words.append('first sample %s'
                     % timestamps.format_utc(summed.first.time))
    return ' &middot; '.join(words)


def _render_plots(shown: history.History) -> str:
    summed = shown.summary
    points = shown.series.points()
    if all(point.memory_remaining is None and point.disk_remaining is None
           for point in points):
        return '<p>No numbers of it were recorded.</p>'
    span = charts.Span(summed.first.time, summed.first.time + summed.duration)

    def make_curve(label: str, style: str, field: str,
                   filled: bool = False) -> charts.Curve:
        return charts.Curve(label, style, [
            (point.time, getattr(point, field)) for point in points], filled)

    starts = [(number, time) for number, time in summed.passes.starts()
              if time <= span.end]
    parts = [
        charts.render_strip(word, span, _find_stretches(shown, word), word)
        for word in ('verdict', 'phase')]
    if starts:
        parts.append(charts.render_numbers('pass', span, starts))
    times = [time for _number, time in starts]
    remaining = [make_curve('memory', 'memory', 'memory_remaining', True)]
    if any(point.disk_remaining for point in points):
        remaining.append(make_curve('disk', 'disk', 'disk_remaining'))
    parts.append(charts.render_plot('Remaining', span, remaining, times))
    parts.append(charts.render_plot(
        'Rates', span, [
            make_curve('throughput', 'throughput', 'throughput'),
            make_curve('dirty rate', 'dirty', 'dirty_rate')],
        times, per_second=True, last=True))
    return ('<figure class="plots" data-length="%.3f">%s<output></output>'
            '</figure>' % (span.length, '\n'.join(parts)))


def _find_stretches(shown: history.History,
                    field: str) -> list[tuple[float, str]]:
    """Return (start, word) of each, without repetitions."""
    found: list[tuple[float, str]] = []
    for start in shown.bands.starts:
        word = getattr(start.assessment, field)
        if not found or found[-1][1] != word:
            found.append((start.time, word))
    return found


def _render_numbers(summed: summary.MigrationSummary) -> str:
    sample = summed.numbers
    rows = []
    for label, total, processed, remaining in (
            ('Memory', sample.memory_total, sample.memory_processed,
             sample.memory_remaining),
            ('Disk', sample.disk_total, sample.disk_processed,
             sample.disk_remaining)):
        rows.append([label] + [
            units.UNKNOWN if number is None else
            '<span title="%d bytes">%s</span>' % (number, units.size(number))
            for number in (total, processed, remaining)])
    return '<h3>Last numbers</h3>' + markup.render_table(
        ('', 'Total', 'Sent', 'Remaining'), rows, (1, 2, 3))


def _render_changes(shown: history.History) -> str:
    start = shown.summary.first.time
    rows = []
    for moment in shown.bands.starts:
        found = moment.assessment
        rows.append((
            units.seconds(moment.time - start),
            markup.shorten(moment.status or units.UNKNOWN),
            markup.escape(found.phase), render_badge(found.verdict),
            units.size(moment.remaining), units.rate(found.throughput),
            units.rate(found.dirty_rate),
            units.UNKNOWN if found.ratio is None else '%.2f' % found.ratio,
            wording.describe_eta(found, '&ge; ') if found.phase != phases.ENDED
            else units.UNKNOWN,
            ' to '.join(wording.describe_pauses(found)) or units.UNKNOWN))
    title = 'Changes'
    if shown.bands.left_out:
        title += ' (%d short ones left out)' % shown.bands.left_out
    table = markup.render_table(_CHANGES, rows, (0, 4, 5, 6, 7, 8, 9))
    if len(rows) <= _FEW:
        return '<h3>%s</h3>%s' % (title, table)
    return '<details><summary>%d %s</summary>%s</details>' % (
        len(rows), title.lower(), table)
