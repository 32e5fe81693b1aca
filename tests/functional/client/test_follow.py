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

from nova import context
from nova.db.main import api as db
from oslo_utils.fixture import uuidsentinel as uuids

from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts
from tests.functional.api import base as api_base
from tests.functional.client import base

GIB = api_base.GIB

#: A copy at 128 MiB/s that nothing is written to.
RATE = GIB // 8


class Clock:

    def __init__(self):
        self.now = api_base.START.replace(
            tzinfo=datetime.timezone.utc).timestamp() + 600

    def __call__(self):
        return self.now


class FollowTestCase(base.ClientTestCase):

    PLUGIN = True

    def setUp(self):
        super().setUp()
        self.flags(response_validation='warn', group='api')
        self.api = self.use_api(plugin=self.PLUGIN)
        self.clock = Clock()
        self.rows = {}

    def start(self, minute, **values):
        row = self.add_migration(minute, **values)
        self.rows[minute] = row.id

    def write(self, minute, **values):
        """Change a row, as of now."""
        values.setdefault('updated_at', datetime.datetime.fromtimestamp(
            int(self.clock.now), datetime.timezone.utc).replace(tzinfo=None))
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings['cell1']) as cctxt:
            db.migration_update(cctxt, self.rows[minute], values)

    def copied(self, seconds):
        done = min(int(seconds * RATE), 8 * GIB)
        return dict(memory_total=8 * GIB, memory_processed=done,
                    memory_remaining=8 * GIB - done, disk_total=0,
                    disk_processed=0, disk_remaining=0)

    def use_follower(self, **kwargs):
        self.cloud = self.use_cloud()
        return follow.Follower(self.cloud, clock=self.clock, **kwargs)

    def find(self, snapshot, minute):
        found, = [t for t in snapshot.tracked
                  if t.record.instance_uuid == getattr(
                      uuids, 'server_%d' % minute)]
        return found


