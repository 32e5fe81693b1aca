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

"""What ``watch`` prints where there is no terminal: a line per change."""

import collections.abc
import datetime
import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.osc import columns
from nova_migprogress.text import changes
from nova_migprogress.text import printable
from nova_migprogress.text import units


class ShownState(typing.NamedTuple):
    """A migration in one snapshot, as far as lines depend on it."""

    assessment: assessment.Assessment
    status: typing.Optional[str]
    percent: typing.Optional[float]


class ChangeDetector:
    """Tells what has changed since the snapshot before."""

    def __init__(self) -> None:
        self._seen: dict[str, ShownState] = {}

    def changed_rows(
            self, rows: collections.abc.Iterable[columns.MigrationRow]
    ) -> collections.abc.Iterator[columns.MigrationRow]:
        """Yield the rows that differ from the ones before.

        :param rows: one of every migration
        """
        seen: dict[str, ShownState] = {}
        for row in rows:
            key = row.record.key
            seen[key] = ShownState(row.assessment, row.record.status,
                                   row.record.percent)
            if changes.WATCHED.is_change(self._seen.get(key), seen[key]):
                yield row
        self._seen = seen


def format_line(row: columns.MigrationRow, when: datetime.datetime) -> str:
    """Describe a migration in one line, without the line's end."""
    words = [
        units.timestamp(when),
        columns.SERVER.text(row),
        row.record.key,
        '%s -> %s' % (columns.SOURCE.text(row), columns.DESTINATION.text(row)),
        columns.TYPE.text(row),
        columns.STATUS.text(row),
    ]
    if not row.record.ended:
        words.append(row.assessment.phase)
    for name, column in (('', columns.PERCENT),
                         ('remaining ', columns.REMAINING),
                         ('throughput ', columns.THROUGHPUT),
                         ('dirty ', columns.DIRTY_RATE),
                         ('ETA ', columns.ETA)):
        shown = column.text(row)
        if shown != units.UNKNOWN:
            words.append(name + shown)
    words.append(row.assessment.verdict)
    return printable.escape('  '.join(words))
