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
from nova_migprogress.report import charts
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


def name(history):
    """Return what to call a migration."""
    row = history.summary.last.row
    return row.about.get('name') or row.uuid or 'migration'


def verdict(history):
    """Return the verdict that tells most: the one before a bad end."""
    summed = history.summary
    found = summed.last.assessment.verdict
    if found == verdicts.FAILED and summed.last_running is not None:
        before = summed.last_running.assessment.verdict
        if before in (verdicts.NOT_CONVERGING, verdicts.STALLED):
            return before
    return found


def badge(word):
    """Return a verdict in its colour."""
    return '<span class="badge %s">%s</span>' % (
        markup.css_class('verdict', word), markup.text(word))


def pause(assessment):
    """Say how long the server would stand still if forced to complete."""
    return ' to '.join(wording.describe_pauses(assessment)) or units.UNKNOWN


def render(history):
    """Return the section of a collector.History."""
    summed = history.summary
    words = list(dict.fromkeys(
        (verdict(history), summed.last.assessment.verdict)))
    sentences = [markup.text(each) for each in summed.sentences()]
    head = (
        '<h2>#%d %s %s</h2>\n<p class="about">%s</p>\n<p class="result">%s'
        '</p>\n<ul>%s</ul>' % (
            history.number, markup.text(name(history)),
            ' '.join(badge(word) for word in words), _about(summed),
            sentences[0],
            ''.join('<li>%s</li>' % each for each in sentences[1:])))
    return ('<section id="m%d">\n%s\n%s\n%s\n%s\n</section>' % (
        history.number, head, _plots(history), _numbers(summed),
        _changes(history)))


def _about(summed):
    row = summed.last.row
    words = ['migration <code>%s</code>' % markup.text(row.uuid) if row.uuid
             else 'migration without uuid']
    for key, label in _ABOUT:
        if key in row.about:
            words.append('%s %s' % (label, markup.text(row.about[key])))
    words.append('%d samples' % summed.samples)
    if timestamps.is_clock(summed.first.time):
        words.append(
    'first sample %s' %
    timestamps.format_utc(
        summed.first.time))
    return ' &middot; '.join(words)


def _plots(history):
    summed = history.summary
    points = history.series.points()
    if all(point.memory_remaining is None and point.disk_remaining is None
           for point in points):
        return '<p>No numbers of it were recorded.</p>'
    span = charts.Span(summed.first.time, summed.first.time + summed.duration)

    def curve(label, style, field, filled=False):
        return charts.Curve(label, style, [
            (point.time, getattr(point, field)) for point in points], filled)

    starts = [(number, time) for number, time in summed.passes.starts()
              if time <= span.end]
    parts = [
        charts.strip('verdict', span, _stretches(history, 'verdict'),
                     'verdict'),
        charts.strip('phase', span, _stretches(history, 'phase'), 'phase')]
    if starts:
        parts.append(charts.numbers('pass', span, starts))
    times = [time for _number, time in starts]
    remaining = [curve('memory', 'memory', 'memory_remaining', True)]
    if any(point.disk_remaining for point in points):
        remaining.append(curve('disk', 'disk', 'disk_remaining'))
    parts.append(charts.plot('Remaining', span, remaining, times))
    parts.append(charts.plot(
        'Rates', span, [curve('throughput', 'throughput', 'throughput'),
                        curve('dirty rate', 'dirty', 'dirty_rate')],
        times, per_second=True, last=True))
    return ('<figure class="plots" data-length="%.3f">%s<output></output>'
            '</figure>' % (span.length, '\n'.join(parts)))


def _stretches(history, field):
    """Return [(start, word)] without repetitions."""
    found = []
    for start in history.bands.starts:
        word = getattr(start.assessment, field)
        if not found or found[-1][1] != word:
            found.append((start.time, word))
    return found


def _numbers(summed):
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
    return '<h3>Last numbers</h3>' + markup.table(
        ('', 'Total', 'Sent', 'Remaining'), rows, (1, 2, 3))


def _changes(history):
    start = history.summary.first.time
    rows = []
    for moment in history.bands.starts:
        found = moment.assessment
        rows.append((
            units.seconds(moment.time - start),
            markup.short(moment.row.sample.status or units.UNKNOWN),
            markup.text(found.phase), badge(found.verdict),
            units.size(moment.remaining), units.rate(found.throughput),
            units.rate(found.dirty_rate),
            units.UNKNOWN if found.ratio is None else '%.2f' % found.ratio,
            wording.describe_eta(found, '&ge; ') if found.phase != phases.ENDED
            else units.UNKNOWN,
            pause(found)))
    title = 'Changes'
    if history.bands.left_out:
        title += ' (%d short ones left out)' % history.bands.left_out
    table = markup.table(_CHANGES, rows, (0, 4, 5, 6, 7, 8, 9))
    if len(rows) <= _FEW:
        return '<h3>%s</h3>%s' % (title, table)
    return '<details><summary>%d %s</summary>%s</details>' % (
        len(rows), title.lower(), table)
