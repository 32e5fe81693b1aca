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

from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts
from tests.unit.client import base

START = datetime.datetime(2026, 1, 29, 11, 1,
                          tzinfo=datetime.timezone.utc).timestamp()


def _at(seconds):
    return datetime.datetime.fromtimestamp(
        START + seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S')


@ddt.ddt
class FollowTestCase(base.ClientTestCase):

    def setUp(self):
        super().setUp()
        self.now = START
        self.follower = follow.Follower(self.cloud, clock=lambda: self.now)

    def poll(self, *entries, date=None, seconds=2):
        self.use_plugin(*entries)
        if date is not None:
            self.answer('/os-migrations', {'migrations': list(entries)},
                        headers={'Date': date})
        snapshot = self.follower.poll()
        self.now += seconds
        return snapshot

    def test_junk_in_numbers(self):
        for second in range(0, 20, 2):
            snapshot = self.poll(base.entry(
                1, updated_at=_at(second), memory_total='lots',
                memory_processed=-5, memory_remaining=[], disk_total='0',
                disk_processed=1.5, disk_remaining=True))
            self.assertIsNone(snapshot.error)
        self.assertEqual(verdicts.UNKNOWN,
                         snapshot.tracked[0].assessment.verdict)

    @ddt.data('', 'x', '{"migrations": [null]}', '{"migrations": {}}')
    def test_junk(self, text):
        self.poll(base.entry(1))
        self.answer('/os-migrations', text=text)
        snapshot = self.follower.poll()
        self.assertIsNotNone(snapshot.error)
        self.assertEqual(1, len(snapshot.tracked))
        self.assertEqual(2, snapshot.age)

    def test_without_times(self):
        for _poll in range(3):
            snapshot = self.poll(base.entry(1, created_at=None,
                                            updated_at=None))
        self.assertIsNone(snapshot.error)
        # As old as they are unchanged.
        self.assertEqual(4, snapshot.tracked[0].assessment.sample_age)

    def test_same_migration_twice(self):
        snapshot = self.poll(base.entry(1), base.entry(1))
        self.assertEqual(1, len(snapshot.tracked))

    def test_age_by_the_server_s_clock(self):
        # It is an hour ahead of ours.
        snapshot = self.poll(base.entry(1, updated_at='2026-01-29T12:00:50'),
                             date='Thu, 29 Jan 2026 12:00:58 GMT')
        self.assertEqual(8.5, snapshot.tracked[0].assessment.sample_age)
        self.assertEqual(START, snapshot.taken_at)
        # Whole seconds do not make it jump.
        snapshot = self.poll(base.entry(1, updated_at='2026-01-29T12:00:50'),
                             date='Thu, 29 Jan 2026 12:01:01 GMT')
        self.assertEqual(10.5, snapshot.tracked[0].assessment.sample_age)

    def test_clock_of_a_server_without_one(self):
        snapshot = self.poll(base.entry(1, updated_at='2026-01-29T12:00:50'))
        self.assertEqual(0, snapshot.tracked[0].assessment.sample_age)
        snapshot = self.poll(base.entry(1, updated_at='2026-01-29T12:00:50'))
        self.assertEqual(2, snapshot.tracked[0].assessment.sample_age)

    def test_stalls(self):
        for second in range(0, 20, 2):
            self.poll(base.entry(1, updated_at=_at(second),
                                 memory_processed=100 * (second + 1),
                                 memory_remaining=4000 - 100 * second))
        for _poll in range(10):
            snapshot = self.poll(base.entry(
                1, updated_at=_at(18), memory_processed=1900,
                memory_remaining=2200))
        tracked, = snapshot.tracked
        self.assertEqual(verdicts.STALLED, tracked.assessment.verdict)
        self.assertEqual(20, tracked.assessment.sample_age)

    def test_polls_as_often_as_the_server_writes(self):
        for second in range(0, 50, 2):
            written = second - second % 10
            self.poll(base.entry(1, updated_at=_at(written),
                                 memory_processed=1 + written))
        self.now -= 2
        self.assertEqual(10.0, self.follower.wait)

    def test_end_cannot_be_asked_for(self):
        self.poll(base.entry(1), base.entry(2))
        self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', response_list=[
            {'json': {'migrations': [base.entry(2, updated_at=_at(2))]}},
            {'status_code': 500}])
        snapshot = self.follower.poll()
        self.assertIn('500', str(snapshot.error))
        self.assertEqual(START + 2, snapshot.taken_at)
        self.assertEqual(['running', 'running'],
                         [t.record.status for t in snapshot.tracked])
        self.assertEqual(2, listing.call_count)
        self.now += 2
        self.answer('/os-migrations', response_list=[
            {'json': {'migrations': [base.entry(2, updated_at=_at(4))]}},
            {'json': {'migrations': [base.entry(1, status='error')]}}])
        snapshot = self.follower.poll()
        self.assertIsNone(snapshot.error)
        self.assertEqual(['running', 'error'],
                         [t.record.status for t in snapshot.tracked])

    def test_clock_goes_back(self):
        self.poll(base.entry(1))
        self.now -= 3600
        self.assertLessEqual(self.follower.wait, 2.0)
        snapshot = self.poll(base.entry(1, updated_at=_at(2)))
        self.assertIsNone(snapshot.error)
        self.assertEqual(0, snapshot.age)

    def test_snapshots_until_told_to_stop(self):
        self.use_plugin(base.entry(1))
        waits = []

        def sleep(seconds):
            waits.append(seconds)
            self.now += seconds
            return len(waits) > 3

        self.assertEqual([1, 1, 1], [
            len(snapshot.tracked)
            for snapshot in self.follower.snapshots(sleep)])
        self.assertEqual([0.0, 2.0, 2.0, 2.0], waits)

    def test_goes_on_after_its_end(self):
        self.follower = follow.Follower(self.cloud, {'statuses': None},
                                        clock=lambda: self.now)
        for status, verdict in (('finished', verdicts.COMPLETED),
                                ('reverting', verdicts.COMPLETED),
                                ('error', verdicts.FAILED)):
            snapshot = self.poll(base.entry(1, status=status,
                                            migration_type='resize'))
            self.assertEqual(verdict, snapshot.tracked[0].assessment.verdict)
