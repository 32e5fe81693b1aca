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

"""Watch a live migration through the polls that Nova's monitor makes."""

import time

from oslo_utils import units

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once

try:
    import libvirt
except ImportError:
    # As in Nova: only a compute node needs it.
    libvirt = None

#: libvirt emits JOB_COMPLETED up to 54 ms after the migration call returned;
#: the end of the migration is never held up longer than this, in seconds.
EVENT_PATIENCE = 0.04
EVENT_STEP = 0.005


class ObservedGuest:
    """A guest whose polled job information is shown to an observer.

    Everything else is the guest itself, see nova.virt.libvirt.guest.Guest.
    """

    def __init__(self, guest, observe):
        self._guest = guest
        self._observe = observe

    def __getattr__(self, name):
        return getattr(self._guest, name)

    def get_job_info(self):
        info = self._guest.get_job_info()
        self._observe(info)
        return info


class LiveObserver:
    """Follows one live migration and leaves its final numbers.

    No method raises, and none but those that say so calls the conductor.

    :param recorder: the compute service's recorder.Recorder
    :param instance: the nova.objects.Instance that is migrated
    :param migration: the nova.objects.Migration that Nova works with
    :param listener: an events.JobCompletedListener
    """

    def __init__(self, recorder, instance, migration, listener):
        self._instance = instance
        self._migration = migration
        self._listener = listener
        self._sampler = job_stats.LiveSampler(
            instance.flavor.memory_mb * units.Mi, instance)
        self._recording = recorder.start(migration, instance)
        self._final = None
        self._succeeded = False
        self._complain = log_once.Complaint(instance)

    def observe(self, info):
        """Take the JobInfo of a poll."""
        try:
            if info.type != libvirt.VIR_DOMAIN_JOB_UNBOUNDED:
                return
            newest = self._sampler.observe(vars(info))
            if newest is not None:
                self._recording.sample(newest)
        except Exception:
            self._complain()

    def completing(self, method):
        """Wrap the method that Nova calls when the migration succeeded."""
        def completed(*args, **kwargs):
            self._end(succeeded=True)
            return method(*args, **kwargs)
        return completed

    def failing(self, method):
        """Wrap the method that Nova calls when it failed or was aborted.

        Its first step needs the conductor: see await_conductor().
        """
        def failed(*args, **kwargs):
            self._end(succeeded=False)
            self.await_conductor()
            return method(*args, **kwargs)
        return failed

    @property
    def conductor_away(self):
        """The conductor or the database has not answered lately."""
        return self._recording.troubled

    def await_conductor(self):
        """Wait until the conductor answers, if it has not done so lately."""
        try:
            if self.conductor_away:
                conductor.wait(self._migration, self._instance)
        except Exception:
            self._complain()

    def failed(self):
        """Note that monitoring itself failed, which aborts the migration."""
        if self._final is None:
            self._end(succeeded=False)

    def close(self):
        """Note that Nova has done all it does about the migration's end."""
        try:
            saved = not (set(fields.NAMES) &
                         set(self._migration.obj_what_changed()))
            final = self._final
            if self._succeeded:
                final = self._sampler.completed(self._listener.statistics)
                saved = saved and final == self._final
            self._recording.close(final, saved)
        except Exception:
            self._complain()

    def _end(self, succeeded):
        """Leave the final numbers on Nova's object, for its own final save."""
        try:
            self._recording.end()
            self._succeeded = succeeded
            if succeeded:
                self._await_event()
                self._final = self._sampler.completed(
                    self._listener.statistics)
            else:
                self._final = self._sampler.newest
            if self._final is not None:
                for name, value in zip(fields.NAMES, self._final):
                    setattr(self._migration, name, value)
        except Exception:
            self._complain()

    def _await_event(self):
        # Sleeping in steps, because a green thread's event cannot be set
        # from the native thread in which libvirt calls back.
        deadline = time.monotonic() + EVENT_PATIENCE
        while (self._listener.statistics is None and
               time.monotonic() < deadline):
            time.sleep(EVENT_STEP)
