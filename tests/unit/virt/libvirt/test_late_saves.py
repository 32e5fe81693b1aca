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

"""What stays in the record when saves are done late, in any order.

A conductor that executes what it was sent whenever it likes: while it is
frozen nothing, afterwards each call after a delay of its own, in any order,
whether somebody still waits for its answer or not. Time is virtual: while a
call is waited for everything else goes on.
"""

import heapq
import itertools
import random
from unittest import mock

import fixtures
from nova import test
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace
from nova_migprogress.virt.libvirt import progress_writer
from tests.unit.virt.libvirt import base

FINAL = 999
#: Seconds after the thaw in which a save that nobody waits for is done: a
#: conductor that connects to RabbitMQ again, a database that comes back.
LATEST = 200


class World:
    """Virtual time, the conductor and the record in the database."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = 1000.0
        self._events = []
        self._numbers = itertools.count()
        #: The record's memory_processed.
        self.row = None
        self.frozen = (-1.0, -1.0)
        #: Also of calls that found the conductor frozen only lately.
        self.straggling = 0.1
        self.late = 0

    def monotonic(self):
        return self.now

    def at(self, when, function, *args):
        heapq.heappush(self._events,
                       (max(when, self.now), next(self._numbers), function,
                        args))

    def run_until(self, when):
        """Let everything happen that happens until then."""
        while self._events and self._events[0][0] <= when:
            due, _number, function, args = heapq.heappop(self._events)
            self.now = max(self.now, due)
            function(*args)
        self.now = max(self.now, when)

    def run_out(self):
        while self._events:
            self.run_until(self._events[0][0])

    # A pool with threads for everybody.

    def submit(self, function):
        self.at(self.now, self._work, function)

    def hurry(self, function):
        for event in list(self._events):
            if event[2] == self._work and event[3] == (function,):
                self._events.remove(event)
                heapq.heapify(self._events)
                self.at(self.now, self._work, function)

    def _work(self, function):
        pause = function()
        if pause is not None:
            self.at(self.now + pause, self._work, function)

    # The conductor.

    def _execution(self):
        """When a call that is made now will be executed."""
        began, ended = self.frozen
        if began <= self.now < ended:
            if self.random.random() < 0.5:
                return ended + self.random.random()
            return ended + self.random.random() * LATEST
        if self.random.random() < self.straggling:
            # One of its processes is slower than the others.
            return self.now + self.random.random() * 40
        return self.now + 0.01

    def call(self, execute):
        """Make a call and wait for its answer as long as we do."""
        executed = self._execution()
        self.at(executed, execute)
        given_up = self.now + conductor.ANSWER_TIMEOUT
        self.run_until(min(executed, given_up))
        if executed > given_up:
            raise oslo_messaging.MessagingTimeout('no reply')

    def ping(self, _context):
        self.call(lambda: None)


class Migration(base.FakeMigration):

    def __init__(self, world):
        super().__init__()
        self._world = world

    def save(self):
        sent = self.memory_processed

        def execute():
            self._world.row = sent

        self._world.call(execute)


class LateSavesTestCase(test.NoDBTestCase):

    def start(self, seed):
        world = World(seed)
        for module in ('instance_progress', 'open_calls', 'pace',
                       'progress_record', 'progress_writer'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.time' % module, world))
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.conductor.ping', world.ping))
        # The percentage is another matter.
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.instance_progress.'
            'InstanceProgress.save', lambda *args: True))
        instance = base.FakeInstance()
        return world, progress_writer.ProgressWriter(
            world, lambda: 2, Migration(world), instance, 'migrating',
            pace.Pace(8), open_calls.OpenCalls())

    def migrate(self, world, writer, polls, saved):
        """Poll twice a second, then end as Nova does."""
        for number in range(1, polls):
            world.at(world.now + number / 2, writer.put,
                     base.numbered(number))
        end = world.now + polls / 2
        world.at(end, self.end, world, writer, saved)

    def end(self, world, writer, saved):
        writer.end()
        # Nova waits until it can save.
        waited = max(world.now, world.frozen[1]) + 0.3
        world.at(waited, self.save_by_nova, world, saved)
        world.at(waited + 0.2 + world.random.random(), writer.close,
                 base.numbered(FINAL), saved)

    def save_by_nova(self, world, saved):
        if saved:
            world.row = FINAL

    def test_any_order(self):
        wrong = []
        for seed in range(400):
            world, writer = self.start(seed)
            began = world.now + world.random.random() * 20
            world.frozen = (began, began + world.random.random() * 90)
            self.migrate(world, writer, world.random.randrange(10, 120),
                         saved=world.random.random() < 0.7)
            world.run_out()
            if world.row != FINAL:
                wrong.append((seed, world.row))
        self.assertEqual([], wrong)

    def test_one_answer_does_not_outdo_what_is_still_under_way(self):
        """The first of two conductors is frozen, the other one answers."""
        world, writer = self.start(0)
        world.straggling = 0
        executions = iter([world.now + 30, world.now + 10.6])
        world._execution = lambda: next(executions, world.now + 0.01)
        # Given up after 10 s; the next ones are answered.
        self.migrate(world, writer, 26, saved=True)
        world.run_out()
        self.assertEqual(FINAL, world.row)

    def test_no_call_more_when_all_were_answered(self):
        world, writer = self.start(0)
        world.straggling = 0
        self.migrate(world, writer, 26, saved=True)
        world.run_until(world.now + 13.2)
        calls = mock.Mock(side_effect=world.call)
        world.call = calls
        world.run_out()
        calls.assert_not_called()
