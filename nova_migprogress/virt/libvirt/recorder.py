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

"""Write the newest sample of each migration without ever blocking it.

The thread that watches a migration hands samples over and goes on; a few
writer threads, see thread_pool.py, make the RPC calls to the conductor. One write
per migration is under way at any time; samples that arrive meanwhile replace
each other, only the newest is written next.

Threads are made by the threading module, which is green where Nova has patched
it: the same code works under native threads and under eventlet.
"""

import math
import threading
import time

from nova.compute import task_states
import nova.conf
from nova import exception
from oslo_config import cfg
from oslo_log import log as logging
import oslo_messaging

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import thread_pool

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF

#: At most this many writes are under way at a time, for all migrations.
MAX_WRITERS = 8
#: A write that takes longer, in seconds, means that something is wrong.
SLOW_WRITE = 1
#: Seconds for which the numbers of an ended migration are tried to be saved
#: when Nova did not save them.
FINAL_WRITE_PATIENCE = 900
#: Seconds until such a write that failed is tried again.
RETRY_PAUSE = 2
#: instance.progress is written once in so many intervals. An Instance.save()
#: is two to three times the work of a Migration.save(): more often, and one
#: migration would cost the database more than it does with stock Nova.
PROGRESS_INTERVALS = 10


class Recorder:
    """The writer threads of one compute service and what they have to do."""

    def __init__(self, max_writers=MAX_WRITERS):
        #: Call Recording.write() of those that have something to write.
        self.writers = thread_pool.ThreadPool(max_writers,
                                              'migration-progress-writer')
        self._interval = CONF.migration_progress.interval
        self._refused = None

    @property
    def interval(self):
        """Seconds between two writes of a migration.

        A value out of bounds that came with a reload of the configuration is
        refused: the one before it stays in force.
        """
        try:
            self._interval = CONF.migration_progress.interval
            self._refused = None
        except cfg.ConfigFileValueError as exc:
            if str(exc) != self._refused:
                self._refused = str(exc)
                LOG.error('%(error)s. The interval of %(seconds)d seconds '
                          'stays in force.',
                          {'error': exc, 'seconds': self._interval})
        return self._interval

    def start(self, migration, instance, task_state=task_states.MIGRATING):
        """Begin to record a migration.

        :param migration: the nova.objects.Migration that Nova works with, or
            one of which only the id is known; it is copied, never saved
        :param instance: the nova.objects.Instance that is migrated; copied
        :param task_state: the instance's while the migration runs
        :returns: a Recording
        """
        return Recording(self, migration, instance, task_state)


class Recording:
    """The slot of one migration: its newest sample and its writes."""

    def __init__(self, recorder, migration, instance, task_state):
        self._recorder = recorder
        # Copies with nothing but our own changes, so that a write can neither
        # save nor overwrite anything else.
        self._migration = migration.obj_clone()
        self._migration.obj_reset_changes()
        self._instance = instance.obj_clone()
        self._instance.obj_reset_changes(recursive=True)
        self._log_instance = instance
        self._task_state = task_state
        self._last_write = -math.inf
        self._lock = threading.Lock()
        self._newest = None
        self._written = None
        self._writing = False
        self._ended = False
        self._overlapping = False
        self._final_deadline = None
        self._gone = False
        self._failing_since = None
        # The last write was not answered: it may still be done later.
        self._unanswered = False
        conductor.make_impatient(self._migration)
        conductor.make_impatient(self._instance)
        self._progress = instance.progress
        self._progress_time = -math.inf

    def sample(self, sample):
        """Take a new sample; returns at once.

        The first one is written at once, then one every interval.

        :param sample: a virt.libvirt.job_stats.ProgressNumbers
        """
        now = time.monotonic()
        interval = self._recorder.interval
        with self._lock:
            if self._ended:
                return
            self._newest = sample
            if (self._gone or self._writing or sample == self._written or
                    now - self._last_write < interval):
                return
            self._last_write = now
            self._writing = True
        self._submit()

    def end(self):
        """Start no write of a running migration any more; returns at once."""
        with self._lock:
            self._ended = True
            self._overlapping = self._writing or self._unanswered

    def close(self, final, saved):
        """Make sure that the final sample is what stays; returns at once.

        :param final: the last sample of the migration, or None
        :param saved: Nova's own final save carried that sample
        """
        with self._lock:
            self._ended = True
            if final is None or self._gone:
                return
            self._newest = final
            # A write that was under way when the migration ended may have
            # landed after Nova's own.
            if saved and not self._overlapping:
                return
            self._final_deadline = time.monotonic() + FINAL_WRITE_PATIENCE
            if self._writing:
                return
            self._writing = True
        self._submit()

    @property
    def _migration_name(self):
        if self._migration.obj_attr_is_set('uuid'):
            return self._migration.uuid
        return self._migration.id

    def _submit(self):
        try:
            self._recorder.writers.submit(self.write)
        except Exception:
            with self._lock:
                self._writing = False
            LOG.exception('No thread to write migration progress',
                          instance=self._log_instance)

    def write(self):
        """Save the newest sample; called by a writer thread.

        Where the last write was not answered the conductor is asked first
        whether it is there: saves that pile up in its queue would all be done
        when it is back, in any order.

        :returns: the seconds after which another call is wanted, or None
        """
        final, sample, saved = False, None, False
        try:
            if self._unanswered:
                conductor.ping(self._migration._context)
            final = self._final_deadline is not None
            sample = self._newest
            self._save_sample(sample)
            saved = True
            self._unanswered = False
            if not self._ended:
                self._save_progress(sample)
            self._note_success()
        except exception.MigrationNotFound:
            self._gone = True
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
                self._writing = again = (
                    self._final_deadline is not None and
                    not self._gone and not (final and saved) and
                    time.monotonic() < self._final_deadline)
        if not again:
            return None
        return 0 if self._failing_since is None else RETRY_PAUSE

    @property
    def troubled(self):
        """The last write failed, or one is not done as soon as it should.

        Only of a migration that close() was not called for.
        """
        return self._failing_since is not None or (
            self._writing and
            time.monotonic() - self._last_write > SLOW_WRITE)

    def _save_sample(self, sample):
        for name, value in zip(fields.NAMES, sample):
            if value is not None:
                setattr(self._migration, name, value)
        self._migration.save()

    def _save_progress(self, sample):
        """Save the percentage that the servers API shows, when it is due.

        It has the meaning of stock Nova's: the share of memory that does not
        remain to be copied; without memory, the share of the disks. Expecting
        the task state keeps a write that comes late from touching an instance
        whose migration has ended.
        """
        now = time.monotonic()
        period = PROGRESS_INTERVALS * self._recorder.interval
        if sample.memory_total is None:
            total, remaining = sample.disk_total, sample.disk_remaining
        else:
            total, remaining = sample.memory_total, sample.memory_remaining
        if now - self._progress_time < period or not total:
            return
        percent = 100 - round(100 * remaining / total)
        if percent == self._progress:
            return
        self._progress_time = now
        self._instance.progress = percent
        try:
            self._instance.save(expected_task_state=[self._task_state])
        except exception.UnexpectedTaskStateError:
            LOG.debug('The migration ended before its progress was saved',
                      instance=self._log_instance)
        else:
            self._progress = percent

    def _note_failure(self, exc):
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

    def _note_success(self):
        if self._failing_since is not None:
            LOG.info('The progress of migration %(uuid)s is saved again, '
                     'after %(seconds)d seconds',
                     {'uuid': self._migration_name,
                      'seconds': time.monotonic() - self._failing_since},
                     instance=self._log_instance)
            self._failing_since = None
