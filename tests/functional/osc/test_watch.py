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
import json
import os
import re
import signal
import time

from oslo_utils.fixture import uuidsentinel as uuids
from oslo_utils import timeutils

from nova_migprogress import fields
from nova_migprogress.osc.watch import view
from tests.functional.osc import base

GIB = 1024 ** 3
WATCH = ('server', 'migration', 'watch')

_ESCAPE = re.compile('\x1b\\[[?0-9;]*[a-zA-Z]')


class Story:
    """Does one thing after each so many requests for migrations.

    :param served: the paths that were asked for
    :param steps: functions without parameters
    """

    def __init__(self, served, *steps):
        self._served = served
        self._steps = list(steps)
        self._seen = 0

    def __call__(self, out):
        seen = sum(path.startswith('/v2.1/os-migrations')
                   for path in self._served)
        if seen > self._seen and self._steps:
            self._seen = seen
            self._steps.pop(0)()


class WatchTest(base.ShellTestCase):
    """``openstack server migration watch`` as it is typed."""

    def setUp(self):
        super().setUp()
        self.serve()
        created = timeutils.utcnow() - datetime.timedelta(seconds=60)
        for minute, name in ((1, 'web'), (2, 'db')):
            self.add_migration(
                minute, created_at=created, memory_total=GIB,
                memory_processed=GIB // 4, memory_remaining=3 * GIB // 4,
                disk_total=0, disk_processed=0, disk_remaining=0)
            self.change(minute)
            self.add_server(getattr(uuids, 'server_%d' % minute), name)

    def go_on(self):
        self.change(1, memory_processed=GIB // 2, memory_remaining=GIB // 2)

    def end(self, minute, status='completed'):
        self.change(minute, status=status, memory_remaining=0)

    def test_pipe_until_done(self):
        path = os.path.join(self.home, 'night.jsonl')
        result = self.openstack(
            *WATCH, '--until-done', '--record', path,
            tick=Story(self.served, self.go_on, lambda: self.end(1),
                       lambda: self.end(2)))
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertNotIn('\x1b', result.out)
        lines = [line.split('  ') for line in result.out.splitlines()]
        web = [line[4:] for line in lines if line[1] == 'web']
        self.assertEqual(['live', 'running', 'first pass', '25%'],
                         web[0][:4])
        self.assertEqual(['live', 'completed', '100%', 'remaining 0 B',
                          'completed'], web[-1])
        self.assertIn('50%', [line[3] for line in web])
        self.assertEqual(2, len([line for line in lines
                                 if line[1] == 'db']), result.out)
        # Once for each refresh, and for the names once.
        self.assertEqual(1, sum('/servers' in path for path in self.served))
        with open(path) as recording:
            samples = [json.loads(line) for line in recording]
        mine = [sample for sample in samples if sample['name'] == 'web']
        self.assertEqual(['running', 'running', 'completed'],
                         [sample['status'] for sample in mine])
        self.assertEqual([3 * GIB // 4, GIB // 2, 0],
                         [sample['memory_remaining'] for sample in mine])
        self.assertEqual({uuids.migration_cell1_1},
                         {sample['uuid'] for sample in mine})
        for sample in samples:
            self.assertLessEqual(set(fields.NAMES), set(sample))

    def test_terminal_until_done(self):
        for size, words in (((80, 24), 'Server Phase Progress % Remaining ETA '
                             'Verdict'),
                            ((200, 50), 'Server From To Type Project')):
            for minute in (1, 2):
                self.change(minute, status='running')
            del self.served[:]
            result = self.openstack(
                *WATCH, 'web', '--until-done', size=size,
                tick=Story(self.served, self.go_on, lambda: self.end(1)))
            self.assertEqual((0, ''), (result.code, result.err))
            live, _left, last = result.out.partition('\x1b[?1049l')
            self.assertIn('50%', live)
            lines = _ESCAPE.sub('', last).replace('\r', '').splitlines()
            self.assertTrue(lines[0].startswith('1 migration, seen '))
            self.assertEqual('1 completed', lines[1])
            self.assertTrue(' '.join(lines[2].split()).startswith(words))
            self.assertIn('web', lines[3])
            for line in lines:
                self.assertLessEqual(len(line), size[0])
            self.assertIn('\x1b[1;32m', live)

    def test_no_color(self):
        result = self.openstack(
            *WATCH, '--until-done', size=(120, 24), env={'NO_COLOR': '1'},
            tick=Story(self.served, self.go_on,
                       lambda: (self.end(1), self.end(2, 'error'))))
        self.assertEqual((2, ''), (result.code, result.err))
        self.assertIsNone(re.search('\x1b\\[[0-9;]*[349][0-9]', result.out))
        self.assertIn('failed', result.out)

    def test_cancelled(self):
        result = self.openstack(
            *WATCH, '--until-done', '--source', 'compute1',
            tick=Story(self.served, lambda: (
                self.end(1), self.end(2, 'cancelled'))))
        self.assertEqual(2, result.code, result.err)

    def test_dead_api(self):
        def dead(environ, start_response):
            start_response('503 Service Unavailable', [
                ('Content-Type', 'text/plain'), ('Content-Length', '0')])
            return []

        def die():
            self.instead = dead

        def live():
            self.instead = None
            self.end(1)
            self.end(2)

        result = self.openstack(
            *WATCH, '--until-done', size=(100, 24),
            tick=Story(self.served, self.go_on, die, lambda: None, live))
        self.assertEqual((0, ''), (result.code, result.err))
        # The rows stay while nothing answers.
        dead_ones = [frame for frame in _ESCAPE.sub('', result.out).split(
            '2 migrations') if '503' in frame.partition('\n')[0]]
        self.assertTrue(dead_ones)
        for frame in dead_ones:
            self.assertIn('web', frame)
            self.assertRegex(frame.splitlines()[0],
                             r'^, seen \d+s ago; GET /os-migrations: 503')

    def test_slow_api(self):
        def hang(environ, start_response):
            time.sleep(view.SLOW + 3)
            start_response('502 Bad Gateway', [
                ('Content-Type', 'text/html'), ('Content-Length', '0')])
            return []

        def slow():
            self.instead = hang

        def live():
            self.instead = None
            self.end(1)
            self.end(2)

        result = self.openstack(*WATCH, '--until-done',
                                tick=Story(self.served, slow, live))
        self.assertEqual((0, ''), (result.code, result.err))
        self.assertRegex(result.out,
                         r'  seen \d+s ago; no answer for 1\ds\n')
        self.assertIn('  the cloud answers again\n', result.out)

    def test_interrupted(self):
        for number, code, end in ((signal.SIGINT, 130, None),
                                  (signal.SIGTERM, 130, None),
                                  (signal.SIGINT, 2, 'error')):
            process = self.start(*WATCH, 'web')

            def stop(out):
                if end and 'running' in out:
                    self.end(1, end)
                if (end or 'running') in out and not sent:
                    sent.append(process.send_signal(number))

            sent = []
            self.change(1, status='running')
            result = self.finish(process, tick=stop)
            self.assertEqual((code, ''), (result.code, result.err))

    def test_reader_gone(self):
        process = self.start(*WATCH)

        def close(out):
            if out and not closed:
                closed.append(True)
                # What is printed from now on has no reader.
                os.dup2(null, process.stdout.fileno())
                self.end(1)

        closed = []
        null = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, null)
        result = self.finish(process, tick=close)
        self.assertEqual('', result.err)
        self.assertEqual(130, result.code)

    def test_bad_input(self):
        for arguments, words in ((['--record', '/'], "'/' cannot be written"),
                                 (['nobody'], "'nobody'")):
            result = self.openstack(*WATCH, *arguments)
            self.assertEqual((1, ''), (result.code, result.out))
            self.assertIn(words, result.err)
            self.assertNotIn('Traceback', result.err)

    def assertRegex(self, text, pattern):
        self.assertIsNotNone(re.search(pattern, text), text)
