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

import datetime
import math

import ddt
from oslotest import base

from nova_migprogress import timestamps


@ddt.ddt
class SecondsTestCase(base.BaseTestCase):

    @ddt.data(0, 1.5, -3, 1795749600, timestamps.MAX_SECONDS)
    def test_number(self, value):
        self.assertEqual(value, timestamps.parse(value))

    @ddt.data(
        ('2026-11-23T03:05:28Z', 0),
        ('2026-11-23t03:05:28z', 0),
        ('2026-11-23T03:05:28', 0),
        ('2026-11-23 03:05:28', 0),
        ('2026-11-23T03:05:28.25', .25),
        ('2026-11-23T03:05:28,5+00:00', .5),
        ('2026-11-23T03:05:28.123456789012Z', .123456789),
        ('2026-11-23T04:05:28+01:00', 0),
        ('2026-11-22T21:35:28-0530', 0),
        ('2026-11-23T05:05:28+02', 0),
        ('20261123T030528Z', 0),
        ('2026-11-23T03:05Z', -28),
        (' 2026-11-23T03:05:28Z ', 0))
    @ddt.unpack
    def test_iso_8601(self, value, more):
        expected = datetime.datetime(
            2026, 11, 23, 3, 5, 28,
            tzinfo=datetime.timezone.utc).timestamp() + more
        self.assertAlmostEqual(expected, timestamps.parse(value), 6)

    @ddt.data('', 'now', '12.5', '2026-11-23', '2026-11-23T03', None, True,
              [], {}, '2026-11-23T03:05:28 CET', '٢٠٢٦-11-23T03:05:28Z')
    def test_neither(self, value):
        exc = self.assertRaises(ValueError, timestamps.parse, value)
        self.assertIn('neither a number of seconds nor ISO 8601', str(exc))

    @ddt.data('2026-13-23T03:05:28Z', '2026-02-30T03:05:28Z',
              '2026-11-23T24:05:28Z', '0000-11-23T03:05:28Z')
    def test_no_such_moment(self, value):
        self.assertRaises(ValueError, timestamps.parse, value)

    @ddt.data(math.nan, math.inf, -math.inf, 1e300, 10 ** 30)
    def test_out_of_bounds(self, value):
        exc = self.assertRaises(ValueError, timestamps.parse, value)
        self.assertIn('253402300799', str(exc))


class ClockTestCase(base.BaseTestCase):

    def test_is_clock(self):
        self.assertFalse(timestamps.is_clock(86400.0))
        self.assertTrue(timestamps.is_clock(1795749600))

    def test_utc(self):
        self.assertEqual('2026-11-27T03:20:00Z',
                         timestamps.format_utc(1795749600.9))

    def test_utc_of_the_last_moment(self):
        self.assertEqual('9999-12-31T23:59:59Z',
                         timestamps.format_utc(timestamps.MAX_SECONDS))


@ddt.ddt
class APITimeTestCase(base.BaseTestCase):

    @ddt.data('2026-01-29T11:00:00', '2026-01-29T11:00:00Z',
              '2026-01-29T11:00:00.000000', '2026-01-29T11:00:00.000000000Z',
              '2026-01-29T12:30:00+01:30', '2026-01-29T12:30:00+0130')
    def test_parse(self, value):
        self.assertEqual(
            datetime.datetime(2026, 1, 29, 11, tzinfo=datetime.timezone.utc),
            timestamps.parse_api_time(value))

    def test_parse_fraction(self):
        self.assertEqual(250000, timestamps.parse_api_time(
            '2026-01-29T11:00:00.25').microsecond)

    @ddt.data('yesterday', '', 5, None, '2026-13-29T11:00:00', '2026-01-29',
              '2026-01-29 11:00:00', '2026-01-29T11:00:00+99:99',
              '\u0662026-01-29T11:00:00', [])
    def test_parse_nothing(self, value):
        self.assertIsNone(timestamps.parse_api_time(value))

    def test_format(self):
        zone = datetime.timezone(datetime.timedelta(hours=1))
        self.assertEqual(
            '2026-01-29T11:04:05Z', timestamps.format_utc_datetime(
                datetime.datetime(2026, 1, 29, 12, 4, 5, 999999, zone)))

    def test_format_in_its_own_zone(self):
        zone = datetime.timezone(datetime.timedelta(hours=1))
        moment = datetime.datetime(2026, 1, 29, 12, 4, 5, 250000, zone)
        self.assertEqual('2026-01-29T12:04:05+01:00',
                         timestamps.format_datetime(moment))
        self.assertEqual('2026-01-29T12:04:05.250000+01:00',
                         timestamps.format_datetime(moment, 'auto'))
