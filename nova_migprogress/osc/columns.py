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

"""What is shown of a migration: a title, a raw value and its text each."""

import typing

from cliff import columns as cliff_columns

from nova_migprogress import fields
from nova_migprogress.osc import nova_timeout
from nova_migprogress.text import printable
from nova_migprogress.text import units
from nova_migprogress.text import wording

#: Short words for Nova's migration types.
TYPES = {'live-migration': 'live', 'migration': 'cold'}


class MigrationRow(typing.NamedTuple):
    """One migration as it is shown."""

    #: A client.record.MigrationRecord.
    record: typing.Any
    #: Its convergence.assessment.Assessment.
    assessment: typing.Any
    #: Name of the server, None if unknown.
    name: typing.Optional[str]
    #: Seconds since it was created or, once it has ended, that it took; None
    #: if unknown.
    age: typing.Optional[float]
    #: It vanished before its end was seen.
    vanished: bool = False


class Column(typing.NamedTuple):
    """How one thing is shown."""

    title: str
    #: Takes a MigrationRow; returns bytes, seconds, percent, a string, a boolean or
    #: None for unknown.
    value: typing.Callable
    #: Takes a MigrationRow; returns what people read. Names are not yet safe.
    text: typing.Callable
    right: bool = False


class Cell(cliff_columns.FormattableColumn):
    """A value with its text, for cliff's formatters.

    Sorts by the value, unknown ones last.
    """

    def __init__(self, value, shown):
        super().__init__(value)
        self._shown = shown

    def __lt__(self, other):
        if self._value is None or other._value is None:
            return self._value is not None and other._value is None
        return self._value < other._value

    def human_readable(self):
        return self._shown


def make_row(tracked, names, later=0.0):
    """Make a MigrationRow.

    :param tracked: a client.tracking.Tracked
    :param names: a mapping of server uuids to names
    :param later: seconds that have passed since it was assessed
    """
    record, assessment = tracked.record, tracked.assessment
    if later > 0 and not record.ended:
        eta = assessment.eta
        assessment = assessment._replace(
            sample_age=assessment.sample_age + later,
            eta=None if eta is None else max(eta - later, 0.0))
    age = None
    if record.created_at is not None:
        # Both on the server's clock. An ended one is no longer getting older.
        age = assessment.time - record.created_at.timestamp()
        if not record.ended:
            age += assessment.sample_age
        age = max(age, 0.0)
    return MigrationRow(record, assessment, names.get(record.instance_uuid), age,
                        tracked.vanished)


def destination(record):
    """Return where a migration goes to, None if not known or not shown."""
    return record.dest_compute or record.dest_node


def source(record):
    """Return where a migration comes from, None if not shown."""
    return record.source_compute or record.source_node


def nova_timeout_left(row):
    """Return the seconds until Nova's own timeout, None if there is none."""
    timeout = nova_timeout.estimate(row.record)
    return timeout and timeout.left(row.age)


def _word(title, value):
    def shown(row):
        raw = value(row)
        return units.UNKNOWN if raw is None else str(raw)
    return Column(title, value, shown)


def _number(title, value, human):
    return Column(title, value, lambda row: human(value(row)), right=True)


def _field(name):
    return _number(name.replace('_', ' ').title(),
                   lambda row: getattr(row.record, name), units.size)


SERVER = Column('Server', lambda row: row.name,
                lambda row: row.name or row.record.instance_uuid or
                units.UNKNOWN)
PROJECT = _word('Project', lambda row: row.record.project_id)
SOURCE = _word('Source', lambda row: source(row.record))
DESTINATION = _word('Destination', lambda row: destination(row.record))
TYPE = Column('Type', lambda row: row.record.migration_type,
              lambda row: TYPES.get(row.record.migration_type,
                                    row.record.migration_type) or
              units.UNKNOWN)
STATUS = _word('Status', lambda row: row.record.status)
AGE = _number('Age', lambda row: row.age, units.seconds)
PERCENT = _number('Percent', lambda row: row.record.percent, units.percent)
REMAINING = _number('Remaining', lambda row: row.record.remaining, units.size)
THROUGHPUT = _number('Throughput', lambda row: row.assessment.throughput,
                     units.rate)
DIRTY_RATE = _number('Dirty Rate', lambda row: row.assessment.dirty_rate,
                     units.rate)
ETA = Column('ETA', lambda row: row.assessment.eta,
             lambda row: wording.eta(row.assessment), right=True)
VERDICT = _word('Verdict', lambda row: row.assessment.verdict)
SAMPLE_AGE = _number('Sample Age', lambda row: row.assessment.sample_age,
                     units.seconds)
PHASE = _word('Phase', lambda row: row.assessment.phase)
NOVA_TIMEOUT = _number('Nova Timeout', nova_timeout_left, units.seconds)

#: What a table shows, in this order.
TABLE = (SERVER, PROJECT, SOURCE, DESTINATION, TYPE, STATUS, AGE, PERCENT,
         REMAINING, THROUGHPUT, DIRTY_RATE, ETA, VERDICT, SAMPLE_AGE)

#: What else there is.
MORE = (
    PHASE,
    NOVA_TIMEOUT,
    Column('ETA At Least', lambda row: row.assessment.eta_at_least,
           lambda row: str(row.assessment.eta_at_least)),
    _number('Pause', lambda row: row.assessment.pause, units.seconds),
    _number('Pause Most', lambda row: row.assessment.pause_most,
            units.seconds),
) + tuple(_field(name) for name in fields.NAMES) + (
    _word('Created At', lambda row: row.record.created_at and
          units.timestamp(row.record.created_at)),
    _word('Updated At', lambda row: row.record.updated_at and
          units.timestamp(row.record.updated_at)),
    _word('Server ID', lambda row: row.record.instance_uuid),
    _word('Migration', lambda row: row.record.uuid),
    _word('Migration ID', lambda row: row.record.id),
)

ALL = TABLE + MORE

#: In which order a table gives up columns where the terminal is too narrow.
GIVEN_UP = (PROJECT, TYPE, DIRTY_RATE, SAMPLE_AGE, SOURCE, AGE, THROUGHPUT,
            DESTINATION, REMAINING)


def safe_text(column, row):
    """Return a column's text that any terminal can show."""
    return printable.escape(column.text(row))


def fitting(candidates, rows, width, framing=3):
    """Choose the columns that a terminal has room for.

    :param candidates: Columns
    :param rows: the Rows
    :param width: characters of the terminal
    :param framing: characters between two columns
    :returns: a list of Columns; those of GIVEN_UP are left out until the
        rest fits or none of them is left
    """
    widths = {
        column: max([len(column.title)] +
                    [len(safe_text(column, row)) for row in rows])
        for column in candidates}
    chosen = list(candidates)
    for column in GIVEN_UP:
        if sum(widths[c] + framing for c in chosen) + 1 <= width:
            break
        if column in chosen:
            chosen.remove(column)
    return chosen
