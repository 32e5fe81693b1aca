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

import io
import json
from unittest import mock

import ddt
from oslotest import base

from nova_migprogress import fields
from nova_migprogress.recording import reader
from nova_migprogress import statuses

GOOD = {'time': 1.0, 'uuid': 'a', 'status': 'running'}


class ReaderTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.problems = []

    def read(self, *rows, uuid=None):
        """Return the rows that are read; strings and bytes stand as given."""
        raw = b''.join(
            row if isinstance(row, bytes) else
            (row if isinstance(row, str) else json.dumps(row)).encode() + b'\n'
            for row in rows)
        self.reader = reader.Reader(io.BytesIO(raw), self.problems.append,
                                    uuid)
        return list(self.reader)

    def complaints(self):
        return [str(each) for each in self.problems]

    def assert_left_out(self, row, message):
        """A row is left out with a message, those around it are read."""
        found = self.read(GOOD, row, dict(GOOD, time=2.0))
        self.assertEqual([1, 3], [each.line for each in found])
        self.assertEqual(['line 2: left out: ' + message], self.complaints())


@ddt.ddt
class RowTestCase(ReaderTestCase):

    def test_everything(self):
        numbers = dict(zip(fields.NAMES, range(6)))
        row, = self.read(dict(GOOD, **numbers, more={'x': [1]}, id=7))
        self.assertEqual((1, 'a'), (row.line, row.uuid))
        self.assertEqual((1.0, 'running', 0, 1, 2, 3, 4, 5), row.sample)
        self.assertEqual({}, row.about)
        self.assertEqual([], self.problems)
        self.assertEqual(1, self.reader.count)

    def test_unknown_numbers(self):
        row, = self.read({'time': 1, 'uuid': 'a', 'status': None})
        self.assertEqual((1, None) + (None,) * 6, row.sample)
        self.assertEqual([], self.problems)

    def test_iso_8601(self):
        row, = self.read(dict(GOOD, time='1970-01-01T00:01:00Z'))
        self.assertEqual(60.0, row.sample.time)

    def test_for_people(self):
        rows = self.read(
            dict(GOOD, name='web', destination=None, source=7),
            dict(GOOD, name='renamed', destination='x' * 300),
            dict(GOOD, uuid='b'))
        self.assertEqual({'name': 'web'}, rows[0].about)
        self.assertEqual({'name': 'web', 'destination': 'x' * 255},
                         rows[1].about)
        self.assertEqual({}, rows[2].about)

    @ddt.data(
        ('{"time": 1, "uu', 'it is cut off'),
        ('{"time": 1,', 'it is cut off'),
        ('hello', 'not JSON: Expecting value at character 1'),
        ('{"time": 1} {}', 'not JSON: Extra data at character 13'),
        ('[]', 'a list is not a JSON object'),
        ('7', '7 is not a JSON object'),
        ('"' + 'x' * 70 + '"', '"' + 'x' * 59 + '... is not a JSON object'),
        ('[' * 100000, 'not JSON that can be read: nested too deeply'),
        ('{"time": ' + '9' * 50 + '}', 'it has a number of 50 digits'),
        (b'\xff\xfe{\n', 'not UTF-8 at byte 1'),
        ({'uuid': 'a'}, 'it has no time'),
        (dict(GOOD, time='noon'),
         'time is "noon": neither a number of seconds nor ISO 8601'),
        (dict(GOOD, time=[1]),
         'time is a list: neither a number of seconds nor ISO 8601'),
        (dict(GOOD, time='2026-11-23T25:00:00'),
         'time is "2026-11-23T25:00:00": hour must be in 0..23'),
        (dict(GOOD, uuid=7), 'uuid is 7, which is not a string'),
        (dict(GOOD, uuid=''),
         'uuid has 0 characters, which is not between 1 and 255'),
        (dict(GOOD, uuid='x' * 256),
         'uuid has 256 characters, which is not between 1 and 255'),
        (dict(GOOD, status=5), 'status is 5, which is not a string'),
        (dict(GOOD, status='x' * 256),
         'status has 256 characters, which is more than 255'),
        (dict(GOOD, memory_total=1.5),
         'memory_total is 1.5, which is neither an integer nor null'),
        (dict(GOOD, disk_total=2 ** 63),
         'disk_total is 9223372036854775808, which is not between 0 and '
         '9223372036854775807'),
    )
    @ddt.unpack
    def test_left_out(self, row, message):
        self.assert_left_out(row, message)

    @ddt.data('NaN', 'Infinity', '1e400')
    def test_time_is_no_number(self, time):
        self.assertEqual([], self.read('{"time": %s, "uuid": "a"}' % time))
        self.assertIn('not between -253402300799 and 253402300799 seconds',
                      self.complaints()[0])

    def test_cut_off_anywhere(self):
        whole = json.dumps(dict(GOOD, time=2.0, memory_total=None)).encode()
        for length in range(1, len(whole)):
            self.problems = []
            self.assertEqual(1, len(self.read(GOOD, whole[:length])))
            self.assertEqual(['line 2: left out: it is cut off'],
                             self.complaints())

    def test_whole_but_without_its_end(self):
        self.assertEqual(1, len(self.read(json.dumps(GOOD).encode())))
        self.assertEqual([], self.problems)

    def test_long_values_are_quoted_in_part(self):
        self.read(dict(GOOD, memory_total='x' * 9999))
        self.assertLess(len(self.complaints()[0]), 300)


