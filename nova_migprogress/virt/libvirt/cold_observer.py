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

"""Observe the disk copies of a cold migration or resize."""

import collections.abc
import functools
import subprocess
import threading
import typing

from nova.compute import task_states
from nova import objects

from nova_migprogress.virt.libvirt import cold_copy
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once
from nova_migprogress.virt.libvirt import recorder

if typing.TYPE_CHECKING:
    from nova import context as nova_context

#: Seconds between two polls of a running copy.
POLL_INTERVAL = 0.5

_Method = typing.TypeVar(
    '_Method', bound=collections.abc.Callable[..., typing.Any])


class _Copy:
    """One copy of one disk."""

    def __init__(self, source: str, destination: str, size: int) -> None:
        self.source = source
        self.destination = destination
        #: Bytes, as planned.
        self.size = size
        #: Process id of the local end of a remote copy; None for a local one.
        self.pid: typing.Optional[int] = None


def _harmless(method: _Method) -> _Method:
    """Log, once for an observer, what a method raises."""
    @functools.wraps(method)
    def wrapped(self: 'ColdObserver', *args: typing.Any,
                **kwargs: typing.Any) -> typing.Any:
        try:
            return method(self, *args, **kwargs)
        except Exception:
            self._log_failure()
            return None
    return typing.cast(_Method, wrapped)


class ColdObserver:
    """Follows one cold migration and leaves its final numbers.

    No method raises, and none calls the conductor or the database. A thread of
    its own polls the copies: a file system that hangs holds up only that.

    :param progress_recorder: the compute service's
    :param context: the request context
    :param instance: the nova.objects.Instance that Nova works with
    """

    def __init__(self, progress_recorder: recorder.Recorder,
                 context: 'nova_context.RequestContext',
                 instance: 'objects.Instance') -> None:
        self._instance = instance
        self._stock_progress = instance.progress
        # The driver gets no migration, and loading it would be an RPC call.
        # To write some of its fields its id is all that is needed.
        migration = objects.Migration(
            context.elevated(), id=instance.migration_context.migration_id)
        self._writer = progress_recorder.start(
            migration, instance, task_state=task_states.RESIZE_MIGRATING)
        self._log_failure = log_once.recording_failure(instance)
        #: Set once, by plan(), before there is a poller.
        self._plan: typing.Optional[cold_copy.Plan] = None
        #: Bytes of all disks; set with the plan.
        self._total = 0
        #: Set with the lock held, so that nothing is reported afterwards.
        self._ended = threading.Event()
        self._lock = threading.Lock()
        #: The copy that is under way; written with the lock held.
        self._copy: typing.Optional[_Copy] = None
        #: Bytes of the copies that have succeeded; guarded by the lock.
        self._finished = 0
        #: The newest sample; guarded by the lock until the end.
        self._newest: typing.Optional[job_stats.ProgressNumbers] = None

    @_harmless
    def plan(self, disk_info: collections.abc.Iterable[
            collections.abc.Mapping[str, typing.Any]]) -> None:
        """Fix what will be copied; to be called when the guest is off.

        :param disk_info: see cold_copy.Plan
        """
        if self._plan is not None:
            return
        self._plan = cold_copy.Plan(disk_info)
        self._total = self._plan.total
        with self._lock:
            self._report(0)
        if self._plan.sizes:
            threading.Thread(target=self._poll, daemon=True,
                             name='migration-progress-poller').start()

    @_harmless
    def copy_begins(self, source: str,
                    destination: str) -> typing.Optional[_Copy]:
        """Return an object for a copy, or None if it is none of a disk."""
        size = None if self._plan is None else self._plan.size(source)
        if size is None:
            return None
        return _Copy(source, destination, size)

    @_harmless
    def copy_runs(
            self, copy: typing.Optional[_Copy],
            process: typing.Optional[subprocess.Popen[bytes]] = None,
    ) -> None:
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
    def copy_failed(self) -> None:
        """Note that a copy failed; the numbers stay where they are."""
        with self._lock:
            self._copy = None

    @_harmless
    def copy_ends(self, copy: typing.Optional[_Copy]) -> None:
        """Note that a copy has succeeded."""
        with self._lock:
            self._copy = None
            if copy is not None:
                self._finished += copy.size
                self._report(self._finished)

    @_harmless
    def completed(self) -> None:
        """Note that everything is copied."""
        with self._lock:
            self._ended.set()
            if self._plan is not None:
                self._newest = self._sample_at(self._total)
        self._close()
        if self._total:
            # Nova's own next save carries it.
            self._instance.progress = 100

    @_harmless
    def failed(self) -> None:
        """Note that the migration failed."""
        with self._lock:
            self._ended.set()
        if self._plan is not None:
            # As with stock Nova, whose own next save carries it. The first
            # assignment makes it a change: of the percentages that were saved
            # this object does not know.
            self._instance.progress = 100
            self._instance.progress = self._stock_progress
        self._close()

    def _close(self) -> None:
        self._writer.end()
        self._writer.close(self._newest, saved=False)

    def _sample_at(self, processed: int) -> job_stats.ProgressNumbers:
        """Return the sample for a position in all disks, never going back."""
        if self._newest is not None:
            processed = max(processed, self._newest.disk_processed)
        return job_stats.ProgressNumbers(None, None, None, self._total,
                                         processed, self._total - processed)

    def _report(self, processed: int) -> None:
        """Hand over the sample for a position; needs the lock."""
        self._newest = self._sample_at(processed)
        self._writer.put(self._newest)

    def _poll(self) -> None:
        """Poll the running copy until the migration ends."""
        copy: typing.Optional[_Copy] = None
        reader: typing.Optional[cold_copy.Reader] = None
        try:
            while not self._ended.wait(POLL_INTERVAL):
                if copy is not self._copy:
                    copy = self._copy
                    if reader is not None:
                        reader.close()
                    reader = None if copy is None else cold_copy.reader(
                        copy.source, copy.destination, copy.pid)
                if copy is not None and reader is not None:
                    self._take_position(copy, reader.read())
        except Exception:
            self._log_failure()
        finally:
            if reader is not None:
                reader.close()

    def _take_position(self, copy: _Copy,
                       position: typing.Optional[int]) -> None:
        with self._lock:
            # Reading may have taken longer than the copy, or the migration.
            if (position is None or copy is not self._copy or
                    self._ended.is_set()):
                return
            self._report(self._finished + min(position, copy.size))
