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

"""What is added to a libvirt driver so that it reports live migrations."""

import collections.abc
import functools
import typing

from oslo_log import log as logging

from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import event_thread
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import live_observer
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import outage_mixin
from nova_migprogress.virt.libvirt import post_copy_seam
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova import objects
    from nova.virt import event as virtevent
    from nova.virt.libvirt import guest as libvirt_guest

LOG = logging.getLogger(__name__)

_Method = collections.abc.Callable[..., typing.Any]


class LiveProgressMixin(outage_mixin.OutageMixin):
    """Observes the polls that Nova's monitor of a live migration makes."""

    #: None: they are not observed.
    _live_progress_recorder: typing.Optional[recorder.Recorder] = None
    #: Hands on those of libvirt's events that wait for the conductor.
    _event_threads: thread_pool.ThreadPool

    def _live_migration(self, context: 'nova_context.RequestContext',
                        instance: 'objects.Instance', *args: typing.Any,
                        **kwargs: typing.Any) -> typing.Any:
        if self._live_progress_recorder is None:
            return super()._live_migration(context, instance, *args, **kwargs)
        # The listener must be there before the job: a small guest migrates
        # faster than the monitor polls for the first time.
        with job_completed.JobCompletedListener(
                self._host, instance) as listener:
            before = self._progress_migrations.get(instance.uuid).wait
            if before is not None:
                before.close()
            self._progress_migrations.change(
                instance.uuid, listener=listener, wait=None)
            try:
                return super()._live_migration(
                    context, instance, *args, **kwargs)
            except Exception:
                # Nova notes the error next (_do_live_migration of
                # nova.compute.manager.ComputeManager).
                self._await_conductor(instance)
                raise
            finally:
                ended = self._progress_migrations.get(instance.uuid)
                if ended.listener is listener:
                    if ended.wait is not None:
                        ended.wait.close()
                    self._progress_migrations.end(
                        instance.uuid, listener=listener, wait=ended.wait)

    def _live_migration_monitor(self, *args: typing.Any,
                                **kwargs: typing.Any) -> typing.Any:
        monitor = super()._live_migration_monitor
        if self._live_progress_recorder is None:
            return monitor(*args, **kwargs)
        return self._observe_live_migration(
            self._live_progress_recorder, monitor, *args, **kwargs)

    def _observe_live_migration(
            self, progress_recorder: recorder.Recorder, monitor: _Method,
            context: 'nova_context.RequestContext',
            instance: 'objects.Instance', guest: 'libvirt_guest.Guest',
            dest: str, post_method: _Method, recover_method: _Method,
            block_migration: bool,
            migrate_data: 'objects.LibvirtLiveMigrateData',
            *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        try:
            listener = (
                self._progress_migrations.get(instance.uuid).listener or
                job_completed.JobCompletedListener(self._host, instance))
            wait = conductor_wait.ConductorWait(
                migrate_data.migration, instance, instance.host,
                self._is_stopping)
            observer = live_observer.LiveObserver(
                progress_recorder, instance, migrate_data.migration, listener,
                wait)
            request = self._make_force_request(wait, instance)
        except Exception:
            LOG.exception('The progress of the migration cannot be recorded; '
                          'the migration is not affected', instance=instance)
            return monitor(context, instance, guest, dest, post_method,
                           recover_method, block_migration, migrate_data,
                           *args, **kwargs)
        self._progress_migrations.change(
            instance.uuid, observer=observer, wait=wait,
            force=request, aborted=False)

        def observe(info: 'libvirt_guest.JobInfo') -> None:
            observer.observe(info)
            request.poll()

        save_status = (
            wait.save_status if conductor_wait.get_patience() else None)
        with monitor_seam.observed(), post_copy_seam.saving_by(save_status):
            try:
                return monitor(
                    context, instance,
                    live_observer.ObservedGuest(guest, observe), dest,
                    observer.wrap_post_method(post_method, dest),
                    observer.wrap_recover_method(recover_method),
                    block_migration, migrate_data, *args, **kwargs)
            except BaseException:
                observer.failed()
                raise
            finally:
                self._progress_migrations.end(
                    instance.uuid, observer=observer, force=request)
                observer.close()

    def emit_event(self, event: 'virtevent.InstanceEvent') -> None:
        emit = functools.partial(super().emit_event, event)
        if not (event_thread.is_current(self._host) and
                event_thread.needs_conductor(event)):
            emit()
            return
        try:
            self._event_threads.submit(emit)
        except Exception:
            emit()
