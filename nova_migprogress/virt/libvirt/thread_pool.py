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

"""Threads for what may have to wait, few and only as long as there is work.

They are daemons: a service that ends does not wait for a conductor that does
not answer.
"""

import collections.abc
import heapq
import itertools
import math
import threading
import time
import typing

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

#: Returns the seconds after which it wants to be called again, or None.
Task = collections.abc.Callable[[], typing.Optional[float]]
#: The time from which on it is due, its number, and what is due.
_Entry = tuple[float, int, Task]


class ThreadPool:
    """A bounded pool of threads that call functions in the order of coming.

    A function returns None, or the seconds after which it wants to be called
    again; until then it keeps no thread from the others.

    :param limit: how many threads there are at the most
    :param name: of each of them
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        #: Guards all that follows.
        self._changed = threading.Condition()
        #: A heap of what waits to be called.
        self._waiting: list[_Entry] = []
        #: What hurry() did not find waiting.
        self._hurried: list[Task] = []
        self._numbers = itertools.count()
        #: How many threads there are.
        self._threads = 0
        #: A thread waits until the first of the waiting is due.
        self._pausing = False

    def submit(self, function: Task) -> None:
        """Let a thread call a function soon; returns at once.

        :raises RuntimeError: no thread could be started; the function is
            forgotten
        """
        with self._changed:
            entry = self._push(function)
            self._changed.notify()
        try:
            self._start_thread()
        except Exception:
            with self._changed:
                if not self._threads and entry in self._waiting:
                    self._waiting.remove(entry)
                    heapq.heapify(self._waiting)
                    raise

    def hurry(self, function: Task) -> None:
        """Let a function that was submitted, and pauses, be called now.

        One that is being called at this moment is called again at once if it
        wants to be called again at all.
        """
        with self._changed:
            for entry in self._waiting:
                if entry[-1] == function:
                    self._waiting.remove(entry)
                    heapq.heapify(self._waiting)
                    self._push(function, -math.inf)
                    break
            else:
                self._hurried.append(function)
            self._changed.notify()
        try:
            self._start_thread()
        except Exception as exc:
            LOG.debug('No further thread %s: %s', self._name, exc)

    def _push(self, function: Task, pause: float = 0) -> _Entry:
        entry = (time.monotonic() + pause, next(self._numbers), function)
        heapq.heappush(self._waiting, entry)
        return entry

    def _start_thread(self) -> None:
        with self._changed:
            if self._threads >= self._limit:
                return
            self._threads += 1
        try:
            threading.Thread(target=self._work, daemon=True,
                             name=self._name).start()
        except Exception:
            with self._changed:
                self._threads -= 1
            raise

    def _work(self) -> None:
        try:
            while self._call_next():
                pass
        except BaseException:
            # The thread is ended from outside. It gives its place back, and
            # what waits is not left alone.
            with self._changed:
                self._threads -= 1
                waiting = bool(self._waiting)
            try:
                if waiting:
                    self._start_thread()
            except Exception as exc:
                LOG.debug('No other thread %s: %s', self._name, exc)
            raise

    def _call_next(self) -> bool:
        """Call what is due next.

        :returns: False when the thread has given up its place
        """
        with self._changed:
            function = self._wait_for_next()
            if function is None:
                self._threads -= 1
                return False
            unattended = self._waiting and not self._pausing
        try:
            if unattended:
                self._start_thread()
        except Exception as exc:
            LOG.debug('No further thread %s: %s', self._name, exc)
        pause = None
        try:
            pause = function()
        except Exception:
            LOG.exception('A task of the thread %s failed', self._name)
        finally:
            with self._changed:
                hurried = function in self._hurried
                if hurried:
                    self._hurried.remove(function)
                if pause is not None:
                    self._push(function, -math.inf if hurried else pause)
        return True

    def _wait_for_next(self) -> typing.Optional[Task]:
        """Wait for what is to be called next; None when a thread may end."""
        while self._waiting:
            pause = self._waiting[0][0] - time.monotonic()
            if pause <= 0:
                return heapq.heappop(self._waiting)[-1]
            if self._pausing:
                # One thread is enough to wait.
                break
            self._pausing = True
            try:
                self._changed.wait(pause)
            finally:
                self._pausing = False
        return None
