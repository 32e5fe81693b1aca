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

"""Read a recording of migrations.

A recording has one JSON object a line. Its keys:

``time``
    seconds from any fixed moment, or ISO 8601; required
``uuid``
    of the migration; lines without it are taken as one migration
``status``
    of the migration, a string or null
``memory_total`` ... ``disk_remaining``
    the six fields of nova_migprogress.fields: bytes or null

The keys of :data:`ABOUT` may tell people which migration it is; all others are
ignored. The lines of several migrations may be mixed; those of one are in
the order of time.
"""

import collections.abc
import json
import typing

from nova_migprogress.convergence import samples
from nova_migprogress.recording import problems
from nova_migprogress.recording import raw_lines
from nova_migprogress import statuses
from nova_migprogress import timestamps

#: Different migrations in one recording: each costs memory while it is read.
MAX_MIGRATIONS = 10000
#: Keys that are passed on if they are strings, for people.
ABOUT = ('server', 'name', 'type', 'source', 'destination')
#: Characters of a uuid or status: what Nova's columns hold.
MAX_STRING = 255
#: Digits of a number. 2 ** 63 has 19.
MAX_DIGITS = 40


class RecordedSample(typing.NamedTuple):
    """One line that could be read."""

    #: Its number in the file, from 1.
    line: int
    #: Of the migration; None if the recording has none.
    uuid: typing.Optional[str]
    #: With time in seconds.
    sample: samples.Sample
    #: What is known so far of the keys of ABOUT.
    about: collections.abc.Mapping[str, str]


