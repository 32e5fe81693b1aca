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

"""Threads that write, few and only as long as there is something to write.

They are daemons: a service that ends does not wait for a conductor that does
not answer.
"""

import heapq
import itertools
import threading
import time

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

#: Seconds until a write that failed and has to be made is tried again.
RETRY_PAUSE = 2


class Writers:
    """A bounded pool of writer threads.

    What is to be written has a method write(), which returns True if it wants
    to be called again, and an attribute ``failing``, which puts that off for
    RETRY_PAUSE seconds.

    :param max_writers: how many threads there are at the most
    """

    def __init__(self, max_writers):
        self._max_writers = max_writers
        self._changed = threading.Condition()
        #: A heap of (time from which on it is due, number, what to write).
        self._waiting = []
        self._numbers = itertools.count()
        self._writers = 0
        #: A writer thread waits until the first of the waiting is due.
        self._pausing = False

    def submit(self, recording):
        """Let a writer thread call recording.write() soon.

        :raises RuntimeError: no thread could be started
        """
        with self._changed:
            entry = self._push(recording)
            self._changed.notify()
        try:
            self._start_writer()
        except Exception:
            with self._changed:
                if not self._writers and entry in self._waiting:
                    self._waiting.remove(entry)
                    heapq.heapify(self._waiting)
                    raise

    def _push(self, recording, pause=0):
        entry = (time.monotonic() + pause, next(self._numbers), recording)
        heapq.heappush(self._waiting, entry)
        return entry

    def _start_writer(self):
        with self._changed:
            if self._writers >= self._max_writers:
                return
            self._writers += 1
        try:
            threading.Thread(target=self._write_all, daemon=True,
                             name='migration-progress-writer').start()
        except Exception:
            with self._changed:
                self._writers -= 1
            raise

    def _write_all(self):
        while True:
            with self._changed:
                recording = self._next()
                if recording is None:
                    self._writers -= 1
                    return
                unattended = self._waiting and not self._pausing
            try:
                if unattended:
                    self._start_writer()
            except Exception as exc:
                LOG.debug('No further thread to write progress: %s', exc)
            try:
                again = recording.write()
            except Exception:
                LOG.exception('Writing migration progress failed')
                continue
            if again:
                pause = RETRY_PAUSE if recording.failing else 0
                with self._changed:
                    self._push(recording, pause)

    def _next(self):
        """Wait for what is to be written next; None when a thread may end."""
        while self._waiting:
            pause = self._waiting[0][0] - time.monotonic()
            if pause <= 0:
                return heapq.heappop(self._waiting)[-1]
            if self._pausing:
                # One thread is enough to wait.
                break
            self._pausing = True
            self._changed.wait(pause)
            self._pausing = False
        return None
