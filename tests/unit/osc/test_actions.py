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

import shlex

import ddt
import testtools

from nova_migprogress.osc import actions
from tests.unit.osc import fakes


def names(*args, **kwargs):
    return [action.name for action in actions.list_legal(*args, **kwargs)]


@ddt.ddt
class ActionsTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.assessment = fakes.an_assessment()

    @ddt.data(
        ('running', ['abort', 'force complete']), ('queued', ['abort']),
        ('preparing', ['abort']), ('running (post-copy)', []),
        ('post-migrating', []), ('completed', []), ('error', []),
        ('finished', []))
    @ddt.unpack
    def test_live(self, status, legal):
        record = fakes.a_record(status=status)
        self.assertEqual(legal, names(record, self.assessment))
        if not legal:
            self.assertTrue(actions.explain_none(record).endswith('.'))

    @ddt.data(('migrating', []), ('finished', ['confirm', 'revert']),
              ('confirmed', []))
    @ddt.unpack
    def test_cold(self, status, legal):
        record = fakes.a_record(status=status, migration_type='resize')
        self.assertEqual(legal, names(record, self.assessment))
        if not legal:
            self.assertTrue(actions.explain_none(record).endswith('.'))

    def test_evacuation(self):
        record = fakes.a_record(migration_type='evacuation', status='done')
        self.assertEqual([], names(record, self.assessment))

    def test_paused_server_is_not_forced(self):
        self.assertEqual(['abort'], names(fakes.a_record(), self.assessment,
                                          vm_state='paused'))

    @ddt.data(((2, 21), 'running', []),
              ((2, 22), 'running', ['force complete']),
              ((2, 24), 'running', ['abort', 'force complete']),
              ((2, 64), 'queued', []), ((2, 105), 'queued', ['abort']))
    @ddt.unpack
    def test_old_nova(self, maximum, status, legal):
        self.assertEqual(legal, names(
            fakes.a_record(status=status), self.assessment,
            max_microversion=maximum))

    def test_commands(self):
        abort, force = actions.list_legal(
            fakes.a_record(7), self.assessment,
            cloud_options=('--os-cloud', 'a b'))
        server = '20000000-0000-0000-0000-000000000007'
        self.assertEqual(
            ['openstack', '--os-cloud', 'a b', '--os-compute-api-version',
             '2.24', 'server', 'migration', 'abort', server, '7'],
            shlex.split(abort.command))
        self.assertEqual(
            ['openstack', '--os-cloud', 'a b', '--os-compute-api-version',
             '2.22', 'server', 'migration', 'force', 'complete', server, '7'],
            shlex.split(force.command))

    def test_without_an_id(self):
        record = fakes.a_record(id=None)
        for action in actions.list_legal(record, self.assessment):
            self.assertTrue(action.command.endswith(' ' + record.uuid))

    def test_microversion_for_queued(self):
        abort, = actions.list_legal(fakes.a_record(status='queued'),
                                    self.assessment)
        self.assertIn(' 2.65 ', abort.command)

    @ddt.data(('migration', 'server migration'), ('resize', 'server resize'))
    @ddt.unpack
    def test_finished_commands(self, kind, words):
        record = fakes.a_record(7, status='finished', migration_type=kind)
        for action in actions.list_legal(record, self.assessment):
            self.assertEqual('openstack %s %s %s' % (
                words, action.name, record.instance_uuid), action.command)

    def test_lost_bytes(self):
        abort = actions.list_legal(
            fakes.a_record(disk_processed=fakes.GIB), self.assessment)[0]
        self.assertIn('11.0 GiB already sent are lost', abort.cost)
        abort = actions.list_legal(fakes.a_record(
            memory_processed=None), self.assessment)[0]
        self.assertIn('what was sent is lost', abort.cost)

    @ddt.data((None, None, 'for a time that is not known'),
              (3.0, None, 'for about 3.0s'), (20.0, 20.2, 'for about 20s'),
              (3.0, 60.0, 'for 3.0s to 1m00s'))
    @ddt.unpack
    def test_pause(self, pause, most, words):
        cost = actions.describe_force_cost(fakes.an_assessment(
            pause=pause, pause_most=most))
        self.assertIn(words, cost)
        self.assertIn('no way back', cost)
