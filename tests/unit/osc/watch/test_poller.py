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

import threading
import time

import testtools

from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.osc.watch import poller
from tests.unit.osc import fakes


class Cloud:

    def server_names(self, uuids):
        return {uuid: 'name of ' + uuid for uuid in uuids}


class Nameless:

    def server_names(self, uuids):
        raise errors.Forbidden('no')


class Follower:
    """Gives what it is told to, then waits for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.over = threading.Event()

    @property
    def wait(self):
        return 0.0 if self.answers else 100.0

    def poll(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer()
        return answer


def snapshot(*tracked, error=None):
    return follow.Snapshot(1.0, 0.0, tracked, error, None)


class PollerTest(testtools.TestCase):

    def start(self, *answers, cloud=None, **kwargs):
        started = poller.Poller(Follower(*answers), cloud or Cloud(),
                                **kwargs)
        self.addCleanup(started.join, 10)
        self.addCleanup(started.stop)
        started.start()
        return started

    def last(self, started, number):
        poll = poller.Poll()
        while poll.number < number:
            before, poll = poll, started.after(poll.number, 10)
            self.assertGreater(poll.number, before.number)
        return poll

    def test_pictures_with_names(self):
        kept = []
        started = self.start(
            snapshot(), snapshot(fakes.a_tracked()),
            keep=lambda snapshot, names: kept.append((snapshot, names)))
        poll = self.last(started, 2)
        uuid = fakes.a_record().instance_uuid
        self.assertEqual((fakes.a_tracked(),), poll.snapshot.tracked)
        self.assertEqual({uuid: 'name of ' + uuid}, poll.names)
        started.stop()
        started.join(10)
        self.assertEqual([snapshot(), poll.snapshot], [k[0] for k in kept])

    def test_names_are_optional(self):
        poll = self.last(self.start(snapshot(fakes.a_tracked()),
                                    cloud=Nameless()), 1)
        self.assertEqual(1, len(poll.snapshot.tracked))
        self.assertEqual({}, poll.names)

    def test_errors_keep_names(self):
        error = errors.Unreachable('gone')
        poll = self.last(self.start(
            snapshot(fakes.a_tracked()),
            snapshot(fakes.a_tracked(), error=error)), 2)
        self.assertIs(error, poll.snapshot.error)
        self.assertEqual(1, len(poll.names))

    def test_nothing_ends_it(self):
        started = self.start(RuntimeError('a bug'), snapshot())
        poll = self.last(started, 1)
        self.assertEqual('a bug', str(poll.fault))
        poll = self.last(started, 2)
        self.assertIsNone(poll.fault)
        self.assertEqual(snapshot(), poll.snapshot)

    def test_a_hanging_question(self):
        answer = threading.Event()
        self.addCleanup(answer.set)

        def hang():
            answer.wait(10)
            return snapshot()

        started = self.start(hang)
        began = time.monotonic()
        poll = started.after(0, 0.2)
        self.assertLess(time.monotonic() - began, 5)
        self.assertIsNone(poll.snapshot)
        self.assertIsNotNone(started.asking_since)
        answer.set()
        self.assertEqual(snapshot(), self.last(started, 1).snapshot)

    def test_does_not_keep_the_process(self):
        self.assertTrue(self.start().daemon)
