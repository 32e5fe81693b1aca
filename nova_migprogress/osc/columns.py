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

import collections.abc
import datetime
import typing

from cliff import columns as cliff_columns

from nova_migprogress.client import migration_record
from nova_migprogress.client import tracking
from nova_migprogress.convergence import assessment
from nova_migprogress import fields
from nova_migprogress import migration_types
from nova_migprogress.osc import nova_timeout
from nova_migprogress.text import printable
from nova_migprogress.text import units
from nova_migprogress.text import wording

#: Short words for Nova's migration types.
SHORT_TYPES = {migration_types.LIVE_MIGRATION: 'live',
               migration_types.COLD_MIGRATION: 'cold'}

#: Bytes, seconds, percent, a string, a boolean or None for unknown.
Value = typing.Union[str, float, None]
#: What a Cell may hold: a Value, or what only ``progress show`` has.
CellValue = typing.Union[Value, dict[str, Value], list[dict[str, str]]]

if typing.TYPE_CHECKING:
    _FormattableColumn = cliff_columns.FormattableColumn[CellValue]
else:
    # In older releases of cliff it is not generic.
    _FormattableColumn = cliff_columns.FormattableColumn


class MigrationRow(typing.NamedTuple):
    """One migration as it is shown."""

    record: migration_record.MigrationRecord
    assessment: assessment.Assessment
    #: None if unknown.
    server_name: typing.Optional[str]
    #: Seconds since it was created or, once it has ended, that it took; None
    #: if unknown.
    age: typing.Optional[float]
    #: It vanished before its end was seen.
    vanished: bool = False


class Column(typing.NamedTuple):
    """How one thing is shown."""

    title: str
    value: collections.abc.Callable[[MigrationRow], Value]
    #: Returns what people read. Names are not yet safe, see safe_text.
    text: collections.abc.Callable[[MigrationRow], str]
    #: Whether it is aligned to the right.
    right: bool = False


class Cell(_FormattableColumn):
    """A value with its text, for cliff's formatters.

    Sorts by the value, unknown ones last.
    """

    def __init__(self, value: CellValue, text: str) -> None:
        super().__init__(value)
        self._text = text

    def __lt__(self, other: typing.Any) -> bool:
        if self._value is None or other._value is None:
            return self._value is not None and other._value is None
        return bool(self._value < other._value)

    def human_readable(self) -> str:
        return self._text


def make_row(tracked: tracking.Tracked,
             server_names: collections.abc.Mapping[
                 str, typing.Optional[str]],
             elapsed: float = 0.0) -> MigrationRow:
    """Make a MigrationRow.

    :param tracked: the migration
    :param server_names: by the servers' uuids
    :param elapsed: seconds that have passed since it was assessed
    """
    record, assessment = tracked.record, tracked.assessment
    if elapsed > 0 and not record.ended:
        eta = assessment.eta
        assessment = assessment._replace(
            sample_age=assessment.sample_age + elapsed,
            eta=None if eta is None else max(eta - elapsed, 0.0))
    age = None
    if record.created_at is not None:
        # Both on the server's clock. An ended one is no longer getting older.
        age = assessment.time - record.created_at.timestamp()
        if not record.ended:
            age += assessment.sample_age
        age = max(age, 0.0)
    name = None
    if record.instance_uuid is not None:
        name = server_names.get(record.instance_uuid)
    return MigrationRow(record, assessment, name, age, tracked.vanished)


def destination(
        record: migration_record.MigrationRecord) -> typing.Optional[str]:
    """Return where a migration goes to, None if not known or not shown."""
    return record.dest_compute or record.dest_node


def source(record: migration_record.MigrationRecord) -> typing.Optional[str]:
    """Return where a migration comes from, None if not shown."""
    return record.source_compute or record.source_node


def nova_timeout_left(row: MigrationRow) -> typing.Optional[float]:
    """Return the seconds until Nova's own timeout, None if there is none."""
    timeout = nova_timeout.estimate_timeout(row.record)
    return None if timeout is None else timeout.seconds_left(row.age)


def _word_column(
        title: str, value: collections.abc.Callable[[MigrationRow], Value]
) -> Column:
    """Make a column whose text is its value."""
    def format_value(row: MigrationRow) -> str:
        raw = value(row)
        return units.UNKNOWN if raw is None else str(raw)
    return Column(title, value, format_value)


