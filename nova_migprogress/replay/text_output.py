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

"""The assessments of a recording as lines for people."""

from nova_migprogress.replay import summary
from nova_migprogress.text import printable
from nova_migprogress.text import severity
from nova_migprogress.text import units
from nova_migprogress.text import wording
from nova_migprogress import timestamps

_MIB = 1024 * 1024

#: Widths of the columns; together with the gaps they fit into 80.
_WIDTHS = (8, 4, 10, 14, 8, 7, 7, 7, 6)
_LEFT = (False, False, True, True, False, False, False, False, False)
_TITLES = (('TIME', '#', 'PHASE', 'VERDICT', 'REMAINS', 'SENT', 'DIRTY',
            'ETA', 'PAUSE'),
           ('', '', '', '', '', 'MiB/s', 'MiB/s', '', ''))

_CODES = {'bold': '1', 'red': '31', 'green': '32', 'magenta': '35'}


class TextWriter:
    """Writes a line when something changes, and a summary.

    Each migration gets a number when it is first seen. Times are those since
    the beginning of the recording.

    :param write: called with each line, without its end
    :param every: a line for each sample, not for each change only
    :param colour: with ANSI colours
    """

    def __init__(self, write, every=False, colour=False):
        self._write = write
        self._every = every
        self._colour = colour
        self._start = None
        self._summaries = {}

    def add(self, moment):
        """Take the next moments.Moment of any migration."""
        if self._start is None:
            self._begin(moment)
        uuid = moment.row.uuid
        known = self._summaries.get(uuid)
        if known is None:
            number = len(self._summaries) + 1
            known = self._summaries[uuid] = (number, summary.Summary(moment))
            self._write(printable.escape(
                '#%d is %s' % (number, _about(moment.row))))
        number, summed = known
        last = summed.last
        changed = (
            summed.samples == 0 or
            moment.assessment.verdict != last.assessment.verdict or
            moment.assessment.phase != last.assessment.phase or
            # The first numbers of a phase come late.
            last.assessment.throughput is None and
            moment.assessment.throughput is not None)
        if changed or self._every:
            self._line(number, moment)
        summed.add(moment)

    def close(self):
        """Write the summary of each migration."""
        for number, summed in self._summaries.values():
            sentences = summed.sentences()
            self._write('')
            self._write(printable.escape('#%d %s: %s' % (
                number, summed.last.row.uuid or 'without uuid',
                next(sentences))))
            for sentence in sentences:
                self._write('   ' + printable.escape(sentence))

    def _begin(self, moment):
        self._start = moment.time
        if timestamps.is_clock(moment.time):
            self._write('The recording begins at %s.'
                        % timestamps.format_utc(moment.time))
        for titles in _TITLES:
            self._write(_row(titles).rstrip())

    def _line(self, number, moment):
        found = moment.assessment
        pause = found.pause if found.pause_most is None else found.pause_most
        verdict = found.verdict
        line = _row((
            units.clock(moment.time - self._start), '#%d' % number,
            found.phase, verdict, units.size(moment.remaining),
            _mib(found.throughput), _mib(found.dirty_rate),
            wording.eta(found, '>'), units.seconds(pause)))
        if self._colour:
            codes = [_CODES[word] for word in severity.STYLES[verdict].split()
                     if word in _CODES]
            if codes:
                line = line.replace(verdict, '\x1b[%sm%s\x1b[0m' % (
                    ';'.join(codes), verdict), 1)
        self._write(line)


def _row(cells):
    return ' '.join(
        cell.ljust(width) if left else cell.rjust(width)
        for cell, width, left in zip(cells, _WIDTHS, _LEFT))


def _mib(rate):
    return units.UNKNOWN if rate is None else '%.1f' % (rate / _MIB)


def _about(row):
    """Name a migration as far as its first row tells."""
    words = [row.uuid or 'the migration without uuid']
    about = row.about
    name = about.get('name') or about.get('server')
    if name:
        words.append('of ' + name)
    if 'source' in about or 'destination' in about:
        words.append('%s -> %s' % (about.get('source', '?'),
                                   about.get('destination', '?')))
    return ', '.join(words)
