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

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import instance_progress
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)

#: A write that takes longer, in seconds, means that something is wrong.
SLOW_WRITE = 1
#: Seconds for which the numbers of an ended migration are tried to be saved
#: when Nova did not save them.
FINAL_WRITE_PATIENCE = 900
#: Seconds until such a write that failed is tried again.
RETRY_PAUSE = 2


class Phase(enum.Enum):
    """What is to be written of a migration, which only goes down this list."""

    #: The newest sample, once every interval.
    RUNNING = 'running'
    #: Nothing: Nova ends the migration, and its own save has the numbers.
    ENDED = 'ended'
    #: The final sample, which Nova's save may not have, until it is saved or
    #: FINAL_WRITE_PATIENCE is over.
    FINAL = 'final'
    #: Nothing: the record of the migration is not there any more.
    GONE = 'gone'


class ProgressWriter:
    """The slot of one migration: its newest sample and its writes.

    :param threads: call write() when there is something to write
    :param get_interval: returns the seconds between two writes
    :param migration: the nova.objects.Migration that Nova works with, or one
        of which only the id is known; it is copied, never saved
    :param instance: the nova.objects.Instance that is migrated; copied
    :param task_state: the instance's while the migration runs
    """

    def __init__(self, threads: thread_pool.ThreadPool,
                 get_interval: collections.abc.Callable[[], float],
                 migration: 'objects.Migration',
                 instance: 'objects.Instance', task_state: str) -> None:
        self._threads = threads
        self._get_interval = get_interval
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
        #: time.monotonic() when the last write of a running migration was
        #: submitted. Guarded by the lock.
        self._last_write = -math.inf
        #: When Nova began to end the migration a write was under way or had
        #: not been answered: it may land after Nova's own. Guarded by the
        #: lock.
        self._overlapping = False
        #: time.monotonic() when the final sample is given up. Guarded by the
        #: lock.
        self._final_deadline = -math.inf
        #: time.monotonic() of the first of the writes that fail, or None. Set
        #: by write() only, read by others.
        self._failing_since: typing.Optional[float] = None
        #: The last write was not answered: it may still be done later. Set by
        #: write() only, read by others.
        self._unanswered = False
        #: A copy with nothing but our own changes, so that a write can neither
        #: save nor overwrite anything else. Touched by write() only.
        self._migration = migration.obj_clone()
        self._migration.obj_reset_changes()
        conductor.make_impatient(self._migration)
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
            if (self._writing or sample == self._written or
                    now - self._last_write < interval):
                return
            self._last_write = now
            self._writing = True
        self._submit()

    def end(self) -> None:
        """Start no write of a running migration any more; returns at once."""
        with self._lock:
            self._leave_running()
            self._overlapping = self._writing or self._unanswered

    def close(self, final: typing.Optional[job_stats.ProgressNumbers],
              saved: bool) -> None:
        """Make sure that the final sample is what stays; returns at once.

        :param final: the last sample of the migration, or None
        :param saved: Nova's own final save carried that sample
        """
        with self._lock:
            self._leave_running()
            if final is None or self._phase is Phase.GONE:
                return
            self._newest = final
            # A write that was under way when the migration ended may have
            # landed after Nova's own.
            if saved and not self._overlapping:
                return
            self._phase = Phase.FINAL
            self._final_deadline = time.monotonic() + FINAL_WRITE_PATIENCE
            if self._writing:
                return
            self._writing = True
        self._submit()

    @property
    def troubled(self) -> bool:
        """The last write failed, or one is not done as soon as it should.

        Only of a migration that close() was not called for.
        """
        return self._failing_since is not None or (
            self._writing and
            time.monotonic() - self._last_write > SLOW_WRITE)

    def write(self) -> typing.Optional[float]:
        """Save the newest sample; called by a writer thread.

        Where the last write was not answered the conductor is asked first
        whether it is there: saves that pile up in its queue would all be done
        when it is back, in any order.

        :returns: the seconds after which another call is wanted, or None
        """
        sample: typing.Optional[job_stats.ProgressNumbers] = None
        final = saved = False
        try:
            if self._unanswered:
                conductor.ping(self._migration._context)
            with self._lock:
                final = self._phase is Phase.FINAL
                # There is one: write() is not submitted before.
                sample = typing.cast(job_stats.ProgressNumbers, self._newest)
            self._save_sample(sample)
            saved = True
            self._unanswered = False
            if self._phase is Phase.RUNNING:
                self._instance_progress.save(sample, self._get_interval())
            self._note_success()
        except nova_exception.MigrationNotFound:
            with self._lock:
                self._phase = Phase.GONE
            LOG.warning('The record of migration %s is gone, its progress is '
                        'not saved any more', self._migration_name,
                        instance=self._log_instance)
        except Exception as exc:
            self._unanswered = self._unanswered or isinstance(
                exc, oslo_messaging.MessagingTimeout)
            self._note_failure(exc)
        finally:
            with self._lock:
                self._written = sample if saved else None
                wanted = self._writing = (
                    self._phase is Phase.FINAL and not (final and saved) and
                    time.monotonic() < self._final_deadline)
        if not wanted:
            return None
        return 0 if self._failing_since is None else RETRY_PAUSE

    def _leave_running(self) -> None:
        """End the phase of a running migration; needs the lock."""
        if self._phase is Phase.RUNNING:
            self._phase = Phase.ENDED

    def _submit(self) -> None:
        try:
            self._threads.submit(self.write)
        except Exception:
            with self._lock:
                self._writing = False
            LOG.exception('No thread to write migration progress',
                          instance=self._log_instance)

    @property
    def _migration_name(self) -> typing.Union[str, int]:
        if self._migration.obj_attr_is_set('uuid'):
            return self._migration.uuid
        return self._migration.id

    def _save_sample(self, sample: job_stats.ProgressNumbers) -> None:
        for name, value in zip(fields.NAMES, sample):
            if value is not None:
                setattr(self._migration, name, value)
        self._migration.save()

    def _note_failure(self, exc: Exception) -> None:
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            LOG.warning(
                'Cannot save the progress of migration %(uuid)s: '
                '%(type)s: %(error)s. The migration is not affected; the '
                'newest progress is saved as soon as possible.',
                {'uuid': self._migration_name, 'type': type(exc).__name__,
                 'error': exc},
                instance=self._log_instance)
        else:
            LOG.debug('Still cannot save migration progress: %s', exc,
                      instance=self._log_instance)

    def _note_success(self) -> None:
        if self._failing_since is not None:
            LOG.info('The progress of migration %(uuid)s is saved again, '
                     'after %(seconds)d seconds',
                     {'uuid': self._migration_name,
                      'seconds': time.monotonic() - self._failing_since},
                     instance=self._log_instance)
            self._failing_since = None