def _number_column(
        title: str,
        value: collections.abc.Callable[
            [MigrationRow], typing.Optional[float]],
        format_number: collections.abc.Callable[
            [typing.Optional[float]], str]) -> Column:
    """Make a column of numbers, from a function of nova_migprogress.text."""
    return Column(
        title, value, lambda row: format_number(value(row)), right=True)


def _time_column(
        title: str,
        moment: collections.abc.Callable[
            [MigrationRow], typing.Optional[datetime.datetime]]) -> Column:
    """Make a column of moments, whose values are ISO 8601."""
    def value(row: MigrationRow) -> typing.Optional[str]:
        when = moment(row)
        return None if when is None else units.timestamp(when)
    return _word_column(title, value)


def _field_column(name: str) -> Column:
    """Make the column of one of the six progress fields."""
    def value(row: MigrationRow) -> typing.Optional[int]:
        number: typing.Optional[int] = getattr(row.record, name)
        return number
    return _number_column(name.replace('_', ' ').title(), value, units.size)


def _short_type(row: MigrationRow) -> str:
    migration_type = row.record.migration_type
    if not migration_type:
        return units.UNKNOWN
    return SHORT_TYPES.get(migration_type, migration_type)


SERVER = Column('Server', lambda row: row.server_name,
                lambda row: row.server_name or row.record.instance_uuid or
                units.UNKNOWN)
PROJECT = _word_column('Project', lambda row: row.record.project_id)
SOURCE = _word_column('Source', lambda row: source(row.record))
DESTINATION = _word_column('Destination', lambda row: destination(row.record))
TYPE = Column('Type', lambda row: row.record.migration_type, _short_type)
STATUS = _word_column('Status', lambda row: row.record.status)
AGE = _number_column('Age', lambda row: row.age, units.seconds)
PERCENT = _number_column(
    'Percent', lambda row: row.record.percent, units.percent)
REMAINING = _number_column(
    'Remaining', lambda row: row.record.remaining, units.size)
THROUGHPUT = _number_column(
    'Throughput', lambda row: row.assessment.throughput, units.rate)
DIRTY_RATE = _number_column(
    'Dirty Rate', lambda row: row.assessment.dirty_rate, units.rate)
ETA = Column('ETA', lambda row: row.assessment.eta,
             lambda row: wording.eta(row.assessment), right=True)
VERDICT = _word_column('Verdict', lambda row: row.assessment.verdict)
SAMPLE_AGE = _number_column(
    'Sample Age', lambda row: row.assessment.sample_age, units.seconds)
PHASE = _word_column('Phase', lambda row: row.assessment.phase)
NOVA_TIMEOUT = _number_column('Nova Timeout', nova_timeout_left, units.seconds)

#: What a table shows, in this order.
TABLE = (SERVER, PROJECT, SOURCE, DESTINATION, TYPE, STATUS, AGE, PERCENT,
         REMAINING, THROUGHPUT, DIRTY_RATE, ETA, VERDICT, SAMPLE_AGE)

#: What else there is.
MORE = (
    PHASE,
    NOVA_TIMEOUT,
    Column('ETA At Least', lambda row: row.assessment.eta_at_least,
           lambda row: str(row.assessment.eta_at_least)),
    _number_column('Pause', lambda row: row.assessment.pause, units.seconds),
    _number_column(
        'Pause Most', lambda row: row.assessment.pause_most, units.seconds),
) + tuple(_field_column(name) for name in fields.NAMES) + (
    _time_column('Created At', lambda row: row.record.created_at),
    _time_column('Updated At', lambda row: row.record.updated_at),
    _word_column('Server ID', lambda row: row.record.instance_uuid),
    _word_column('Migration', lambda row: row.record.uuid),
    _word_column('Migration ID', lambda row: row.record.id),
)

ALL = TABLE + MORE

#: In which order a table gives up columns where the terminal is too narrow.
GIVEN_UP = (PROJECT, TYPE, DIRTY_RATE, SAMPLE_AGE, SOURCE, AGE, THROUGHPUT,
            DESTINATION, REMAINING)


def safe_text(column: Column, row: MigrationRow) -> str:
    """Return a column's text that any terminal can show."""
    return printable.escape(column.text(row))


def choose_fitting(
        candidates: collections.abc.Sequence[Column],
        rows: collections.abc.Sequence[MigrationRow],
        width: int, framing: int = 3) -> list[Column]:
    """Choose the columns that a terminal has room for.

    :param candidates: the columns
    :param rows: all rows
    :param width: characters of the terminal
    :param framing: characters between two columns
    :returns: those of GIVEN_UP are left out until the rest fits or none of
        them is left
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
