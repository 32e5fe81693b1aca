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
import io
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
from unittest import mock

from oslotest import base

from sandbox import __main__ as commands
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import process
from sandbox import waiting


def state(pid):
    with open('/proc/%d/stat' % pid) as stat:
        return stat.read().rpartition(')')[2].split()[0]


class FreezeTestCase(base.BaseTestCase):
    """A service with a child in its session, and one in its own."""

    NAME = 'nova-conductor'

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.layout = layout_mod.Layout(pathlib.Path(directory.name))
        proc = subprocess.Popen(
            ['/bin/sh', '-c', 'sleep 60 & echo $!; setsid sleep 60 & echo $!; '
             'echo $$; wait'], stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        self.addCleanup(proc.stdout.close)
        self.pids = sorted(int(proc.stdout.readline()) for _ in range(3))
        self.addCleanup(proc.wait)
        for pid in self.pids:
            self.addCleanup(self._kill, pid)
        self.layout.pids.mkdir()
        (self.layout.pids / self.NAME).write_text(json.dumps({
            'pid': proc.pid, 'start_time': process._start_time(proc.pid),
            'log_offset': 0}))

    @staticmethod
    def _kill(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def assertFrozen(self):
        # Another processor needs a moment to stop what runs there.
        waiting.poll('The stop', 5, lambda: all(
            state(pid) == 'T' for pid in self.pids), step=0.01)

    def assertGoesOn(self):
        waiting.poll('The end of the stop', 5, lambda: all(
            state(pid) != 'T' for pid in self.pids), step=0.01)

    def test_all_processes(self):
        self.assertFalse(process.is_frozen(self.layout, self.NAME))
        # The last one may still be about to leave the session.
        self.assertEqual(self.pids, process.freeze(self.layout, self.NAME))
        self.assertFrozen()
        self.assertTrue(process.is_frozen(self.layout, self.NAME))
        self.assertEqual(self.pids, process.thaw(self.layout, self.NAME))
        self.assertGoesOn()
        self.assertFalse(process.is_frozen(self.layout, self.NAME))

    def test_not_running(self):
        for function in (process.freeze, process.thaw):
            error = self.assertRaises(exception.NotRunning, function,
                                      self.layout, 'mariadb')
            self.assertEqual('mariadb does not run.', str(error))
        self.assertFalse(process.is_frozen(self.layout, 'mariadb'))

    def _command(self, *args):
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(layout_mod, 'Layout',
                               return_value=self.layout), \
                mock.patch('sandbox.interruption.catch'), \
                contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(err):
            code = commands.main(list(args))
        return code, out.getvalue(), err.getvalue()

    def test_commands(self):
        self.assertEqual(
            (0, 'nova-conductor is frozen: 3 processes.\n', ''),
            self._command('freeze', self.NAME))
        self.assertFrozen()
        code, out, _err = self._command('thaw', self.NAME, '--json')
        self.assertEqual(0, code)
        self.assertEqual({'service': self.NAME, 'pids': self.pids},
                         json.loads(out))
        self.assertGoesOn()

    def test_errors(self):
        for command in ('freeze', 'thaw'):
            self.assertEqual((1, '', 'error: mariadb does not run.\n'),
                             self._command(command, 'mariadb'))
            code, out, err = self._command(command, 'cron')
            self.assertEqual((1, ''), (code, out))
            self.assertIn('There is no service cron; the services are: '
                          'mariadb, rabbitmq', err)

    def test_stopped_while_frozen(self):
        process.freeze(self.layout, self.NAME)
        began = time.monotonic()
        self.assertTrue(process.stop(self.layout, self.NAME, grace=30))
        self.assertLess(time.monotonic() - began, 20)