class _Unreadable(Exception):
    """A line is left out.

    :param kind: as of a problems.Problem
    :param message: why
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Reader:
    """Iterates over the rows of a recording, in bounded memory.

    What cannot be read is left out and told as a problem.

    :param stream: binary, as of open(path, 'rb')
    :param report: called with a problem for each doubt, before the row that it
        is about is yielded
    :param uuid: of the migration whose lines have no uuid; None makes their
        absence a problem
    """

    def __init__(
            self, stream: typing.IO[bytes],
            report: collections.abc.Callable[[problems.Problem], object],
            uuid: typing.Optional[str] = None) -> None:
        self._stream = stream
        self._report = report
        self._default_uuid = uuid
        self._decoder = json.JSONDecoder(parse_int=_parse_integer)
        # By uuid: the last row, and whether times are written in ISO 8601.
        self._last: dict[typing.Optional[str], RecordedSample] = {}
        self._dated: dict[typing.Optional[str], bool] = {}
        self._odd_statuses: set[str] = set()
        #: Number of the last line that was looked at.
        self.line = 0
        #: Rows that were yielded.
        self.rows = 0

    def __iter__(self) -> collections.abc.Iterator[RecordedSample]:
        """Yield the rows.

        :raises raw_lines.Compressed: the stream is not text at all
        """
        for self.line, raw in raw_lines.read_lines(self._stream,
                                                   self._report):
            try:
                row = self._read_row(raw)
            except _Unreadable as exc:
                self._report_line(exc.kind, 'left out: %s' % exc)
                continue
            self.rows += 1
            yield row

    def _report_line(self, kind: str, message: str) -> None:
        self._report(problems.Problem(kind, self.line, message))

    def _read_row(self, raw: bytes) -> RecordedSample:
        found = self._decode(raw)
        uuid = self._find_uuid(found)
        if 'time' not in found:
            raise _Unreadable('time', 'it has no time')
        value = found['time']
        try:
            time = timestamps.parse(value)
        except (ValueError, OverflowError) as exc:
            raise _Unreadable('time', 'time is %s: %s' % (_quote(value), exc))
        try:
            sample = samples.from_mapping(found, time)
        except samples.InvalidSample as exc:
            raise _Unreadable('value', str(exc)[:MAX_STRING])
        if sample.status is not None:
            self._check_status(sample.status)
        last = self._last.get(uuid)
        row = RecordedSample(self.line, uuid, sample, _find_about(
            found, last.about if last else {}))
        if last is None:
            self._dated[uuid] = isinstance(value, str)
        else:
            row = self._put_in_order(row, last, isinstance(value, str))
        self._last[uuid] = row
        return row

    def _decode(self, raw: bytes) -> dict[str, typing.Any]:
        try:
            text = raw.decode('utf-8').strip()
        except UnicodeDecodeError as exc:
            raise _Unreadable('encoding', 'not UTF-8 at byte %d'
                              % (exc.start + 1))
        try:
            found = self._decoder.decode(text)
        except RecursionError:
            raise _Unreadable('json', 'not JSON that can be read: nested too '
                                      'deeply')
        except json.JSONDecodeError as exc:
            if text.startswith('{') and (
                    not raw.endswith(b'\n') or exc.pos >= len(text) or
                    exc.msg.startswith('Unterminated')):
                raise _Unreadable('end', 'it is cut off')
            raise _Unreadable('json', 'not JSON: %s at character %d'
                              % (exc.msg, exc.pos + 1))
        except ValueError as exc:
            raise _Unreadable('json', str(exc))
        if not isinstance(found, dict):
            raise _Unreadable('object', '%s is not a JSON object'
                              % _quote(found))
        return found

    def _find_uuid(self, found: collections.abc.Mapping[str, typing.Any]
                   ) -> typing.Optional[str]:
        uuid = found.get('uuid')
        if uuid is None:
            uuid = self._default_uuid
            if uuid is None and None not in self._last:
                if self._last:
                    raise _Unreadable('uuid', 'it has no uuid')
                self._report_line(
                    'uuid', 'it has no uuid: all lines without one are taken '
                    'as one migration')
        elif not isinstance(uuid, str):
            raise _Unreadable('uuid', 'uuid is %s, which is not a string'
                              % _quote(uuid))
        elif not 0 < len(uuid) <= MAX_STRING:
            raise _Unreadable(
                'uuid', 'uuid has %d characters, which is not between 1 and '
                '%d' % (len(uuid), MAX_STRING))
        if uuid not in self._last and len(self._last) >= MAX_MIGRATIONS:
            raise _Unreadable(
                'migrations', 'migration %s is one more than %d'
                % (uuid, MAX_MIGRATIONS))
        return uuid

    def _check_status(self, status: str) -> None:
        if (status in statuses.IN_PROGRESS_STATUSES or
                status in statuses.ENDED_STATUSES):
            return
        if len(status) > MAX_STRING:
            raise _Unreadable('value', 'status has %d characters, which is '
                              'more than %d' % (len(status), MAX_STRING))
        if status not in self._odd_statuses:
            if len(self._odd_statuses) < 100:
                self._odd_statuses.add(status)
            self._report_line(
                'status', 'status is %s, which Nova does not have: taken as '
                'in progress' % _quote(status))

    def _put_in_order(self, row: RecordedSample, last: RecordedSample,
                      dated: bool) -> RecordedSample:
        """Return a row with a time that is not before that of the last one.

        :param dated: its time is written in ISO 8601
        :raises _Unreadable: it is not, or is written otherwise
        """
        before = self._dated[row.uuid]
        if dated != before:
            raise _Unreadable(
                'time', 'time is %s, but that of the migration was %s in line '
                '%d' % (_describe_form(dated), _describe_form(before),
                        last.line))
        sample = row.sample
        if sample.time >= last.sample.time:
            return row
        message = 'time goes back by %.3f s from that of line %d' % (
            last.sample.time - sample.time, last.line)
        if (sample.status not in statuses.ENDED_STATUSES or
                last.sample.status in statuses.ENDED_STATUSES):
            raise _Unreadable('order', message)
        # The end must not get lost because a clock was set.
        self._report_line('order', message + ': taken as that')
        return row._replace(sample=sample._replace(time=last.sample.time))


def _find_about(found: collections.abc.Mapping[str, typing.Any],
                known: collections.abc.Mapping[str, str]
                ) -> collections.abc.Mapping[str, str]:
    """Return what is known of ABOUT, the same mapping if nothing is new."""
    if len(known) < len(ABOUT):
        for key in ABOUT:
            value = found.get(key)
            if key not in known and isinstance(value, str) and value:
                known = {**known, key: value[:MAX_STRING]}
    return known


def _parse_integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError('it has a number of %d digits' % len(text))
    return int(text)


def _describe_form(dated: bool) -> str:
    return 'in ISO 8601' if dated else 'a number'


def _quote(value: object) -> str:
    """Return the beginning of a value as JSON."""
    if isinstance(value, (list, dict)):
        return 'a list' if isinstance(value, list) else 'an object'
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + '...'
