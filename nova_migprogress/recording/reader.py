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
ignored. The lines of several migrations may be mixed; those of
one are in the order of time.
"""

import json
import typing

from nova_migprogress.convergence import samples
from nova_migprogress.recording import lines
from nova_migprogress.recording import problems
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
    about: typing.Mapping


class _Unreadable(Exception):
    """A line is left out: (kind, message)."""


class _Seen:
    """The last row of a migration, and how its times are written."""

    __slots__ = ('row', 'dated')

    def __init__(self, row, dated):
        self.row = row
        self.dated = dated


class Reader:
    """Iterates over the rows of a recording, in bounded memory.

    What cannot be read is left out and told as a problem.

    :param stream: binary, as of open(path, 'rb')
    :param problem: called with a problems.Problem for each doubt, before the
        row that it is about is yielded
    :param uuid: of the migration whose lines have no uuid; None makes their
        absence a problem
    """

    def __init__(self, stream, problem, uuid=None):
        self._stream = stream
        self._problem = problem
        self._default_uuid = uuid
        self._decoder = json.JSONDecoder(parse_int=_integer)
        self._seen = {}
        self._odd_statuses = set()
        #: Number of the last line that was looked at.
        self.line = 0
        #: Rows that were yielded.
        self.rows = 0

    def __iter__(self):
        """Yield RecordedSample objects.

        :raises lines.Compressed: the stream is not text at all
        """
        for self.line, raw in lines.read(self._stream, self._problem):
            try:
                row = self._row(raw)
            except _Unreadable as exc:
                kind, message = exc.args
                self._tell(kind, 'left out: ' + message)
                continue
            self.rows += 1
            yield row

    def _tell(self, kind, message):
        self._problem(problems.Problem(kind, self.line, message))

    def _row(self, raw):
        found = self._parse(raw)
        uuid = self._uuid(found)
        if 'time' not in found:
            raise _Unreadable('time', 'it has no time')
        value = found['time']
        try:
            time = timestamps.parse(value)
        except (ValueError, OverflowError) as exc:
            raise _Unreadable('time', 'time is %s: %s' % (_quoted(value),
                                                          exc))
        try:
            sample = samples.from_mapping(found, time)
        except samples.InvalidSample as exc:
            raise _Unreadable('value', str(exc)[:MAX_STRING])
        if sample.status is not None:
            self._check_status(sample.status)
        seen = self._seen.get(uuid)
        about = _about(found, seen.row.about if seen else {})
        return self._in_order(RecordedSample(self.line, uuid, sample, about), seen,
                              isinstance(value, str))

    def _parse(self, raw):
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
                              % _quoted(found))
        return found

    def _uuid(self, found):
        uuid = found.get('uuid')
        if uuid is None:
            uuid = self._default_uuid
            if uuid is None and None not in self._seen:
                if self._seen:
                    raise _Unreadable('uuid', 'it has no uuid')
                self._tell('uuid', 'it has no uuid: all lines without one '
                           'are taken as one migration')
        elif not isinstance(uuid, str):
            raise _Unreadable('uuid', 'uuid is %s, which is not a string'
                              % _quoted(uuid))
        elif not 0 < len(uuid) <= MAX_STRING:
            raise _Unreadable(
                'uuid', 'uuid has %d characters, which is not between 1 and '
                '%d' % (len(uuid), MAX_STRING))
        if uuid not in self._seen and len(self._seen) >= MAX_MIGRATIONS:
            raise _Unreadable(
                'migrations', 'migration %s is one more than %d'
                % (uuid, MAX_MIGRATIONS))
        return uuid

    def _check_status(self, status):
        if (status in statuses.IN_PROGRESS_STATUSES or
                status in statuses.ENDED_STATUSES):
            return
        if len(status) > MAX_STRING:
            raise _Unreadable('value', 'status has %d characters, which is '
                              'more than %d' % (len(status), MAX_STRING))
        if status not in self._odd_statuses:
            if len(self._odd_statuses) < 100:
                self._odd_statuses.add(status)
            self._tell('status', 'status is %s, which Nova does not have: '
                       'taken as in progress' % _quoted(status))

    def _in_order(self, row, seen, dated):
        if seen is None:
            self._seen[row.uuid] = _Seen(row, dated)
            return row
        if dated != seen.dated:
            raise _Unreadable(
                'time', 'time is %s, but that of the migration was %s in line '
                '%d' % (_written(dated), _written(seen.dated), seen.row.line))
        last = seen.row.sample
        if row.sample.time < last.time:
            message = 'time goes back by %.3f s from that of line %d' % (
                last.time - row.sample.time, seen.row.line)
            if (row.sample.status not in statuses.ENDED_STATUSES or
                    last.status in statuses.ENDED_STATUSES):
                raise _Unreadable('order', message)
            # The end must not get lost because a clock was set.
            self._tell('order', message + ': taken as that')
            row = row._replace(sample=row.sample._replace(time=last.time))
        seen.row = row
        return row


def _about(found, known):
    """Return what is known of ABOUT, the same mapping if nothing is new."""
    if len(known) < len(ABOUT):
        for key in ABOUT:
            value = found.get(key)
            if key not in known and isinstance(value, str) and value:
                known = dict(known)
                known[key] = value[:MAX_STRING]
    return known


def _integer(text):
    if len(text) > MAX_DIGITS:
        raise ValueError('it has a number of %d digits' % len(text))
    return int(text)


def _written(dated):
    return 'in ISO 8601' if dated else 'a number'


def _quoted(value):
    """Return the beginning of a value as JSON."""
    if isinstance(value, (list, dict)):
        return 'a list' if isinstance(value, list) else 'an object'
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + '...'
