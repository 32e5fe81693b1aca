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

import contextlib
import json
import os
import re
import shlex
import time

import fixtures

from sandbox import migrations
from sandbox import namespaces
from sandbox import reconfigure
from tests.e2e import base

BUSY, CALM, COLD = NAMES = ('e2e-os-busy', 'e2e-os-calm', 'e2e-os-cold')
LIST = ('server', 'migration', 'progress', 'list')
SHOW = ('server', 'migration', 'progress', 'show')
WATCH = ('server', 'migration', 'watch')


class OpenstackTestCase(base.SandboxTestCase):
    """An operator's commands, with several migrations at once."""

    #: MiB/s: of each live migration, and of the network between the hosts.
    BANDWIDTH = 16
    NETWORK = 40

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path

    def openstack(self, *args):
        return self.run_program('openstack', *args)[0]

    def slow_down(self):
        device = ['dev', 'eth0', 'root']
        namespaces.run(
            self.layout, 'compute1',
            ['tc', 'qdisc', 'add'] + device +
            ['tbf', 'rate', '%dmbit' % (self.NETWORK * 8),
             'burst', '256kb', 'latency', '50ms'])
        self.addCleanup(namespaces.run, self.layout, 'compute1',
                        ['tc', 'qdisc', 'del'] + device)

    def migrate_all(self):
        self.boot(BUSY, memory=256, dirty_rate=48, working_set=80)
        self.boot(CALM, memory=192, dirty_rate=2, working_set=16)
        self.boot(COLD, memory=160, dirty_rate=1, working_set=16, disk=256)
        self.slow_down()
        self.set_bandwidth(self.BANDWIDTH)
        migrations.live_migrate(self.layout, BUSY)
        migrations.live_migrate(self.layout, CALM)
        migrations.cold_migrate(self.layout, COLD)

    def wait_until_listed(self, predicate):
        """Call the list until it is as wanted; returns its rows by server."""
        deadline = time.monotonic() + 120
        while True:
            rows = {row['Server']: row for row in json.loads(self.openstack(
                *LIST, '--samples', '2', '-f', 'json'))}
            if predicate(rows):
                return rows
            self.assertLess(time.monotonic(), deadline, rows)

    def test_drain_a_host(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(reconfigure.compute(self.layout, {
            'DEFAULT': {'max_concurrent_live_migrations': '3'}}))
        self.migrate_all()
        recording = os.path.join(self.directory, 'night.jsonl')
        watch = self.start_program('openstack', *WATCH, '--until-done',
                                   '--record', recording)
        self.addCleanup(watch.kill)
        rows = self.wait_until_listed(lambda rows: all(
            rows.get(name, {}).get('Percent') is not None
            for name in (BUSY, CALM)))
        self.assertEqual(
            {'live-migration'},
            {rows[name]['Type'] for name in (BUSY, CALM)})
        for row in rows.values():
            self.assertEqual(('compute1', 'compute2'),
                             (row['Source'], row['Destination']))
        # A table for people has the same.
        table = self.openstack(*LIST)
        self.assertIn(BUSY, table)
        self.assertIn('Verdict', table)
        self._abort_as_told()
        out, err = watch.communicate(timeout=180)
        self.assertEqual(2, watch.returncode, out + err)
        self.assertRegex(out, '%s .* not converging' % BUSY)
        self.assertRegex(out, '%s .* completed' % CALM)
        self.assertGreater(len(re.findall(COLD + ' .* cold ', out)), 1)
        self._replay(recording)
        migrations.confirm(self.layout, COLD)

    def _abort_as_told(self):
        """Wait for the verdict, and paste what the command prints."""
        deadline = time.monotonic() + 120
        while True:
            shown = json.loads(self.openstack(
                *SHOW, BUSY, '--samples', '5', '-f', 'json'))
            if shown['verdict'] == 'not converging':
                break
            self.assertLess(time.monotonic(), deadline, shown)
        self.assertGreater(shown['pause'], 0)
        self.assertIsNone(shown['eta'])
        line, = re.findall(r'^\s*openstack (.* migration abort .*)$',
                           self.openstack(*SHOW, BUSY), re.MULTILINE)
        self.openstack(*shlex.split(line))

    def _replay(self, recording):
        """The recording tells the same afterwards."""
        out, _err = self.run_program('nova-migprogress-replay', recording,
                                     '--json')
        lines = [json.loads(line) for line in out.splitlines()]
        last = {line['uuid']: line['verdict'] for line in lines}
        self.assertEqual(['completed', 'completed', 'failed'],
                         sorted(last.values()))
        self.assertIn('not converging', {line['verdict'] for line in lines})
        page = os.path.join(self.directory, 'night.html')
        self.run_program('nova-migprogress-replay', recording, '--report',
                         page)
        with open(page) as stream:
            text = stream.read()
        for name in NAMES:
            self.assertIn(name, text)