class PluginTestCase(FollowTestCase):

    def test_one_request_for_each_snapshot(self):
        for minute in range(1, 9):
            self.start(minute, **self.copied(minute))
        follower = self.use_follower()
        self.assertEqual(0.0, follower.wait)
        self.assertEqual(8, len(follower.poll().tracked))
        # What the cloud offers, and the list.
        self.assertEqual(2, len(self.requests.take()))
        for _poll in range(3):
            self.clock.now += 2
            self.assertEqual(8, len(follower.poll().tracked))
            self.assertEqual(1, len(self.requests.take()))
        self.assertEqual(2.0, follower.wait)

    def test_until_its_end(self):
        self.start(1, status='queued')
        self.start(2, **self.copied(1))
        follower = self.use_follower()
        snapshot = follower.poll()
        self.assertIsNone(snapshot.error)
        self.assertEqual(0, snapshot.age)
        self.assertEqual('queued', self.find(snapshot, 1).record.status)
        self.assertIsNone(self.find(snapshot, 1).previous_status)
        for second in range(2, 30, 2):
            self.clock.now += 2
            self.write(1, status='running', **self.copied(second))
            snapshot = follower.poll()
        tracked = self.find(snapshot, 1)
        self.assertFalse(tracked.ended)
        self.assertAlmostEqual(RATE, tracked.assessment.throughput,
                               delta=RATE / 20)
        self.assertLess(tracked.assessment.sample_age, 2)
        self.assertAlmostEqual(36, tracked.assessment.eta, delta=4)
        self.requests.take()
        self.clock.now += 2
        self.write(1, status='completed', **self.copied(64))
        snapshot = follower.poll()
        tracked = self.find(snapshot, 1)
        self.assertTrue(tracked.ended)
        self.assertEqual('running', tracked.previous_status)
        self.assertEqual('completed', tracked.record.status)
        self.assertEqual(100.0, tracked.record.percent)
        self.assertEqual(verdicts.COMPLETED, tracked.assessment.verdict)
        self.assertEqual(2, len(self.requests.take()))
        # It stays in the snapshots and is not asked for again.
        self.clock.now += 2
        tracked = self.find(follower.poll(), 1)
        self.assertEqual('completed', tracked.record.status)
        self.assertEqual(1, len(self.requests.take()))

    def test_ends_of_many_in_one_request(self):
        for minute in range(1, 9):
            self.start(minute, **self.copied(minute))
        follower = self.use_follower()
        follower.poll()
        self.requests.take()
        self.clock.now += 2
        for minute in range(1, 7):
            self.write(minute, status='error' if minute % 2 else 'cancelled')
        snapshot = follower.poll()
        self.assertEqual(2, len(self.requests.take()))
        self.assertEqual([False] * 2 + [True] * 6,
                         [t.ended for t in snapshot.tracked])
        self.assertEqual({verdicts.FAILED}, {
            t.assessment.verdict for t in snapshot.tracked if t.ended})

    def test_kept(self):
        for minute in range(1, 5):
            self.start(minute, **self.copied(minute))
        follower = self.use_follower(kept=2)
        follower.poll()
        for minute in range(1, 5):
            self.write(minute, status='completed')
        self.clock.now += 2
        self.assertEqual(2, len(follower.poll().tracked))

    def test_purged(self):
        self.start(1, **self.copied(1))
        follower = self.use_follower()
        follower.poll()
        self.clock.now += 2
        self.write(1, hidden=True, status='error')
        tracked, = follower.poll().tracked
        self.assertTrue(tracked.vanished)
        self.assertFalse(tracked.ended)
        self.assertEqual('running', tracked.record.status)
        # As after the outage of a cell.
        self.write(1, hidden=False, status='running')
        tracked, = follower.poll().tracked
        self.assertFalse(tracked.vanished)

    def test_clock_of_the_end_is_wrong(self):
        self.start(1, **self.copied(1))
        follower = self.use_follower()
        follower.poll()
        self.clock.now += 2
        self.write(1, status='completed',
                   updated_at=datetime.datetime(2020, 1, 1))
        tracked, = follower.poll().tracked
        self.assertTrue(tracked.ended)

    def test_a_filter(self):
        self.start(1, **self.copied(1))
        self.start(2, source_compute='compute7', **self.copied(1))
        follower = self.use_follower(filters={'host': 'compute7'})
        tracked, = follower.poll().tracked
        self.assertEqual('compute7', tracked.record.source_compute)
        self.clock.now += 2
        self.write(1, status='completed')
        self.write(2, status='completed')
        tracked, = follower.poll().tracked
        self.assertTrue(tracked.ended)

    def test_all_statuses(self):
        self.start(1, status='completed', **self.copied(64))
        self.start(2, **self.copied(64))
        follower = self.use_follower(filters={'statuses': None})
        for _poll in range(3):
            self.requests.take()
            self.assertEqual(
                [verdicts.UNKNOWN, verdicts.COMPLETED],
                [t.assessment.verdict for t in follower.poll().tracked])
            self.clock.now += 2
        self.assertEqual(1, len(self.requests.take()))

    def test_of_one_status(self):
        self.start(1, status='queued')
        follower = self.use_follower(filters={'statuses': ('queued',)})
        self.assertEqual(1, len(follower.poll().tracked))
        self.clock.now += 2
        self.write(1, status='running')
        snapshot = follower.poll()
        self.assertEqual((), snapshot.tracked)
        self.assertIsNone(snapshot.error)

    def test_the_api_fails(self):
        self.start(1, **self.copied(1))
        follower = self.use_follower()
        for second in range(2, 20, 2):
            self.clock.now += 2
            self.write(1, **self.copied(second))
            snapshot = follower.poll()
        taken_at = snapshot.taken_at
        before = self.find(snapshot, 1)
        adapter = self.cloud._rest.adapter
        endpoint = adapter.session.auth.endpoint
        adapter.session.auth.endpoint = 'http://127.0.0.1:1/v2.1'
        waits = []
        for _poll in range(7):
            self.clock.now += 10
            snapshot = follower.poll()
            waits.append(follower.wait)
            self.assertIn('GET /os-migrations', str(snapshot.error))
        self.assertEqual([4, 8, 16, 32, 60, 60, 60], waits)
        self.assertEqual(taken_at, snapshot.taken_at)
        self.assertEqual(70, snapshot.age)
        after = self.find(snapshot, 1)
        self.assertEqual(before.record, after.record)
        self.assertEqual(before.assessment.sample_age + 70,
                         after.assessment.sample_age)
        # Not polling is not standing still.
        self.assertEqual(before.assessment.verdict, after.assessment.verdict)
        adapter.session.auth.endpoint = endpoint
        self.clock.now += 2
        self.write(1, status='completed', **self.copied(64))
        snapshot = follower.poll()
        self.assertIsNone(snapshot.error)
        self.assertTrue(self.find(snapshot, 1).ended)
        self.assertEqual(2.0, follower.wait)

    def test_never_reached(self):
        follower = self.use_follower()
        self.cloud._rest.adapter.session.auth.endpoint = (
            'http://127.0.0.1:1/v2.1')
        snapshot = follower.poll()
        self.assertEqual((None, None, (), None),
                         (snapshot.taken_at, snapshot.age, snapshot.tracked,
                          snapshot.capabilities))
        self.assertIn('GET /extensions', str(snapshot.error))

    def test_snapshots(self):
        self.start(1, **self.copied(1))
        slept = []

        def sleep(seconds):
            slept.append(seconds)
            self.clock.now += seconds

        snapshots = self.use_follower(interval=7).snapshots(sleep)
        self.assertEqual([1, 1, 1], [len(next(snapshots).tracked)
                                     for _snapshot in range(3)])
        self.assertEqual([0, 7, 7], slept)


class StockTestCase(FollowTestCase):

    PLUGIN = False

    def test_until_its_end(self):
        self.add_server(uuids.server_1, 'server 1')
        self.start(1)
        follower = self.use_follower(interval=1)
        for second in range(5, 40, 5):
            self.clock.now += 5
            self.write(1, **self.copied(second))
            snapshot = follower.poll()
            self.assertEqual(5.0, follower.wait)
        tracked, = snapshot.tracked
        self.assertEqual(8 * GIB, tracked.record.memory_total)
        self.assertAlmostEqual(RATE, tracked.assessment.throughput,
                               delta=RATE / 20)
        self.assertEqual('servers', snapshot.capabilities.listing)
        self.requests.take()
        self.clock.now += 5
        self.write(1, status='completed')
        snapshot = follower.poll()
        tracked, = snapshot.tracked
        self.assertTrue(tracked.ended)
        self.assertEqual(verdicts.COMPLETED, tracked.assessment.verdict)
        # Eight statuses, and what changed lately.
        self.assertEqual(9, len(self.requests.take()))