@ddt.ddt
class StatusTestCase(ReaderTestCase):

    @ddt.data(*statuses.IN_PROGRESS_STATUSES)
    def test_of_nova(self, status):
        self.assertEqual(status,
                         self.read(dict(GOOD, status=status))[0].sample.status)
        self.assertEqual([], self.problems)

    def test_unknown_is_read_and_told_once(self):
        rows = self.read(GOOD, *[dict(GOOD, status='odd')] * 3)
        self.assertEqual(4, len(rows))
        self.assertEqual(
            ['line 2: status is "odd", which Nova does not have: taken as in '
             'progress'], self.complaints())


class UuidTestCase(ReaderTestCase):

    def test_none_at_all(self):
        rows = self.read(*[{'time': time} for time in range(3)])
        self.assertEqual([None] * 3, [row.uuid for row in rows])
        self.assertEqual(
            ['line 1: it has no uuid: all lines without one are taken as one '
             'migration'], self.complaints())

    def test_default(self):
        rows = self.read({'time': 1}, dict(GOOD, uuid=None), GOOD, uuid='b')
        self.assertEqual(['b', 'b', 'a'], [row.uuid for row in rows])
        self.assertEqual([], self.problems)

    def test_missing_among_others(self):
        self.assert_left_out({'time': 1.5}, 'it has no uuid')

    def test_too_many_migrations(self):
        with mock.patch.object(reader, 'MAX_MIGRATIONS', 2):
            rows = self.read(*[dict(GOOD, uuid=uuid) for uuid in 'abcab'])
        self.assertEqual('abab', ''.join(row.uuid for row in rows))
        self.assertEqual(
            ['line 3: left out: migration c is one more than 2'],
            self.complaints())


class OrderTestCase(ReaderTestCase):

    def test_back(self):
        rows = self.read(*[dict(GOOD, time=time) for time in (5, 4.5, 5, 6)])
        self.assertEqual([5, 5, 6], [row.sample.time for row in rows])
        self.assertEqual(
            ['line 2: left out: time goes back by 0.500 s from that of line '
             '1'], self.complaints())

    def test_each_migration_has_its_own(self):
        rows = self.read(dict(GOOD, time=5), dict(GOOD, time=4, uuid='b'))
        self.assertEqual(2, len(rows))
        self.assertEqual([], self.problems)

    def test_the_end_does_not_get_lost(self):
        rows = self.read(dict(GOOD, time=5),
                         dict(GOOD, time=4, status='completed'),
                         dict(GOOD, time=4, status='failed'))
        self.assertEqual([(5, 'running'), (5, 'completed')],
                         [row.sample[:2] for row in rows])
        self.assertEqual(2, len(self.problems))
        self.assertIn('taken as that', self.complaints()[0])
        self.assertIn('left out', self.complaints()[1])

    def test_seconds_and_iso_8601(self):
        self.assert_left_out(
            dict(GOOD, time='2026-11-23T03:05:28Z'),
            'time is in ISO 8601, but that of the migration was a number in '
            'line 1')


class RecordedTestCase(ReaderTestCase):

    def test_a_writers_line(self):
        row, = self.read(
            {'time': 1795749600.0, 'uuid': 'u', 'status': 'running',
             'memory_total': 3, 'memory_processed': 2, 'memory_remaining': 1,
             'disk_total': 0, 'disk_processed': 0, 'disk_remaining': 0,
             'server': 's', 'name': 'n', 'type': 'live-migration',
             'source': 'one', 'destination': 'two', 'project': 'p',
             'created_at': '2026-11-27T03:20:00+00:00'})
        self.assertEqual(
            {'server': 's', 'name': 'n', 'type': 'live-migration',
             'source': 'one', 'destination': 'two'}, row.about)
        self.assertEqual([], self.problems)
