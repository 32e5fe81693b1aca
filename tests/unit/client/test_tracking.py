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

from oslotest import base

from nova_migprogress.client import migration_record
from nova_migprogress.client import tracking
from nova_migprogress.convergence import verdicts
from tests.unit.client import base as client_base


def _record(second, **values):
    return migration_record.MigrationRecord.from_api(client_base.entry(
        1, updated_at='2026-01-29T11:01:%02d' % second, **values))


class MigrationTrackerTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.first = _record(0)
        self.start = self.first.sampled_at
        self.tracker = tracking.MigrationTracker(self.first, self.start)

    def test_first(self):
        tracked = self.tracker.tracked
        self.assertIs(self.first, tracked.record)
        self.assertIsNone(tracked.previous_status)
        self.assertIsNone(tracked.previous_verdict)
        self.assertFalse(tracked.vanished)
        self.assertEqual(0.0, tracked.assessment.sample_age)

    def test_previous(self):
        self.tracker.update(_record(2, status='completed'), self.start + 2)
        self.assertEqual('running', self.tracker.tracked.previous_status)
        self.assertEqual(verdicts.UNKNOWN,
                         self.tracker.tracked.previous_verdict)
        self.assertTrue(self.tracker.tracked.ended)
        self.assertFalse(self.tracker.tracked.vanished)

    def test_seconds_between_two_writes(self):
        # What comes with every poll tells nothing.
        self.assertIsNone(self.tracker.update(
            _record(2, memory_processed=2100), self.start + 2))
        self.assertIsNone(self.tracker.update(
            _record(2, memory_processed=2100), self.start + 4))
        self.assertEqual(10.0, self.tracker.update(
            _record(12, memory_processed=2200), self.start + 12))
        # Nothing was seen between these two.
        self.assertIsNone(self.tracker.update(
            _record(14, memory_processed=2300), self.start + 14))

    def test_reassess(self):
        self.tracker.reassess(self.start + 7)
        self.assertEqual(7.0, self.tracker.tracked.assessment.sample_age)
        self.assertIs(self.first, self.tracker.tracked.record)

    def test_older_clock(self):
        # The record is never from the future.
        self.tracker.update(_record(9, memory_processed=2100), self.start + 2)
        self.assertEqual(0.0, self.tracker.tracked.assessment.sample_age)

    def test_ended(self):
        last = _record(2, status='completed')
        self.tracker.update(last, self.start + 2)
        told = self.tracker.tracked.assessment
        self.tracker.update(last, self.start + 4)
        self.assertEqual('completed', self.tracker.tracked.previous_status)
        self.tracker.reassess(self.start + 6)
        self.assertEqual(told, self.tracker.tracked.assessment)

    def test_vanished(self):
        self.tracker.mark_vanished()
        self.assertTrue(self.tracker.tracked.vanished)
        self.assertFalse(self.tracker.tracked.ended)
        self.assertEqual('running', self.tracker.tracked.previous_status)
