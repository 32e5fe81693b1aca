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

"""Write the newest sample of one migration without ever blocking it.

The thread that observes a migration hands samples over and goes on; writer
threads, see thread_pool.py, make the RPC calls to the conductor. One write per
migration is under way at any time; samples that arrive meanwhile replace each
other, only the newest is written next.

Threads are made by the threading module, which is green where Nova has patched
it: the same code works under native threads and under eventlet.
"""

import collections.abc
import enum
import math
import threading
import time
import typing

from nova import exception as nova_exception
from oslo_log import log as logging
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import instance_progress
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace as pace_module
from nova_migprogress.virt.libvirt import progress_record
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)

#: Seconds for which the numbers of an ended migration are tried to be saved
#: when Nova did not save them.
FINAL_WRITE_PATIENCE = 900
#: Seconds until such a write that failed is tried again.
RETRY_PAUSE = 2
#: Seconds after which the final sample is saved once more, each time, where a
#: save before it was given up. That one may still be done, and nothing tells
#: when: it may be in the hands of a conductor that is frozen, that connects to
#: RabbitMQ again, or that waits for the database. In the database a save that
#: changes nothing is a SELECT without an UPDATE.
REPEAT_PAUSES = (1, 2, 4, 8, 16, 32, 64, 128)


class Phase(enum.Enum):
    """What is to be written of a migration, which only goes down this list."""

    #: The newest sample, once every interval.
    RUNNING = 'running'
    #: Nothing: Nova ends the migration, and its own save has the numbers.
    ENDED = 'ended'
    #: The final sample, which Nova's save may not have or may not keep, until
    #: it is saved, for good, or FINAL_WRITE_PATIENCE is over.
    FINAL = 'final'
    #: Nothing: the record of the migration is not there any more.
    GONE = 'gone'


class _Attempt:
    """One call of write()."""

    def __init__(self) -> None:
        #: What is saved, None as long as that is not known.
        self.sample: typing.Optional[job_stats.ProgressNumbers] = None
        #: It is the final one.
        self.final = False
        self.saved = False
        #: For how long the conductor was at work for it.
        self.seconds = 0.0


