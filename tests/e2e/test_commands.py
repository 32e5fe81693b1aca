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

import json
import subprocess
import sys

from sandbox import checks
from sandbox import layout as layout_mod
from tests.e2e import base


class CommandsTestCase(base.SandboxTestCase):
    """``python -m sandbox`` as it is typed."""

    def command(self, *args, code=0):
        proc = subprocess.run(
            [sys.executable, '-m', 'sandbox'] + list(args),
            cwd=layout_mod.CHECKOUT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True)
        self.assertEqual(code, proc.returncode, proc.stderr)
        return proc

    def json(self, *args):
        return json.loads(self.command(*args, '--json').stdout)

    def test_up_twice_is_one(self):
        before = self.json('status')
        self.assertTrue(before['up'])
        self.assertTrue(self.json('up')['up'])
        self.assertEqual(before['services'],
                         self.json('status')['services'])

    def test_service_restarts(self):
        name = 'nova-scheduler'
        self.assertTrue(self.json('stop', name)['stopped'])
        self.command('status', code=1)
        self.assertTrue(self.json('start', name)['started'])
        self.assertFalse(self.json('start', name)['started'])
        self.assertTrue(self.json('status')['up'])

    def test_errors_are_one_line(self):
        for args, words in (
                (('live-migrate', 'nobody'), 'There is no server nobody'),
                (('restart', 'cron'), 'There is no service cron'),
                (('boot', 'x', '--working-set', '200'),
                 'must be between 0 and 144, not 200'),
                (('bandwidth', '-1'), 'must be between 0 and')):
            error = self.command(*args, code=1).stderr
            self.assertIn(words, error)
            self.assertEqual(1, error.count('\n'), error)

    def test_life_of_a_server(self):
        self.addCleanup(subprocess.call, [
            sys.executable, '-m', 'sandbox', 'delete', 'e2e-cli'],
            cwd=layout_mod.CHECKOUT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.json('boot', 'e2e-cli', '--memory', '160', '--dirty-rate', '2',
                  '--working-set', '16', '--disk', '16')
        moved = self.json('live-migrate', 'e2e-cli', '--block', '--wait')
        self.assertEqual('completed', moved['migration']['status'])
        self.assertEqual('compute2', moved['guest']['host'])
        truth = self.json('truth', 'e2e-cli')
        self.assertEqual('compute1', truth['host'])
        final = self.api.migrations(
            microversion=self.maximum,
            instance_uuid=truth['server'])[0]
        self.assertChecks(checks.completed(final, truth))
        console = self.json('console', 'e2e-cli')
        self.assertIsNone(console['bad'])
        self.json('cold-migrate', 'e2e-cli', '--wait')
        self.json('confirm', 'e2e-cli')
        server = [server for server in self.json('status')['servers']
                  if server['name'] == 'e2e-cli'][0]
        self.assertEqual(('compute1', 'ACTIVE'),
                         (server['host'], server['status']))
