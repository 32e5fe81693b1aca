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

import ddt
import testtools

from nova_migprogress.text import units


@ddt.ddt
class UnitsTest(testtools.TestCase):

    @ddt.data(
        (None, '-'), (0, '0 B'), (1023, '1023 B'), (1023.6, '1.00 KiB'),
        (1024, '1.00 KiB'), (10 * 1024, '10.0 KiB'), (2 ** 20 - 1, '1.00 MiB'),
        (999 * 2 ** 20, '999 MiB'), (2 ** 63 - 1, '8.00 EiB'))
    @ddt.unpack
    def test_size(self, number, shown):
        self.assertEqual(shown, units.size(number))

    @ddt.data((None, '-'), (0.0, '0 B/s'), (33.0e6, '31.5 MiB/s'))
    @ddt.unpack
    def test_rate(self, number, shown):
        self.assertEqual(shown, units.rate(number))

    @ddt.data((None, '-'), (0.0, '0%'), (99.99, '99%'), (100.0, '100%'))
    @ddt.unpack
    def test_percent(self, number, shown):
        self.assertEqual(shown, units.percent(number))

    @ddt.data(
        (None, '-'), (0, '0s'), (0.04, '0s'), (9.94, '9.9s'), (9.96, '10s'),
        (59.6, '1m00s'), (185, '3m05s'), (3599.7, '1h00m'), (7800, '2h10m'),
        (86399, '23h59m'), (86400, '1d00h'), (8640000, '100d'),
        (-300, '-5m00s'))
    @ddt.unpack
    def test_seconds(self, number, shown):
        self.assertEqual(shown, units.seconds(number))

    def test_widest(self):
        # The screen's columns count on it.
        self.assertEqual(6, max(len(units.seconds(1.017 ** n))
                                for n in range(1000)))
        self.assertEqual(8, max(len(units.size(1.017 ** n))
                                for n in range(2500)))

    @ddt.data((0, '0:00'), (59.6, '1:00'), (3599, '59:59'),
              (3600, '1:00:00'), (90061, '25:01:01'), (-1, '-0:01'),
              (-0.2, '0:00'))
    @ddt.unpack
    def test_clock(self, number, expected):
        self.assertEqual(expected, units.clock(number))

    def test_moment(self):
        self.assertEqual('-', units.timestamp(None))
        self.assertEqual('2026-11-23T03:00:00+00:00', units.timestamp(
            datetime.datetime(2026, 11, 23, 3, 0, 0, 5,
                              tzinfo=datetime.timezone.utc)))
