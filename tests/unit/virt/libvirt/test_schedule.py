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

import random

import ddt
from oslotest import base

from nova_migprogress.virt.libvirt import schedule

POLL = 0.503


@ddt.ddt
class WriteScheduleTestCase(base.BaseTestCase):

    def run_for(self, seconds, interval, pass_ends=lambda now: False):
        """Poll like Nova's monitor; return the times of the writes."""
        plan = schedule.WriteSchedule()
        writes = []
        now = 1000.0
        while now < 1000 + seconds:
            if plan.is_due(now, interval, pass_ends(now)):
                plan.written(now, interval)
                writes.append(now)
            now += POLL
        return writes

    @staticmethod
    def gaps(writes):
        return [b - a for a, b in zip(writes, writes[1:])]

    def test_first_at_once(self):
        self.assertTrue(schedule.WriteSchedule().is_due(5, 60))

    @ddt.data(1, 2, 5, 60)
    def test_every_interval(self, interval):
        writes = self.run_for(600, interval)
        for gap in self.gaps(writes):
            self.assertGreaterEqual(gap, interval)
            self.assertLess(gap, interval + POLL)

    @ddt.data(1, 2, 5, 30)
    def test_pass_boundaries_keep_the_bounds(self, interval):
        chance = random.Random(7)
        writes = self.run_for(3000, interval,
                              lambda now: chance.random() < 0.3)
        gaps = self.gaps(writes)
        self.assertGreaterEqual(min(gaps), schedule.MINIMUM_GAP)
        self.assertLessEqual(max(gaps), 1.25 * interval + POLL)
        # On average; the last write may have been pulled forward.
        self.assertGreaterEqual(sum(gaps), (len(gaps) - 0.25) * interval)
        if interval > 1:
            self.assertLess(min(gaps), interval)

    def test_boundary_pulls_only_a_write_that_is_nearly_due(self):
        plan = schedule.WriteSchedule()
        plan.written(0, 4)
        self.assertFalse(plan.is_due(2.9, 4, True))
        self.assertFalse(plan.is_due(3.1, 4, False))
        self.assertTrue(plan.is_due(3.1, 4, True))
        plan.written(3.1, 4)
        self.assertFalse(plan.is_due(7.9, 4))
        self.assertTrue(plan.is_due(8, 4))

    def test_shorter_interval_counts_at_once(self):
        plan = schedule.WriteSchedule()
        plan.written(0, 60)
        self.assertFalse(plan.is_due(10, 60))
        self.assertTrue(plan.is_due(10, 2))
