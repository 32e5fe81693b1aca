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

import ddt
from oslotest import base

from nova_migprogress.client import server_clock


@ddt.ddt
class ServerClockTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.ours = 1000.0
        self.clock = server_clock.ServerClock(lambda: self.ours)

    def test_same(self):
        self.assertEqual(1000.0, self.clock.now())
        self.clock.set(1000.0, 0.0)
        self.assertEqual(1000.0, self.clock.now())

    def test_date(self):
        self.clock.set(4600.0, 9999.0)
        self.assertEqual(4600.5, self.clock.now())
        self.assertEqual(3610.5, self.clock.translate(10.0))
        # It is in whole seconds.
        self.clock.set(4601.0, 0.0)
        self.assertEqual(4600.5, self.clock.now())
        self.clock.set(500.0, 0.0)
        self.assertEqual(500.5, self.clock.now())

    @ddt.data((998.0, 998.5), (999.0, 1000.0), (999.5, 1000.0),
              (1000.0, 1000.0), (1000.5, 1000.0), (1001.0, 1001.5))
    @ddt.unpack
    def test_date_is_in_whole_seconds(self, date, expected):
        self.clock.set(date, 0.0)
        self.assertEqual(expected, self.clock.now())

    def test_without_date(self):
        self.clock.set(None, 1200.0)
        self.assertEqual(1200.0, self.clock.now())
        # The newest row is an old one.
        self.ours += 100
        self.clock.set(None, 1200.0)
        self.assertEqual(1300.0, self.clock.now())
        self.clock.set(None, 0.0)
        self.assertEqual(1300.0, self.clock.now())
