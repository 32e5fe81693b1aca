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
        result = poller.PollResult()
        while result.number < number:
            known = result.number
            result = started.wait_for_result(known, 10)
            self.assertGreater(result.number, known)
        return result

    def test_snapshots_with_names(self):
        taken = []
        started = self.start(
            snapshot(), snapshot(fakes.a_tracked()),
            on_snapshot=lambda *arguments: taken.append(arguments))
        result = self.last(started, 2)
        uuid = fakes.a_record().instance_uuid
        self.assertEqual((fakes.a_tracked(),), result.snapshot.tracked)
        self.assertEqual({uuid: 'name of ' + uuid}, result.server_names)
        started.stop()
        started.join(10)
        self.assertEqual([snapshot(), result.snapshot],
                         [each for each, _names in taken])

    def test_names_are_optional(self):
        result = self.last(self.start(snapshot(fakes.a_tracked()),
                                      cloud=Nameless()), 1)
        self.assertEqual(1, len(result.snapshot.tracked))
        self.assertEqual({}, result.server_names)

    def test_errors_keep_names(self):
        error = errors.Unreachable('gone')
        result = self.last(self.start(
            snapshot(fakes.a_tracked()),
            snapshot(fakes.a_tracked(), error=error)), 2)
        self.assertIs(error, result.snapshot.error)
        self.assertEqual(1, len(result.server_names))

    def test_nothing_ends_it(self):
        started = self.start(RuntimeError('a bug'), snapshot())
        result = self.last(started, 1)
        self.assertEqual('a bug', str(result.fault))
        result = self.last(started, 2)
        self.assertIsNone(result.fault)
        self.assertEqual(snapshot(), result.snapshot)

    def test_a_hanging_poll(self):
        answer = threading.Event()
        self.addCleanup(answer.set)

        def hang():
            answer.wait(10)
            return snapshot()

        started = self.start(hang)
        began = time.monotonic()
        result = started.wait_for_result(0, 0.2)
        self.assertLess(time.monotonic() - began, 5)
        self.assertIsNone(result.snapshot)
        self.assertIsNotNone(started.polling_since)
        answer.set()
        self.assertEqual(snapshot(), self.last(started, 1).snapshot)

    def test_does_not_keep_the_process(self):
        self.assertTrue(self.start().daemon)
