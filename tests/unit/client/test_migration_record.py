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
from oslotest import base

from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.convergence import samples
from nova_migprogress import fields
from nova_migprogress import statuses
from tests.unit.client import base as client_base

UTC = datetime.timezone.utc


def _record(**values):
    return migration_record.MigrationRecord.from_api(
        client_base.entry(1, **values))


@ddt.ddt
class FromAPITestCase(base.BaseTestCase):

    def test_all(self):
        self.assertEqual(migration_record.MigrationRecord(
            id=1, uuid='uuid-1', instance_uuid='server-1', status='running',
            migration_type='live-migration', source_compute='host1',
            source_node='host1', dest_compute='host2', dest_node='host2',
            dest_host='192.0.2.2',
            created_at=datetime.datetime(2026, 1, 29, 11, 0, tzinfo=UTC),
            updated_at=datetime.datetime(2026, 1, 29, 11, 1, tzinfo=UTC),
            user_id='user', project_id='project', memory_total=4000,
            memory_processed=2000, memory_remaining=2000, disk_total=0,
            disk_processed=0, disk_remaining=0), _record())

    def test_one_server_s(self):
        entry = {'id': 7, 'server_uuid': 'server', 'status': 'running'}
        entry.update((name + '_bytes', index)
                     for index, name in enumerate(fields.NAMES))
        found = migration_record.MigrationRecord.from_api(entry)
        self.assertEqual('server', found.instance_uuid)
        self.assertEqual(list(range(6)),
                         [getattr(found, name) for name in fields.NAMES])

    def test_of_the_oldest_nova(self):
        found = migration_record.MigrationRecord.from_api(
            {'id': 3, 'instance_uuid': 'server', 'status': 'done'})
        self.assertEqual('server/3', found.key)
        self.assertIsNone(found.uuid)
        self.assertIsNone(found.percent)
        self.assertIsNone(found.sampled_at)
        self.assertFalse(found.has_progress)

    @ddt.data('12', -1, 1.5, True, [], {}, 2 ** 63, float('nan'))
    def test_no_number(self, junk):
        found = _record(memory_total=junk, disk_remaining=junk)
        self.assertIsNone(found.memory_total)
        self.assertIsNone(found.disk_remaining)
        self.assertEqual(2000, found.memory_remaining)
        self._check_sample(found)

    @ddt.data(1, [], {'a': 'b'}, False)
    def test_no_string(self, junk):
        found = _record(status=junk, source_compute=junk, instance_uuid=junk)
        self.assertIsNone(found.status)
        self.assertIsNone(found.source_compute)
        self.assertFalse(found.in_progress)
        self.assertFalse(found.ended)
        self._check_sample(found)

    @ddt.data('yesterday', '', 5, '2026-13-29T11:00:00', '2026-01-29',
              '2026-01-29T11:00:00+99:99', '\u0662026-01-29T11:00:00', [])
    def test_no_time(self, junk):
        found = _record(created_at=junk, updated_at=junk)
        self.assertIsNone(found.created_at)
        self.assertIsNone(found.sampled_at)

    @ddt.data('2026-01-29T11:00:00', '2026-01-29T11:00:00Z',
              '2026-01-29T11:00:00.000000', '2026-01-29T11:00:00.000000000Z',
              '2026-01-29T12:30:00+01:30', '2026-01-29T12:30:00+0130')
    def test_time(self, text):
        self.assertEqual(datetime.datetime(2026, 1, 29, 11, 0, tzinfo=UTC),
                         _record(updated_at=text).updated_at)

    @ddt.data(None, 'a', 5, [], {}, {'id': 'a'}, {'uuid': 1, 'id': True})
    def test_nothing(self, junk):
        error = self.assertRaises(errors.InvalidAnswer,
                                  migration_record.MigrationRecord.from_api,
                                  junk)
        self.assertIn('a migration ', str(error))

    def _check_sample(self, found):
        """Check that a sample of it is one that is made with checks."""
        sample = found.to_sample(0.0)
        self.assertEqual(samples.from_mapping(sample._asdict()), sample)

    def test_control_characters_are_kept(self):
        self.assertEqual('a\x1b[31m\x00', _record(
            dest_host='a\x1b[31m\x00').dest_host)

    @ddt.data(None, 'a', 5, {})
    def test_no_list(self, junk):
        error = self.assertRaises(
            errors.InvalidAnswer, migration_record.parse_records,
            {'migrations': junk}, '/os-migrations')
        self.assertIn('GET /os-migrations: migrations is', str(error))


@ddt.ddt
class SummaryTestCase(base.BaseTestCase):

    @ddt.data(
        ((None,) * 6, (None, None, None, None)),
        ((4000, 2000, 2000, 0, 0, 0), (4000, 2000, 2000, 50.0)),
        ((4000, 0, 4000, 6000, 6000, 0), (10000, 6000, 4000, 60.0)),
        ((None, None, None, 500, 100, 400), (500, 100, 400, 20.0)),
        # Sent again.
        ((4000, 9000, 1000, 0, 0, 0), (4000, 9000, 1000, 75.0)),
        # Nothing to copy.
        ((None, None, None, 0, 0, 0), (0, 0, 0, None)),
        # More remains than there is.
        ((100, 0, 200, 0, 0, 0), (100, 0, 200, 0.0)),
        ((100, 100, 0, 0, 0, 0), (100, 100, 0, 100.0)),
        ((100, None, None, None, None, None), (100, None, None, None)))
    @ddt.unpack
    def test_sums(self, numbers, expected):
        found = _record(**dict(zip(fields.NAMES, numbers)))
        self.assertEqual(expected, (found.total, found.processed,
                                    found.remaining, found.percent))
        self.assertEqual(any(n is not None for n in numbers),
                         found.has_progress)

    def test_sample(self):
        found = _record()
        self.assertEqual((4000, 2000, 2000, 0, 0, 0), found.numbers)
        sample = found.to_sample(7.0)
        self.assertEqual(found.updated_at.timestamp(), sample.time)
        self.assertEqual('running', sample.status)
        self.assertEqual(found.numbers, sample.numbers)

    def test_sample_without_times(self):
        found = _record(created_at=None, updated_at=None)
        self.assertEqual(7.0, found.to_sample(7.0).time)

    def test_never_updated(self):
        found = _record(updated_at=None)
        self.assertEqual(found.created_at.timestamp(), found.sampled_at)

    @ddt.data(('live-migration', True), ('migration', False),
              ('resize', False), ('evacuation', False), (None, False))
    @ddt.unpack
    def test_is_live(self, migration_type, expected):
        self.assertIs(expected,
                      _record(migration_type=migration_type).is_live)

    def test_every_status(self):
        self.assertEqual(set(), statuses.ENDED_STATUSES.intersection(
            statuses.IN_PROGRESS_STATUSES))
        self.assertIn(statuses.POST_COPY, statuses.IN_PROGRESS_STATUSES)
        for status in statuses.IN_PROGRESS_STATUSES:
            self.assertEqual((True, False), (
                _record(status=status).in_progress,
                _record(status=status).ended))
        for status in ('completed', 'finished', 'error', 'cancelled'):
            self.assertEqual((False, True), (
                _record(status=status).in_progress,
                _record(status=status).ended))
        self.assertEqual((False, False), (
            _record(status='new').in_progress, _record(status='new').ended))
