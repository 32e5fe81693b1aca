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

from nova_migprogress.client import poll_interval


@ddt.ddt
class PollIntervalTestCase(base.BaseTestCase):

    @ddt.data((None, False, 2.0), (None, True, 5.0), (0.1, False, 2.0),
              (1, True, 5.0), (10, False, 10.0), (10, True, 10.0))
    @ddt.unpack
    def test_interval(self, wanted, stock, expected):
        tested = poll_interval.PollInterval(wanted)
        self.assertEqual(0.0, tested.wait)
        tested.note_success(0.0, stock)
        self.assertEqual(expected, tested.interval)
        self.assertEqual(expected, tested.wait)

    @ddt.data((0.5, 1.5), (1.0, 1.0), (3.0, 3.0), (30.0, 30.0),
              (500.0, 60.0))
    @ddt.unpack
    def test_slow_api(self, took, expected):
        tested = poll_interval.PollInterval()
        tested.note_success(took, False)
        self.assertEqual(expected, tested.wait)

    def test_failures(self):
        tested = poll_interval.PollInterval()
        waits = []
        for _failure in range(7):
            tested.note_failure()
            waits.append(tested.wait)
        self.assertEqual([4, 8, 16, 32, 60, 60, 60], waits)
        tested.note_success(0.0, False)
        self.assertEqual(2.0, tested.wait)
        # It begins anew.
        tested.note_failure()
        self.assertEqual(4.0, tested.wait)

    def test_failures_for_days(self):
        tested = poll_interval.PollInterval()
        for _failure in range(5000):
            tested.note_failure()
        self.assertEqual(60.0, tested.wait)

    @ddt.data((None, 4), (0, 4), (10, 10), (9999, 60))
    @ddt.unpack
    def test_retry_after(self, asked, expected):
        tested = poll_interval.PollInterval()
        tested.note_failure(asked)
        self.assertEqual(expected, tested.wait)

    def test_server_that_writes_less_often(self):
        tested = poll_interval.PollInterval()
        tested.note_success(0.0, False, 10.0)
        tested.note_success(0.0, False, 10.0)
        self.assertEqual(2.0, tested.wait)
        tested.note_success(0.0, False, 12.0)
        self.assertEqual(10.0, tested.wait)
        tested.note_success(0.0, False, 4.0)
        self.assertEqual(4.0, tested.wait)

    def test_slowest(self):
        tested = poll_interval.PollInterval()
        for _poll in range(3):
            tested.note_success(0.0, False, 3600.0)
        self.assertEqual(30.0, tested.wait)

    def test_doubted_again(self):
        tested = poll_interval.PollInterval()
        waits = []
        for poll in range(70):
            tested.note_success(0.0, False, 10.0 if poll < 33 else None)
            waits.append(tested.wait)
        # Three times seen, and forgotten after thirty polls.
        self.assertEqual(
            [2.0] * 2 + [10.0] * 27 + [2.0] * 3 + [10.0] * 27 + [2.0] * 11,
            waits)
