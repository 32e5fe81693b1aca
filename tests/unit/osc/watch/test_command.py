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

import _thread
import io
import os
import signal
import threading
from unittest import mock

import fixtures
from osc_lib import exceptions
import testtools

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts
from nova_migprogress.osc.watch import command
from tests.unit.osc import fakes

CAPABILITIES = discovery.Capabilities('2.105', '2.105', discovery.PROGRESS)


class Cloud:

    def __init__(self, capabilities=CAPABILITIES):
        self._capabilities = capabilities

    def capabilities(self):
        if isinstance(self._capabilities, Exception):
            raise self._capabilities
        return self._capabilities

    def server(self, name):
        raise errors.NotFound('no server has the name or ID %r' % name)

    def server_names(self, uuids):
        return {uuid: 'server-' + uuid[-1] for uuid in uuids}


class Follower:
    """Gives one snapshot after the other; then something happens."""

    def __init__(self, snapshots, at_last=None):
        self._snapshots = list(snapshots)
        self._at_last = at_last
        self._asked = threading.Event()

    @property
    def wait(self):
        # Long enough for each snapshot to be shown.
        return 0.25

    def poll(self):
        if self._snapshots:
            return self._snapshots.pop(0)
        if self._at_last:
            self._at_last()
        # As a cloud that does not answer any more.
        self._asked.wait(30)


def snapshot(*tracked, error=None, capabilities=CAPABILITIES):
    return follow.Snapshot(fakes.NOW.timestamp(), 0.0,
                           tracked, error, capabilities)


RUNNING = fakes.a_tracked(1)
DONE = fakes.a_tracked(1, verdicts.COMPLETED, status='completed')
FAILED = fakes.a_tracked(2, verdicts.FAILED, status='error')


class WatchTest(testtools.TestCase):

    def watch(self, *arguments, snapshots=(), at_last=None, cloud=None,
              stdout=None):
        """Run the command on a fake cloud; return its exit code."""
        self.app = mock.Mock()
        self.out = stdout or io.StringIO()
        self.app.stdout = self.out
        self.useFixture(fixtures.MockPatch(
            'nova_migprogress.osc.connection.connect',
            return_value=cloud or Cloud()))
        self.useFixture(fixtures.MockPatch(
            'nova_migprogress.client.follow.Follower',
            return_value=Follower(snapshots, at_last)))
        self.log = self.useFixture(fixtures.FakeLogger())
        watching = command.WatchMigrations(self.app, None)
        parsed = watching.get_parser('watch').parse_args(arguments)
        return watching.run(parsed)

    def test_completed(self):
        code = self.watch('--until-done', snapshots=[
            snapshot(RUNNING), snapshot(DONE)])
        self.assertEqual(0, code)
        lines = self.out.getvalue().splitlines()
        self.assertEqual(2, len(lines))
        self.assertIn('  server-1  ', lines[0])
        self.assertTrue(lines[1].endswith('completed'))

    def test_failed(self):
        self.assertEqual(2, self.watch('--until-done', snapshots=[
            snapshot(RUNNING, FAILED), snapshot(DONE)]))

    def test_nothing_to_watch(self):
        self.assertEqual(0, self.watch('--until-done', snapshots=[snapshot()]))

    def test_an_error_is_not_the_end(self):
        code = self.watch('--until-done', snapshots=[
            snapshot(RUNNING), snapshot(error=errors.ServerFailed('503')),
            snapshot(DONE)])
        self.assertEqual(0, code)
        self.assertIn('503', self.out.getvalue())
        self.assertIn('the cloud answers again', self.out.getvalue())

    def test_stall(self):
        for verdict in (verdicts.NOT_CONVERGING, verdicts.STALLED):
            tracked = fakes.a_tracked(3, verdict)
            self.assertEqual(3, self.watch('--fail-on-stall', snapshots=[
                snapshot(RUNNING), snapshot(RUNNING, FAILED, tracked)]))

    def test_stall_is_no_failure_unless_asked_for(self):
        tracked = fakes.a_tracked(1, verdicts.NOT_CONVERGING)
        self.assertEqual(0, self.watch('--until-done', snapshots=[
            snapshot(tracked), snapshot(DONE)]))

    def test_interrupted(self):
        for tracked, code in ((RUNNING, 130), (DONE, 0), (FAILED, 2)):
            self.assertEqual(code, self.watch(
                snapshots=[snapshot(tracked)],
                at_last=lambda: _later(_thread.interrupt_main)))

    def test_terminated(self):
        before = signal.getsignal(signal.SIGTERM)
        self.assertEqual(130, self.watch(
            snapshots=[snapshot(RUNNING)],
            at_last=lambda: _later(os.kill, os.getpid(), signal.SIGTERM)))
        self.assertEqual(before, signal.getsignal(signal.SIGTERM))

    def test_reader_gone(self):
        read, write = os.pipe()
        os.close(read)
        with open(write, 'w') as out:
            self.assertEqual(130, self.watch(snapshots=[snapshot(RUNNING)],
                                             stdout=out))

    def test_missing_is_told_once(self):
        poor = discovery.Capabilities(None, '2.80', discovery.SERVERS,
                                      ('No plugin \x1b here.',))
        self.watch('--until-done', cloud=Cloud(poor), snapshots=[
            snapshot(RUNNING, capabilities=poor),
            snapshot(DONE, capabilities=poor)])
        self.assertEqual(1, self.log.output.count('No plugin \\x1b here.'))

    def test_dead_at_first(self):
        code = self.watch(
            '--until-done', cloud=Cloud(errors.Unreachable('no route')),
            snapshots=[snapshot(error=errors.Unreachable('no route'),
                                capabilities=None), snapshot(DONE)])
        self.assertEqual(0, code)
        self.assertIn('no route', self.log.output)

    def test_never_allowed(self):
        error = self.assertRaises(
            exceptions.CommandError, self.watch,
            cloud=Cloud(errors.AuthenticationFailed('who?')))
        self.assertEqual('who?', str(error))

    def test_no_such_server(self):
        error = self.assertRaises(exceptions.CommandError, self.watch, 'nn')
        self.assertIn("'nn'", str(error))

    def test_recording(self):
        path = os.path.join(self.useFixture(fixtures.TempDir()).path, 'r')
        self.watch('--until-done', '--record', path,
                   snapshots=[snapshot(RUNNING), snapshot(DONE)])
        with open(path) as recording:
            lines = recording.readlines()
        self.assertEqual(2, len(lines))
        self.assertIn('"name": "server-1"', lines[0])
        self.assertIn('"status": "completed"', lines[1])

    def test_unwritable_recording(self):
        error = self.assertRaises(
            exceptions.CommandError, self.watch, '--record', '/',
            cloud=Cloud(AssertionError('the cloud is asked too early')))
        self.assertIn("'/'", str(error))


def _later(function, *arguments):
    # Once the snapshot before has been shown.
    timer = threading.Timer(0.5, function, arguments)
    timer.daemon = True
    timer.start()
