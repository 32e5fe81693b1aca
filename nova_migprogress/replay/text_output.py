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

import collections.abc
import typing

from nova_migprogress.recording import reader
from nova_migprogress.replay import moments
from nova_migprogress.replay import summary
from nova_migprogress.text import changes
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

    def __init__(self, write: collections.abc.Callable[[str], object],
                 every: bool = False, colour: bool = False) -> None:
        self._write = write
        self._every = every
        self._colour = colour
        self._start: typing.Optional[float] = None
        # By uuid: the number of a migration and its summary.
        self._summaries: dict[typing.Optional[str], tuple[
            int, summary.MigrationSummary]] = {}

    def add(self, moment: moments.Moment) -> None:
        """Take the next moment of any migration."""
        if self._start is None:
            self._start = moment.time
            self._write_heading(moment.time)
        uuid = moment.row.uuid
        known = self._summaries.get(uuid)
        if known is None:
            number = len(self._summaries) + 1
            known = self._summaries[uuid] = (
                number, summary.MigrationSummary(moment))
            self._write(printable.escape(
                '#%d is %s' % (number, _describe_migration(moment.row))))
        number, summed = known
        if self._every or changes.REPLAYED.is_change(
                summed.last if summed.samples else None, moment):
            self._write_moment(number, moment, moment.time - self._start)
        summed.add(moment)

    def close(self) -> None:
        """Write the summary of each migration."""
        for number, summed in self._summaries.values():
            sentences = summed.sentences()
            self._write('')
            self._write(printable.escape('#%d %s: %s' % (
                number, summed.last.row.uuid or 'without uuid',
                next(sentences))))
            for sentence in sentences:
                self._write('   ' + printable.escape(sentence))

    def _write_heading(self, start: float) -> None:
        if timestamps.is_clock(start):
            self._write('The recording begins at %s.'
                        % timestamps.format_utc(start))
        for titles in _TITLES:
            self._write(_align_cells(titles).rstrip())

    def _write_moment(self, number: int, moment: moments.Moment,
                      elapsed: float) -> None:
        found = moment.assessment
        pause = found.pause if found.pause_most is None else found.pause_most
        verdict = found.verdict
        line = _align_cells((
            units.clock(elapsed), '#%d' % number,
            found.phase, verdict, units.size(moment.remaining),
            _format_rate(found.throughput), _format_rate(found.dirty_rate),
            wording.describe_eta(found, '>'), units.seconds(pause)))
        if self._colour:
            codes = [_CODES[word] for word in severity.STYLES[verdict].split()
                     if word in _CODES]
            if codes:
                line = line.replace(verdict, '\x1b[%sm%s\x1b[0m' % (
                    ';'.join(codes), verdict), 1)
        self._write(line)


def _align_cells(cells: collections.abc.Iterable[str]) -> str:
    return ' '.join(
        cell.ljust(width) if left else cell.rjust(width)
        for cell, width, left in zip(cells, _WIDTHS, _LEFT))


def _format_rate(rate: typing.Optional[float]) -> str:
    return units.UNKNOWN if rate is None else '%.1f' % (rate / _MIB)


def _describe_migration(row: reader.RecordedSample) -> str:
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
