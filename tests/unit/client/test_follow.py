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
from oslotest import base as oslo_base

from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.client import migration_record
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
        # It has become older meanwhile.
        self.assertEqual(2, snapshot.tracked[0].assessment.sample_age)

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

    def test_wait(self):
        self.assertEqual(0.0, self.follower.wait)
        self.poll(base.entry(1), seconds=0)
        waits = []
        for _step in range(4):
            waits.append(self.follower.wait)
            self.now += 0.75
        self.assertEqual([2.0, 1.25, 0.5, 0.0], waits)

    @ddt.data((500, {}, 4.0), (429, {'Retry-After': '10'}, 10.0),
              (403, {}, 4.0))
    @ddt.unpack
    def test_wait_after_a_failure(self, status, headers, expected):
        self.poll(base.entry(1))
        self.answer('/os-migrations', status_code=status, headers=headers)
        self.follower.poll()
        self.assertEqual(expected, self.follower.wait)

    @ddt.data((0.5, 1.5), (3.0, 3.0), (-3600.0, 2.0))
    @ddt.unpack
    def test_wait_after_a_slow_poll(self, took, expected):
        self.use_plugin()

        def list_none(request, context):
            # Of a negative time, the clock is set back meanwhile.
            self.now += took
            return {'migrations': []}

        self.answer('/os-migrations', list_none)
        self.follower.poll()
        self.assertEqual(expected, self.follower.wait)

    def test_order(self):
        self.poll(base.entry(1), base.entry(2))
        # That of the server.
        listing = self.use_plugin(base.entry(3), base.entry(2), base.entry(1))
        self.assertEqual([3, 2, 1], [
            tracked.record.id for tracked in self.follower.poll().tracked])
        # None has left the list.
        self.assertEqual(1, listing.call_count)

    def take(self, *lists):
        """Poll with these answers to one request after the other."""
        self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', response_list=[
            {'json': {'migrations': list(entries)}} for entries in lists])
        snapshot = self.follower.poll()
        self.assertIsNone(snapshot.error)
        self.assertEqual(len(lists), listing.call_count)
        self.now += 2
        return [(tracked.record.id, tracked.ended, tracked.vanished)
                for tracked in snapshot.tracked]

    @ddt.data(('running', 'queued'), None)
    def test_slipped_through_between_two_pages(self, statuses):
        self.follower = follow.Follower(self.cloud, {'statuses': statuses},
                                        clock=lambda: self.now)
        entries = [base.entry(number) for number in (1, 2, 3)]
        self.take(entries)
        # Two are asked for, and have not ended.
        self.assertEqual(
            [(3, False, False), (1, False, False), (2, False, False)],
            self.take(entries[2:], entries[:2]))
        self.assertEqual([(number, False, False) for number in (1, 2, 3)],
                         self.take(entries))

    def test_one_slips_through_and_one_ends(self):
        self.take([base.entry(1), base.entry(2)])
        self.assertEqual([(1, False, False), (2, True, False)], self.take(
            [], [base.entry(1), base.entry(2, status='completed')]))
        # An end is asked for once.
        self.assertEqual([(1, False, False), (2, True, False)],
                         self.take([base.entry(1)]))

    def test_newest_end_first(self):
        self.take([base.entry(number) for number in (1, 2)])
        self.take([base.entry(2)], [base.entry(1, status='completed')])
        self.assertEqual([(2, True, False), (1, True, False)], self.take(
            [], [base.entry(2, status='completed')]))

    def test_vanished_and_back(self):
        # As after the outage of a cell.
        self.take([base.entry(1), base.entry(2)])
        self.take([base.entry(1)], [base.entry(2, status='completed')])
        self.assertEqual([(1, False, True), (2, True, False)],
                         self.take([], [], []))
        # It is asked for once.
        self.assertEqual([(1, False, True), (2, True, False)], self.take([]))
        self.assertEqual([(1, False, False), (2, True, False)],
                         self.take([base.entry(1)]))

    def test_status_that_is_not_followed(self):
        self.follower = follow.Follower(self.cloud, {'statuses': ('queued',)},
                                        clock=lambda: self.now)
        self.take([base.entry(1, status='queued')])
        self.assertEqual([], self.take([], [base.entry(1)]))

    @ddt.data(({}, 100), ({'kept': 2}, 2), ({'kept': 0}, 0))
    @ddt.unpack
    def test_kept(self, kwargs, expected):
        self.follower = follow.Follower(self.cloud, clock=lambda: self.now,
                                        **kwargs)
        self.take([base.entry(number) for number in range(1, 102)])
        self.assertEqual(expected, len(self.take([], [
            base.entry(number, status='completed')
            for number in range(1, 102)])))

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
        self.assertEqual([2, 2], [t.assessment.sample_age
                                  for t in snapshot.tracked])
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
        self.now -= 3600
        self.answer('/os-migrations', status_code=500)
        self.assertEqual(0, self.follower.poll().age)

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


