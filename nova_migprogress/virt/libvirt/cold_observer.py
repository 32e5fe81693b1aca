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

"""Watch the disk copies of a cold migration or resize."""

import functools
import threading

from nova.compute import task_states
from nova import objects

from nova_migprogress.virt.libvirt import cold_copy
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once

#: Seconds between two looks at a running copy.
POLL_INTERVAL = 0.5


class _Copy:
    """One copy of one disk."""

    def __init__(self, source, destination, size):
        self.source = source
        self.destination = destination
        #: Bytes, as planned.
        self.size = size
        #: Process id of the local end of a remote copy; None for a local one.
        self.pid = None


def _harmless(method):
    """Log, once for an observer, what a method raises."""
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except Exception:
            self._complain()
    return wrapped


class ColdObserver:
    """Follows one cold migration and leaves its final numbers.

    No method raises, and none calls the conductor or the database. A thread of
    its own looks at the copies: a file system that hangs holds up only that.

    :param recorder: the compute service's recorder.Recorder
    :param context: the request context
    :param instance: the nova.objects.Instance that Nova works with
    """

    def __init__(self, recorder, context, instance):
        self._instance = instance
        # The driver gets no migration, and loading it would be an RPC call.
        # To write some of its fields its id is all that is needed.
        migration = objects.Migration(
            context.elevated(), id=instance.migration_context.migration_id)
        self._recording = recorder.start(
            migration, instance, task_state=task_states.RESIZE_MIGRATING)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._plan = None
        self._copy = None
        self._finished = 0
        self._newest = None
        self._complain = log_once.Complaint(instance)

    @_harmless
    def plan(self, disk_info):
        """Fix what will be copied; to be called when the guest is off.

        :param disk_info: see cold_copy.Plan
        """
        if self._plan is not None:
            return
        self._plan = cold_copy.Plan(disk_info)
        with self._lock:
            self._report(0)
        if self._plan.sizes:
            threading.Thread(target=self._poll, daemon=True,
                             name='migration-progress-poller').start()

    @_harmless
    def copy_begins(self, source, destination):
        """Return an object for a copy, or None if it is none of a disk."""
        size = self._plan and self._plan.size(source)
        if size is None:
            return None
        return _Copy(source, destination, size)

    @_harmless
    def copy_runs(self, copy, process=None):
        """Note that a copy is under way.

        :param copy: what copy_begins() returned
        :param process: the subprocess.Popen of a remote copy's local end;
            that of a local copy is not known
        """
        if copy is not None and process is not None:
            copy.pid = process.pid
        with self._lock:
            self._copy = copy

    @_harmless
    def copy_failed(self):
        """Note that a copy failed; the numbers stay where they are."""
        with self._lock:
            self._copy = None

    @_harmless
    def copy_ends(self, copy):
        """Note that a copy has succeeded."""
        with self._lock:
            self._copy = None
            if copy is not None:
                self._finished += copy.size
                self._report(self._finished)

    @_harmless
    def completed(self):
        """Note that everything is copied."""
        with self._lock:
            self._ended.set()
            if self._plan is not None:
                self._newest = self._at(self._plan.total)
        self._close()
        if self._plan is not None and self._plan.total:
            # Nova's own next save carries it.
            self._instance.progress = 100

    @_harmless
    def failed(self):
        """Note that the migration failed."""
        with self._lock:
            self._ended.set()
        self._close()

    def _close(self):
        self._recording.end()
        self._recording.close(self._newest, saved=False)

    def _at(self, processed):
        """Return the sample for a position in all disks, never going back."""
        if self._newest is not None:
            processed = max(processed, self._newest.disk_processed)
        total = self._plan.total
        return job_stats.ProgressNumbers(None, None, None, total, processed,
                                         total - processed)

    def _report(self, processed):
        self._newest = self._at(processed)
        self._recording.sample(self._newest)

    def _poll(self):
        """Look at the running copy until the migration ends."""
        copy = reader = None
        try:
            while not self._ended.wait(POLL_INTERVAL):
                if copy is not self._copy:
                    copy = self._copy
                    if reader is not None:
                        reader.close()
                    reader = copy and cold_copy.reader(
                        copy.source, copy.destination, copy.pid)
                if reader is not None:
                    self._take(copy, reader.read())
        except Exception:
            self._complain()
        finally:
            if reader is not None:
                reader.close()

    def _take(self, copy, position):
        with self._lock:
            # Reading may have taken longer than the copy, or the migration.
            if (position is None or copy is not self._copy or
                    self._ended.is_set()):
                return
            self._report(self._finished + min(position, copy.size))
