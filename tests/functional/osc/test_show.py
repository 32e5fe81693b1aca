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
import shlex

from oslo_utils.fixture import uuidsentinel as uuids
from oslo_utils import timeutils

from tests.functional.osc import base

GIB = 1024 ** 3
SHOW = ('server', 'migration', 'progress', 'show')


class ShowTest(base.ShellTestCase):
    """``openstack server migration progress show`` as it is typed."""

    def setUp(self):
        super().setUp()
        self.serve()

    def add(self, minute=1, name='web', **values):
        created = timeutils.utcnow() - datetime.timedelta(seconds=120)
        values = dict({
            'memory_total': 8 * GIB, 'memory_processed': 6 * GIB,
            'memory_remaining': 2 * GIB, 'disk_total': 0,
            'disk_processed': 0, 'disk_remaining': 0}, **values)
        row = self.add_migration(minute, created_at=created, **values)
        self.change(minute)
        if name:
            self.add_server(getattr(uuids, 'server_%d' % minute), name)
        return row

    def change_at_each_poll(self):
        """Let the migration go on after each request for it."""
        polls = []

        def change(out):
            seen = sum('os-migrations' in path for path in self.served)
            if seen > len(polls):
                polls.append(seen)
                self.change(1, memory_processed=6 * GIB + seen * 2 ** 26,
                            memory_remaining=2 * GIB - seen * 2 ** 26)
        return change

    def test_actions_are_what_nova_takes(self):
        row = self.add()
        result = self.openstack(*SHOW, 'web', '-f', 'json',
                                tick=self.change_at_each_poll())
        self.assertEqual((0, ''), (result.code, result.err))
        shown = result.json
        self.assertEqual(
            (row['uuid'], row['id'], 'web', uuids.server_1, 'running',
             'compute1', 'compute2', 8 * GIB),
            tuple(shown[name] for name in (
                'uuid', 'id', 'server', 'server_id', 'status',
                'source_compute', 'dest_compute', 'memory_total')))
        # Three polls: there is a throughput, and so the pause is known.
        self.assertGreater(shown['pause'], 1)
        self.assertEqual(1600, shown['nova_timeout']['seconds'])
        self.assertTrue(1400 < shown['nova_timeout']['seconds_left'] <= 1480)
        abort, force = shown['actions']
        self.assertIn('is paused for about', force['cost'])
        for action, request in (
                (force, '/v2.1/servers/%s/migrations/%d/action'),
                (abort, '/v2.1/servers/%s/migrations/%d')):
            words = shlex.split(action['command'])
            self.assertEqual('openstack', words[0])
            done = self.openstack(*words[1:])
            self.assertEqual((0, ''), (done.code, done.err), words)
            self.assertEqual(request % (uuids.server_1, row['id']),
                             self.served[-1])

    def test_80_columns(self):
        self.add(name='\x1b[2Jweb')
        result = self.openstack(*SHOW, uuids.server_1, '--samples', '1',
                                size=(80, 24))
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertNotIn('\x1b', result.out)
        table, actions = result.out.replace('\r', '').split('\n\n')
        for line in table.splitlines():
            self.assertLessEqual(len(line), 80)
        # Whole, to be copied.
        self.assertIn('\n    openstack --os-compute-api-version 2.24 server '
                      'migration abort %s 1\n' % uuids.server_1, actions)
        self.assertIn('for a time that is not known yet', ' '.join(
            actions.split()))

    def test_shell(self):
        self.add(name='"; \x1b[2J')
        result = self.openstack(*SHOW, uuids.server_1, '--samples', '1',
                                '-f', 'shell')
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertIn('server="\\"; \\x1b[2J"\n', result.out)
        self.assertIn('memory_remaining="%d"\n' % (2 * GIB), result.out)
        self.assertIn('actions="abort: ', result.out)

    def test_which_one(self):
        old = self.add(2, None, status='error', instance_uuid=uuids.server_1)
        new = self.add(1, instance_uuid=uuids.server_1)
        for which, expected in (([], new), ([old['uuid']], old),
                                ([str(old['id'])], old)):
            result = self.openstack(*SHOW, uuids.server_1, *which, '-f',
                                    'json', '--samples', '1')
            self.assertEqual(expected['uuid'], result.json['uuid'])
        # Of the failed one.
        self.assertEqual([], result.json['actions'])
        self.assertEqual('failed', result.json['verdict'])
        result = self.openstack(*SHOW, 'web', '99')
        self.assertEqual((1, ''), (result.code, result.out))
        self.assertIn("has no migration '99'; it has ", result.err)

    def test_never_migrated(self):
        self.add_server(uuids.server_7, 'idle')
        for name, words in (('idle', 'has never been migrated'),
                            ('nobody', "'nobody'")):
            result = self.openstack(*SHOW, name)
            self.assertEqual((1, ''), (result.code, result.out))
            self.assertIn(words, result.err)
            self.assertNotIn('Traceback', result.err)