class Cloud:
    """Has these migrations, of which some changed lately."""

    def __init__(self, entries, changed=()):
        self.entries = entries
        self.changed = changed
        self.asked = []

    def migrations(self, **filters):
        self.asked.append(filters)
        entries = self.entries
        if 'changes_since' in filters:
            if self.changed is None:
                raise errors.Unsupported('2.58')
            entries = self.changed
        return [migration_record.MigrationRecord.from_api(found)
                for found in entries
                if filters.get('server') in (None, found['instance_uuid'])]


@ddt.ddt
class FindEndsTestCase(oslo_base.BaseTestCase):

    def find(self, cloud, numbers, since=START, **filters):
        """Return the statuses by number; None where there is no record."""
        self.cloud = cloud
        found = follow.find_ends(cloud, filters, [
            migration_record.MigrationRecord.from_api(base.entry(number))
            for number in numbers], since)
        return {int(key.rpartition('-')[2]): record and record.status
                for key, record in found.items()}

    def test_changed_lately(self):
        ended = [base.entry(number, status='completed')
                 for number in (1, 2, 3)]
        # Those of others are none of our business.
        self.assertEqual({1: 'completed', 2: 'completed'}, self.find(
            Cloud([], ended), [1, 2], statuses=('running',), host='a'))
        # A minute is left to clocks that differ.
        self.assertEqual([{
            'host': 'a', 'statuses': None, 'numbers': False,
            'changes_since': datetime.datetime(
                2026, 1, 29, 11, 0, tzinfo=datetime.timezone.utc)}],
            self.cloud.asked)

    @ddt.data(0.0, 59.0, 60.0)
    def test_clock_that_was_never_set(self, since):
        self.find(Cloud([]), [], since)
        self.assertEqual(0.0, self.cloud.asked[0]['changes_since'].timestamp())

    @ddt.data(((), 1), (None, 1))
    @ddt.unpack
    def test_one_by_one(self, changed, first):
        self.assertEqual({1: 'error', 2: None}, self.find(
            Cloud([base.entry(1, status='error'), base.entry(3)], changed),
            [1, 2], user='a', changes_since='2026-01-29T11:00:00Z'))
        # An end counts whenever it was.
        self.assertEqual(
            [{'user': 'a', 'statuses': None, 'numbers': False,
              'server': 'server-%d' % number} for number in (1, 2)],
            self.cloud.asked[first:])

    def test_another_one_of_the_same_server(self):
        self.assertEqual({1: None}, self.find(
            Cloud([base.entry(7, instance_uuid='server-1')]), [1]))

    def test_at_most_ten_at_a_time(self):
        numbers = range(1, 13)
        self.assertEqual(dict.fromkeys(range(1, 11)),
                         self.find(Cloud([]), numbers))
        self.assertEqual(1 + 10, len(self.cloud.asked))
