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

"""Observe a live migration through the polls that Nova's monitor makes."""

import collections.abc
import copy
import time
import typing

from nova.compute import task_states
from nova.virt.libvirt import guest as libvirt_guest
from oslo_log import log as logging
from oslo_utils import units

from nova_migprogress import fields
from nova_migprogress import statuses
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import end_steps
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once
from nova_migprogress.virt.libvirt import recorder

if typing.TYPE_CHECKING:
    from nova import objects

try:
    import libvirt
except ImportError:
    # As in Nova: only a compute node needs it.
    libvirt = None

LOG = logging.getLogger(__name__)

#: libvirt 9.0 emits JOB_COMPLETED up to 54 ms after the migration call
#: (virDomainMigrateToURI3) returned; the end of the migration is never held up
#: longer than this, in seconds.
EVENT_PATIENCE = 0.04
EVENT_STEP = 0.005
#: How often Nova's end of a migration is repeated, at the most.
END_REPETITIONS = 3

_Method = collections.abc.Callable[..., typing.Any]


class _PolledDomain:
    """A domain that remembers what its last poll said.

    Nova's JobInfo does not have all of it.
    """

    def __init__(self, domain: 'libvirt.virDomain') -> None:
        self._domain = domain
        self.statistics: typing.Optional[job_stats.Statistics] = None

    def __getattr__(self, name: str) -> typing.Any:
        return getattr(self._domain, name)

    def jobStats(self, *args: typing.Any,
                 **kwargs: typing.Any) -> job_stats.Statistics:
        self.statistics = None
        statistics: job_stats.Statistics = self._domain.jobStats(
            *args, **kwargs)
        self.statistics = statistics
        return statistics


def _lacks_memory_numbers(error: Exception) -> bool:
    """Tell whether a poll found a migration of which QEMU says nothing yet.

    get_job_info() of nova.virt.libvirt.guest.Guest takes this error for "no
    job yet", but only with one error code, in one spelling, and from
    jobStats(); any other ends the monitor, and with it the migration.
    """
    if not hasattr(error, 'get_error_message'):
        # None of libvirt's.
        return False
    message = error.get_error_message() or str(error)
    return 'no ram info was set' in message.lower()


class ObservedGuest:
    """A guest whose polled job information is shown to an observer.

    Everything else is the guest itself, see nova.virt.libvirt.guest.Guest.

    :param guest: the guest
    :param observe: is given the JobInfo of each poll of a migration; must not
        raise
    """

    def __init__(
            self, guest: libvirt_guest.Guest,
            observe: collections.abc.Callable[[libvirt_guest.JobInfo], None],
    ) -> None:
        self._guest = guest
        self._observe = observe
        self._polled_guest = guest
        self._polled_domain: typing.Optional[_PolledDomain] = None
        # A guest of another making is polled as it is.
        if (isinstance(guest, libvirt_guest.Guest) and
                hasattr(guest, '_domain')):
            self._polled_domain = _PolledDomain(guest._domain)
            # The other thread, which migrates, has the guest itself.
            self._polled_guest = copy.copy(guest)
            self._polled_guest._domain = self._polled_domain

    def __getattr__(self, name: str) -> typing.Any:
        return getattr(self._guest, name)

    def get_job_info(self) -> libvirt_guest.JobInfo:
        try:
            info = self._polled_guest.get_job_info()
        except Exception as exc:
            if not _lacks_memory_numbers(exc):
                raise
            LOG.debug('A poll of the migration told nothing: %s', exc)
            # VIR_DOMAIN_JOB_NONE, as Nova makes of it: its monitor goes on,
            # and if the migration is over it finds out how.
            return libvirt_guest.JobInfo()
        if (self._polled_domain is None or
                job_stats.is_of_migration(self._polled_domain.statistics)):
            self._observe(info)
        return info