class ProgressWriter:
    """The slot of one migration: its newest sample and its writes.

    :param threads: call write() when there is something to write
    :param get_interval: returns the seconds between two writes
    :param migration: the nova.objects.Migration that Nova works with, or one
        of which only the id is known; it is copied, never saved
    :param instance: the nova.objects.Instance that is migrated; copied
    :param task_state: the instance's while the migration runs
    :param pace: admits the writes of all migrations
    :param calls: those of all migrations that wait for an answer
    """

    def __init__(self, threads: thread_pool.ThreadPool,
                 get_interval: collections.abc.Callable[[], float],
                 migration: 'objects.Migration',
                 instance: 'objects.Instance', task_state: str,
                 pace: pace_module.Pace,
                 calls: open_calls.OpenCalls) -> None:
        self._threads = threads
        self._get_interval = get_interval
        self._pace = pace
        self._calls = calls
        self._log_instance = instance
        # Of each attribute is said who may touch it. What is guarded by the
        # lock may be read without it where a value that is a moment old does
        # as well; what is write()'s belongs to one thread at a time.
        self._lock = threading.Lock()
        #: Guarded by the lock.
        self._phase = Phase.RUNNING
        #: What is written next. Guarded by the lock.
        self._newest: typing.Optional[job_stats.ProgressNumbers] = None
        #: What the last write saved, None if it failed. Guarded by the lock.
        self._written: typing.Optional[job_stats.ProgressNumbers] = None
        #: A call of write() is waited for or under way. Guarded by the lock:
        #: whoever makes it true submits that call, which makes it false.
        self._writing = False
        #: That call has begun to save. Guarded by the lock.
        self._saving = False
        #: That call waits for its turn. Guarded by the lock.
        self._held_back = False
        #: time.monotonic() when the last write of a running migration was
        #: submitted, or when it was its turn. Guarded by the lock.
        self._last_write = -math.inf
        #: time.monotonic() until which the last save took enough time.
        #: Guarded by the lock.
        self._rests_until = -math.inf
        #: When Nova began to end the migration a write was under way or had
        #: not been answered: it may land after Nova's own. Guarded by the
        #: lock.
        self._overlapping = False
        #: A save of other than the final sample was given up: it may land at
        #: any time, however many others have been answered since. Guarded by
        #: the lock.
        self._given_up = False
        #: How often the final sample has been saved. Touched by write() only.
        self._final_saves = 0
        #: time.monotonic() when the final sample is given up. Guarded by the
        #: lock.
        self._final_deadline = -math.inf
        #: The last write was not answered: it may still be done later. Set by
        #: write() only, read by others.
        self._unanswered = False
        #: Touched by write() only, but for what it tells.
        self._record = progress_record.ProgressRecord(migration, instance)
        #: Touched by write() only.
        self._instance_progress = instance_progress.InstanceProgress(
            instance, task_state)

    def put(self, sample: job_stats.ProgressNumbers) -> None:
        """Take a new sample; returns at once.

        The first one is written at once, then one every interval.
        """
        now = time.monotonic()
        interval = self._get_interval()
        with self._lock:
            if self._phase is not Phase.RUNNING:
                return
            self._newest = sample
            # What was given up may have landed meanwhile.
            unchanged = sample == self._written and not self._given_up
            if (self._writing or unchanged or
                    now - self._last_write < interval or
                    now < self._rests_until):
                return
            self._last_write = now
            self._writing = True
        self._submit()

    def end(self) -> None:
        """Start no write of a running migration any more; returns at once."""
        with self._lock:
            self._leave_running()
            self._overlapping = self._saving or self._unanswered
            waiting = self._writing and not self._saving
        if waiting:
            # It will find that there is nothing to do; no thread is to wait
            # for its turn until then.
            self._threads.hurry(self.write)

    def close(self, final: typing.Optional[job_stats.ProgressNumbers],
              saved: bool, unanswered: bool = False) -> None:
        """Make sure that the final sample is what stays; returns at once.

        :param final: the last sample of the migration, or None
        :param saved: Nova's own final save carried that sample
        :param unanswered: another's save of the migration was given up, too
        """
        with self._lock:
            self._leave_running()
            self._given_up = self._given_up or unanswered
            if final is None or self._phase is Phase.GONE:
                return
            self._newest = final
            # A write that was under way when the migration ended may have
            # landed after Nova's own, and one that was given up may yet.
            if saved and not self._overlapping and not self._given_up:
                return
            self._phase = Phase.FINAL
            self._final_deadline = time.monotonic() + FINAL_WRITE_PATIENCE
            if self._saving:
                # It goes on with this sample when it is done.
                return
            waiting = self._writing
            self._writing = True
        if waiting:
            self._threads.hurry(self.write)
        else:
            self._submit()

    @property
    def troubled(self) -> bool:
        """The last write failed, or an answer is not there as it should be.

        While a write waits for a thread the others' calls tell. Only of a
        migration that close() was not called for.
        """
        return self._record.failing or (
            self._writing and self._calls.slow)

    def write(self) -> typing.Optional[float]:
        """Save the newest sample; called by a writer thread.

        :returns: the seconds after which another call is wanted, or None
        """
        with self._lock:
            in_turn = self._phase is not Phase.FINAL
            if in_turn:
                if self._phase is not Phase.RUNNING:
                    # Nova's own save has newer numbers.
                    self._writing = False
                    return None
                pause = self._pace.enter(self)
                if pause is not None:
                    self._held_back = True
                    return pause
                if self._held_back:
                    self._held_back = False
                    self._last_write = time.monotonic()
            self._saving = True
        began = time.monotonic()
        attempt = _Attempt()
        try:
            self._try_to_save(attempt)
        except BaseException:
            # The thread is ended from outside: nobody makes another call.
            with self._lock:
                self._saving = self._writing = False
            raise
        finally:
            if in_turn:
                self._pace.leave(began, attempt.seconds)
        with self._lock:
            self._saving = False
            self._rests_until = began + pace_module.REST * attempt.seconds
            self._written = attempt.sample if attempt.saved else None
            pause = self._pause_after(attempt)
            self._writing = pause is not None
        if in_turn:
            self._note_rest(attempt.seconds)
        return pause

    def _note_rest(self, seconds: float) -> None:
        """Log why the numbers become fewer, if they do."""
        rest = pace_module.REST * seconds
        if rest > self._get_interval():
            LOG.debug(
                'A save of the progress took %(seconds).2f s: the next one '
                'begins %(rest).1f s after it at the earliest',
                {'seconds': seconds, 'rest': rest},
                instance=self._log_instance)

    def _try_to_save(self, attempt: '_Attempt') -> None:
        """Save the newest sample, and note what became of it.

        Where the last write was not answered the conductor is asked first
        whether it is there: saves that pile up in its queue would all be done
        when it is back, in any order.
        """
        try:
            asked = self._unanswered
            if asked:
                with self._calls.one():
                    self._record.ping()
            with self._lock:
                attempt.final = self._phase is Phase.FINAL
                # There is one: write() is not submitted before.
                attempt.sample = typing.cast(job_stats.ProgressNumbers,
                                             self._newest)
            began = time.monotonic()
            try:
                with self._calls.one():
                    self._record.save(attempt.sample, attempt.final)
            except oslo_messaging.MessagingTimeout:
                # A conductor that answered just before is slow; one that did
                # not may be away, and makes nobody wait when it is back.
                if asked:
                    attempt.seconds = time.monotonic() - began
                raise
            attempt.saved = True
            attempt.seconds = time.monotonic() - began
            self._unanswered = False
            if self._phase is Phase.RUNNING:
                self._save_percentage(attempt)
            self._record.note_success()
        except nova_exception.MigrationNotFound:
            with self._lock:
                self._phase = Phase.GONE
            self._record.note_gone()
        except Exception as exc:
            self._unanswered = self._unanswered or isinstance(
                exc, oslo_messaging.MessagingTimeout)
            if attempt.sample is not None and not attempt.final:
                with self._lock:
                    self._given_up = (self._given_up or
                                      conductor.may_be_done_later(exc))
            self._record.note_failure(exc)

    def _save_percentage(self, attempt: '_Attempt') -> None:
        began = time.monotonic()
        with self._calls.one():
            answered = self._instance_progress.save(
                typing.cast(job_stats.ProgressNumbers, attempt.sample),
                self._get_interval())
        if answered:
            attempt.seconds += time.monotonic() - began
        else:
            self._unanswered = True

    def _pause_after(self, attempt: '_Attempt') -> typing.Optional[float]:
        """Return the seconds until the next write is due; needs the lock.

        :returns: None if no further one is, before there is a new sample
        """
        if self._phase is not Phase.FINAL:
            return None
        if attempt.final and attempt.saved:
            if (not self._given_up or
                    self._final_saves == len(REPEAT_PAUSES)):
                return None
            self._final_saves += 1
            return REPEAT_PAUSES[self._final_saves - 1]
        if time.monotonic() >= self._final_deadline:
            return None
        return 0 if attempt.saved else RETRY_PAUSE

    def _leave_running(self) -> None:
        """End the phase of a running migration; needs the lock."""
        if self._phase is Phase.RUNNING:
            self._phase = Phase.ENDED
            self._pace.leave_line(self)

    def _submit(self) -> None:
        try:
            self._threads.submit(self.write)
        except Exception:
            with self._lock:
                self._writing = False
            LOG.exception('No thread to write migration progress',
                          instance=self._log_instance)
