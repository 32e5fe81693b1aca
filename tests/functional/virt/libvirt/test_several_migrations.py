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

"""Migrations beside, behind and after each other: each has its own numbers."""

import time

from nova import objects

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
NULLS = (None,) * 6


def memory(processed, remaining, **kwargs):
    return player.statistics((TOTAL, processed, remaining), **kwargs)


def steps(unit, length):
    """Statistics that can be told from those of another unit."""
    return [player.NOT_STARTED, player.PREPARING] + [
        memory(unit * number, TOTAL - unit * number)
        for number in range(1, length)]


class SeveralTestBase(base.LiveMigrationBase):

    def setUp(self):
        super().setUp()
        self.flags(interval=1, group='migration_progress')

    def assertOwn(self, seen, unit, final):
        """Everything recorded is of that unit, and nothing went back."""
        known = [record for record in seen if record not in (NULLS, final)]
        self.assertTrue(known)
        processed = [record[1] for record in known]
        self.assertEqual(sorted(processed), processed)
        for record in known:
            self.assertEqual(0, record[1] % unit, record)
            self.assertEqual(TOTAL - record[1], record[2])


class OneAfterTheOtherTestCase(SeveralTestBase):

    def test_there_and_back(self):
        first = (TOTAL, 301 * MIB, 0, 0, 0, 0)
        second = (TOTAL, 259 * MIB, 0, 0, 0, 0)
        self.play(steps(7 * MIB, 20), poll_faster=4,
                  completed=memory(301 * MIB, 0))
        self.start_migration()
        self.assertOwn(self.follow('completed'), 7 * MIB, first)
        self.wait_for_record(first)
        there = self.migration()
        self._wait_for_state_change(self.server, 'ACTIVE')

        self.src, self.dest = self.dest, self.src
        self.play(steps(11 * MIB, 20), completed=memory(259 * MIB, 0))
        self.start_migration()
        back = self.migration()
        self.assertNotEqual(there.id, back.id)
        self.assertEqual('dest', back.source_compute)
        self.assertOwn(self.follow('completed'), 11 * MIB, second)
        self.wait_for_record(second)
        there = objects.Migration.get_by_id(self.context, there.id)
        self.assertEqual(first[:3], (there.memory_total,
                                     there.memory_processed,
                                     there.memory_remaining))


class TwoServersTestCase(SeveralTestBase):

    def test_at_once(self):
        self.flags(max_concurrent_live_migrations=2)
        other = self._create_server(host='src', networks='none')
        servers = [self.server, other]
        units = [7 * MIB, 11 * MIB]
        finals = [(TOTAL, 301 * MIB, 0, 0, 0, 0),
                  (TOTAL, 259 * MIB, 0, 0, 0, 0)]
        # Only the first poll of one and the last of the other are alone.
        for server, unit, final in zip(servers, units, finals):
            self.play(steps(unit, 21), uuid=server['id'],
                      completed=memory(final[1], 0))
        for server in servers:
            self.start_migration(server)
        for server in servers:
            self._wait_for_migration_status(server, ['running'])
        seen = {server['id']: [] for server in servers}
        while {self.migration(server).status
               for server in servers} != {'completed'}:
            for server in servers:
                records = seen[server['id']]
                record = self.record(server)
                if not records or records[-1] != record:
                    records.append(record)
        for server, unit, final in zip(servers, units, finals):
            self.assertOwn(seen[server['id']], unit, final)
            self.wait_for_record(final, server)
        self.wait_for_no_listener()

    def test_polls_of_one_do_not_return(self):
        self.flags(max_concurrent_live_migrations=2)
        other = self._create_server(host='src', networks='none')
        stuck = self.play(steps(7 * MIB, 21), outcome='endless',
                          uuid=self.server['id'])
        final = (TOTAL, 259 * MIB, 0, 0, 0, 0)
        self.play(steps(11 * MIB, 15), uuid=other['id'],
                  completed=memory(final[1], 0))
        self.start_migration()
        self.wait_for_record((TOTAL, 7 * MIB, TOTAL - 7 * MIB, 0, 0, 0))
        stuck.freeze()
        time.sleep(0.6)
        polls = len(stuck.polls)
        self.start_migration(other)
        self.assertOwn(self.follow('completed', server=other), 11 * MIB,
                       final)
        self.wait_for_record(final, other)
        self.assertEqual(polls, len(stuck.polls))
        self.assertEqual('running', self.migration().status)


class QueuedTestCase(SeveralTestBase):

    def setUp(self):
        self.flags(max_concurrent_live_migrations=1)
        super().setUp()

    def test_cancelled_before_it_starts(self):
        self.play(steps(7 * MIB, 20), outcome='endless', poll_faster=4)
        self.start_migration()
        last = (TOTAL, 133 * MIB, TOTAL - 133 * MIB, 0, 0, 0)
        self.wait_for_record(last)
        queued = self._create_server(host='src', networks='none')
        self.start_migration(queued)
        self._wait_for_migration_status(queued, ['queued'])
        self.assertEqual(NULLS, self.record(queued))
        self.abort_migration(queued)
        self._wait_for_migration_status(queued, ['cancelled'])
        self.abort_migration()
        self._wait_for_migration_status(self.server, ['cancelled', 'error'])
        self._wait_for_server_parameter(self.server,
                                        {'OS-EXT-STS:task_state': None})
        self.assertEqual(last, self.record())
        # Nothing of the other's, neither then nor later.
        self.assertEqual(NULLS, self.record(queued))
        self.assertEqual('cancelled', self.migration(queued).status)
        self.wait_for_no_listener()