class LiveObserver:
    """Follows one live migration and leaves its final numbers.

    No method raises, and none but those that say so waits for the conductor.

    :param progress_recorder: the compute service's
    :param instance: the nova.objects.Instance that is migrated
    :param migration: the nova.objects.Migration that Nova works with
    :param listener: listens to libvirt while the migration runs
    :param wait: waits for the conductor at the end
    """

    def __init__(self, progress_recorder: recorder.Recorder,
                 instance: 'objects.Instance',
                 migration: 'objects.Migration',
                 listener: job_completed.JobCompletedListener,
                 wait: conductor_wait.ConductorWait) -> None:
        self._instance = instance
        self._migration = migration
        self._listener = listener
        self._wait = wait
        self._sampler = job_stats.LiveSampler(
            instance.flavor.memory_mb * units.Mi, instance)
        self._writer = progress_recorder.start(migration, instance)
        #: The final numbers that were left on Nova's object.
        self._final: typing.Optional[job_stats.ProgressNumbers] = None
        self._succeeded = False
        self._log_failure = log_once.recording_failure(instance)

    def observe(self, info: libvirt_guest.JobInfo) -> None:
        """Take the JobInfo of a poll."""
        try:
            if info.type != libvirt.VIR_DOMAIN_JOB_UNBOUNDED:
                return
            # Where a poll says nothing the one before may still have to be
            # written.
            newest = (self._sampler.observe(vars(info)) or
                      self._sampler.newest)
            if newest is not None:
                self._writer.put(newest)
        except Exception:
            self._log_failure()

    def wrap_post_method(self, method: _Method, dest: str) -> _Method:
        """Wrap the method that Nova calls when the migration succeeded.

        It is _post_live_migration of nova.compute.manager.ComputeManager. The
        conductor is asked from here on; what waits for it is the driver's
        post_live_migration(), when the network has been switched over.

        :param dest: the host that the guest has moved to
        """
        def post_method(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
            self._end(succeeded=True)
            self._wait.begin_end(lambda: self._final, dest)
            with end_steps.each_once():
                for _number in range(END_REPETITIONS):
                    try:
                        return method(*args, **kwargs)
                    except Exception as exc:
                        if not self._may_be_repeated(exc, dest):
                            raise
                        LOG.warning('The end of the live migration failed in '
                                    'an outage: %s. It is done once more.',
                                    exc, instance=self._instance)
                return method(*args, **kwargs)
        return post_method

    def _may_be_repeated(self, exc: Exception, dest: str) -> bool:
        """Wait for the conductor, and tell whether Nova's end may be repeated.

        It may if the conductor went while Nova was about it, and the
        destination has not recorded yet that it has the guest or is known to
        have done its part. What must not be done twice is left out, see
        end_steps.
        """
        try:
            if (not conductor_wait.get_patience() or
                    not conductor.is_outage(exc) or not self._wait.wait()):
                return False
            if end_steps.is_done(end_steps.DESTINATION):
                return True
            if self._instance.host == dest:
                # Nova's last resort (_post_live_migration_update_host of
                # nova.compute.manager.ComputeManager), which could not save.
                # Somebody else may have dealt with the server meanwhile.
                if self._instance.obj_what_changed():
                    self._instance.save(
                        expected_task_state=[task_states.MIGRATING])
                return False
            self._instance.refresh()
            return self._instance.host != dest
        except Exception:
            self._log_failure()
            return False

    def wrap_recover_method(self, method: _Method) -> _Method:
        """Wrap the method that Nova calls when it failed or was aborted.

        It is _rollback_live_migration of nova.compute.manager.ComputeManager,
        whose first step needs the conductor: that is waited for.
        """
        def recover_method(*args: typing.Any,
                           **kwargs: typing.Any) -> typing.Any:
            self._end(succeeded=False)
            self._wait.begin_end(lambda: self._final)
            self._wait.wait()
            return method(*args, **kwargs)
        return recover_method

    @property
    def conductor_away(self) -> bool:
        """The conductor or the database has not answered lately."""
        return self._writer.troubled

    def can_be_aborted(self, migration_id: int) -> bool:
        """Tell whether Nova would ask libvirt to abort a migration.

        It would if that is the one observed here and in a status in which
        live_migration_abort of nova.compute.manager.ComputeManager does not
        refuse it.

        :param migration_id: of the migration that is to be aborted
        """
        return (migration_id == self._migration.id and
                self._migration.status == statuses.RUNNING)

    def failed(self) -> None:
        """Note that monitoring itself failed, which aborts the migration."""
        if self._final is None:
            self._end(succeeded=False)

    def close(self) -> None:
        """Note that Nova has done all it does about the migration's end."""
        try:
            saved = not (set(fields.NAMES) &
                         set(self._migration.obj_what_changed()))
            final = self._final
            if self._succeeded:
                final = self._sampler.final_sample(self._listener.statistics)
                saved = saved and final == self._final
            # What was asked without an answer may still be written.
            self._writer.close(final, saved, self._wait.unanswered)
        except Exception:
            self._log_failure()

    def _end(self, succeeded: bool) -> None:
        """Leave the final numbers on Nova's object, for its own final save."""
        try:
            self._writer.end()
            self._succeeded = succeeded
            if succeeded:
                self._await_event()
                self._final = self._sampler.final_sample(
                    self._listener.statistics)
            else:
                self._final = self._sampler.newest
            if self._final is not None:
                for name, value in zip(fields.NAMES, self._final):
                    setattr(self._migration, name, value)
        except Exception:
            self._log_failure()

    def _await_event(self) -> None:
        # Sleeping in steps, because a green thread's event cannot be set
        # from the native thread in which libvirt calls back.
        deadline = time.monotonic() + EVENT_PATIENCE
        while (self._listener.statistics is None and
               time.monotonic() < deadline):
            time.sleep(EVENT_STEP)
