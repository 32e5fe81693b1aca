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
import types
from unittest import mock

import fixtures
from nova import test

from nova_migprogress.virt.libvirt import thread_pool
from tests.unit.virt.libvirt import threads

NAME = 'worker-of-this-test'
NO_THREAD = RuntimeError("can't start new thread")


class ThreadPoolTestCase(threads.ThreadsMixin, test.NoDBTestCase):

    THREAD = NAME

    def setUp(self):
        super().setUp()
        self.pool = thread_pool.ThreadPool(2, NAME)

    def test_threads_are_bounded_and_end(self):
        go = threading.Event()
        called = []
        for number in range(20):
            self.pool.submit(lambda number=number: (
                go.wait(10), called.append(number))[1])
        self.assertEqual(2, self.threads())
        self.assertEqual([], called)
        go.set()
        self.wait()
        self.assertEqual(list(range(20)), sorted(called))

    def test_one_thread_keeps_the_order(self):
        go = threading.Event()
        called = []
        one = thread_pool.ThreadPool(1, NAME)
        for number in range(5):
            one.submit(lambda number=number: (
                go.wait(10), called.append(number))[1])
        go.set()
        self.wait()
        self.assertEqual(list(range(5)), called)
        # No thread is left, and the next one gets another.
        one.submit(lambda: called.append(5))
        self.wait()
        self.assertEqual(5, called[-1])

    def test_order_of_what_is_called_again(self):
        """It is behind what waits, and before what comes later."""
        called = []
        one = thread_pool.ThreadPool(1, NAME)
        ready = threading.Event()

        def again():
            ready.wait(10)
            called.append('again')
            return 0 if len(called) == 1 else None

        one.submit(again)
        one.submit(lambda: (
            called.append('first'),
            one.submit(lambda: called.append('last')))[1])
        ready.set()
        self.wait()
        self.assertEqual(['again', 'first', 'again', 'last'], called)

    def test_no_thread_more_than_there_is_work(self):
        started = []
        start = threading.Thread.start
        self.useFixture(fixtures.MonkeyPatch(
            'threading.Thread.start',
            lambda thread: (started.append(thread), start(thread))[1]))
        for number in (1, 2):
            self.pool.submit(lambda: None)
            self.wait()
            self.assertEqual(number, len(started))

    def assert_bounded(self, pool, limit):
        go = threading.Event()
        self.addCleanup(go.set)
        for _number in range(limit + 2):
            pool.submit(lambda: go.wait(10) and None)
        self.assertEqual(limit, self.threads())
        go.set()
        self.wait()

    def test_threads_are_bounded_after_failures(self):
        with mock.patch('threading.Thread.start', side_effect=NO_THREAD):
            for _number in range(3):
                self.assertRaises(RuntimeError, self.pool.submit, None)
        self.assert_bounded(self.pool, 2)

        def end():
            raise SystemExit()

        with mock.patch('threading.excepthook'):
            for _number in range(3):
                self.pool.submit(end)
                self.wait()
        self.assert_bounded(self.pool, 2)

    def test_service_that_ends_waits_for_no_thread(self):
        threads = []
        self.pool.submit(
            lambda: threads.append(threading.current_thread().daemon))
        self.wait()
        self.assertEqual([True], threads)

    def test_failure_does_not_end_the_thread(self):
        go = threading.Event()
        called = []

        def fail():
            go.wait(10)
            raise ValueError('bad')

        one = thread_pool.ThreadPool(1, NAME)
        one.submit(fail)
        one.submit(lambda: called.append(1))
        go.set()
        self.wait()
        self.assertEqual([1], called)
        self.assertIn('A task of the thread %s failed' % NAME,
                      self.stdlog.logger.output)

    def test_called_again(self):
        results = [0, 0.01, None]
        called = []

        def work():
            called.append(time.monotonic())
            return results.pop(0)

        self.pool.submit(work)
        self.wait()
        self.assertEqual(3, len(called))
        self.assertGreaterEqual(called[2] - called[1], 0.01)

    def test_one_that_waits_keeps_no_thread(self):
        called = []
        for _number in range(20):
            self.pool.submit(lambda: (called.append('waits'), 1000)[1])
        self.wait_for(lambda: len(called) == 20)
        for _number in range(5):
            self.pool.submit(lambda: called.append('done'))
        self.wait_for(lambda: called.count('done') == 5)
        # One thread is left, which waits.
        self.wait_for(lambda: self.threads() == 1)
        self.assertEqual(20, called.count('waits'))
        # The rest of the test's process has no use for it.
        with self.pool._changed:
            self.pool._waiting.clear()
            self.pool._changed.notify_all()
        self.wait()

    def test_those_that_waited_are_called_beside_each_other(self):
        go = threading.Event()
        together = threading.Barrier(2)
        passed = []

        def work():
            if not go.is_set():
                return 0.01
            together.wait(10)
            passed.append(1)

        for _number in range(2):
            self.pool.submit(work)
        self.wait_for(lambda: self.threads() == 1)
        go.set()
        # Only two threads at a time can pass the barrier.
        self.wait()
        self.assertEqual([1, 1], passed)

    def test_no_further_thread_can_be_started(self):
        go = threading.Event()
        called = []

        def work():
            go.wait(10)
            called.append(1)

        self.pool.submit(work)
        with mock.patch('threading.Thread.start', side_effect=NO_THREAD):
            for _number in range(2):
                self.pool.submit(work)
            go.set()
            self.wait()
        self.assertEqual([1, 1, 1], called)

    def test_no_thread_can_be_started(self):
        called = []
        with mock.patch('threading.Thread.start', side_effect=NO_THREAD):
            self.assertRaises(RuntimeError, self.pool.submit,
                              lambda: called.append(1))
        self.pool.submit(lambda: called.append(2))
        self.wait()
        self.assertEqual([2], called)

    def test_thread_that_is_ended_gives_its_place_back(self):
        called = []
        go = threading.Event()

        def end():
            go.wait(10)
            raise SystemExit()

        one = thread_pool.ThreadPool(1, NAME)
        one.submit(end)
        one.submit(lambda: called.append(1))
        go.set()
        self.wait()
        # By another one.
        self.assertEqual([1], called)
        one.submit(lambda: called.append(2))
        self.wait()
        self.assertEqual([1, 2], called)

    def test_thread_that_is_ended_while_it_waits(self):
        one = thread_pool.ThreadPool(1, NAME)
        called = []
        wait = one._changed.wait
        ends = [SystemExit()]

        def ended(pause):
            if ends:
                raise ends.pop()
            return wait(pause)

        one._changed.wait = ended
        results = [0.01, None]
        one.submit(lambda: (called.append(1), results.pop(0))[1])
        self.wait()
        self.assertEqual([1, 1], called)
        self.assertFalse(one._pausing)

    def test_hurry_what_waits(self):
        results = [1000, None]
        called = []

        def work():
            called.append(1)
            return results.pop(0)

        self.pool.submit(work)
        self.wait_for(lambda: self.pool._pausing)
        self.pool.hurry(work)
        self.wait()
        self.assertEqual([1, 1], called)

    def test_hurry_once(self):
        """It pauses as it wants to after that."""
        results = [1000, 1000, None]
        called = []

        def work():
            called.append(1)
            return results.pop(0)

        self.pool.submit(work)
        for number in (1, 2):
            self.wait_for(lambda: self.pool._pausing)
            self.assertEqual([1] * number, called)
            self.pool.hurry(work)
            self.wait_for(lambda: len(called) > number)
        self.wait()
        self.assertEqual([1] * 3, called)

    def test_hurry_one_of_several(self):
        """The others keep the order in which they are due."""
        one = thread_pool.ThreadPool(1, NAME)
        now = 100
        go = threading.Event()
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.thread_pool.time',
            types.SimpleNamespace(monotonic=lambda: now)))
        called = []

        def make(number):
            results = [1000 + number, None]

            def work():
                called.append(number)
                return results.pop(0)
            return work

        works = [make(number) for number in range(6)]
        one.submit(lambda: go.wait() and None)
        for work in works:
            one.submit(work)
        go.set()
        self.wait_for(lambda: one._pausing and len(called) == 6)
        del called[:]
        one.hurry(works[0])
        self.wait_for(lambda: one._pausing and called)
        self.assertEqual([0], called)
        now = 2000
        one.submit(lambda: None)
        self.wait()
        self.assertEqual([0, 1, 2, 3, 4, 5], called)

    def test_hurry_what_nobody_attends_to(self):
        """No thread could be started when there was but one, now at work."""
        go = threading.Event()
        self.addCleanup(go.set)
        results = [1000, None]
        called = []

        def work():
            called.append(1)
            return results.pop(0)

        self.pool.submit(work)
        self.wait_for(lambda: self.pool._pausing)
        with mock.patch('threading.Thread.start', side_effect=NO_THREAD):
            self.pool.submit(lambda: go.wait() and None)
            self.wait_for(lambda: not self.pool._pausing)
            self.pool.hurry(work)
        self.pool.hurry(work)
        self.wait_for(lambda: len(called) == 2)
        self.assertEqual(1, self.threads())

    def test_hurry_what_is_about_to_wait(self):
        results = [1000, None]
        called = []
        go = threading.Event()

        def work():
            called.append(1)
            go.wait(10)
            return results.pop(0)

        self.pool.submit(work)
        self.wait_for(lambda: called)
        self.pool.hurry(work)
        go.set()
        self.wait()
        self.assertEqual([1, 1], called)
        self.assertEqual([], self.pool._hurried)
