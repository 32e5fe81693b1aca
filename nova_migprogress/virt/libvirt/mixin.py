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

"""What is added to a libvirt driver so that it reports its migrations."""

import collections.abc
import functools
import inspect
import threading
import time
import types
import typing

from nova import objects
from nova.virt import driver as virt_driver
from oslo_log import log as logging

from nova_migprogress import exception
from nova_migprogress.objects import migration as migration_object
from nova_migprogress.virt.libvirt import abort_seam
from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import destination_seam
from nova_migprogress.virt.libvirt import end_steps
from nova_migprogress.virt.libvirt import event_thread
from nova_migprogress.virt.libvirt import force_request
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import live_migrations
from nova_migprogress.virt.libvirt import live_observer
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import network_seam
from nova_migprogress.virt.libvirt import options
from nova_migprogress.virt.libvirt import post_copy_seam
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova.network import model as network_model
    from nova.virt import event as virtevent
    from nova.virt.libvirt import driver
    from nova.virt.libvirt import guest as libvirt_guest

    class _Driver(driver.LibvirtDriver):
        """What the mixin is put before."""
else:
    # Nor is anything else of Nova imported that only annotations need: a part
    # of it that is missing must not keep the driver from being loaded.
    _Driver = object

LOG = logging.getLogger(__name__)

_Method = collections.abc.Callable[..., typing.Any]

#: For so many seconds after an outage a step of Nova's that failed in it is
#: tried again, every so many.
_RETRY_PATIENCE = 60
_RETRY_PAUSE = 2


def _shown_as_stock(method: _Method) -> _Method:
    """Let a method show the parameters of Nova's."""
    stock = getattr(virt_driver.ComputeDriver, method.__name__)
    setattr(method, '__signature__', inspect.signature(stock))
    return method


class ProgressMixin(_Driver):
    """To be put before nova.virt.libvirt.driver.LibvirtDriver.

    It changes nothing of what the driver does: it observes the polls that the
    stock monitor of a live migration makes and the disk copies of a cold
    migration, and has what they say recorded. With a Nova whose driver does
    not look as expected it does nothing.

    :raises nova.exception.InvalidConfiguration: an option of the group
        ``[migration_progress]`` is out of its bounds
    """

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        options.register()
        super().__init__(*args, **kwargs)
        options.correct_monitor_interval()
        self._progress_migrations = live_migrations.LiveMigrations()
        self._event_threads = thread_pool.ThreadPool(1, 'libvirt-event-relay')
        self._progress_stopped = threading.Event()
        self._live_progress_recorder: typing.Optional[
            recorder.Recorder] = None
        self._cold_progress_recorder: typing.Optional[
            recorder.Recorder] = None
        try:
            migration_object.ensure_fields(objects.Migration)
        except exception.IncompatibleMigration as exc:
            LOG.error('Migrations are monitored by stock Nova only: %s', exc)
            return
        progress_recorder = recorder.Recorder()
        mro = type(self).__mro__
        stock = mro[mro.index(ProgressMixin) + 1:]
        if _install(monitor_seam, 'Live', stock):
            self._live_progress_recorder = progress_recorder
            self._hear_aborts()
            self._outlast_outages()
        if _install(copy_seam, 'Cold', stock):
            self._cold_progress_recorder = progress_recorder

    def _hear_aborts(self) -> None:
        manager = getattr(self.virtapi, '_compute', None)
        if manager is None:
            # No compute service, as in Nova's unit tests.
            return
        try:
            abort_seam.install(manager, self._abort_early)
        except exception.UnknownSeam as exc:
            LOG.warning('The abort of a live migration waits for a conductor '
                        'that is away: %s', exc)

    def _outlast_outages(self) -> None:
        installs: list[collections.abc.Callable[[], None]] = [
            post_copy_seam.install]
        manager = getattr(self.virtapi, '_compute', None)
        if manager is not None:
            installs += [
                functools.partial(network_seam.install, manager,
                                  self._switch_network_over),
                functools.partial(destination_seam.install, manager,
                                  self._tell_destination)]
        for install in installs:
            try:
                install()
            except exception.UnknownSeam as exc:
                LOG.warning('An outage at the end of a live migration may '
                            'cost a guest: %s', exc)

    def _is_stopping(self) -> bool:
        # Nova 34 lets cleanup_host() wait for migrations to end (stop() of
        # nova.service.Service, graceful_shutdown() of
        # nova.compute.manager.ComputeManager).
        manager = getattr(self.virtapi, '_compute', None)
        in_progress = getattr(manager, '_shutdown_in_progress', None)
        return self._progress_stopped.is_set() or (
            isinstance(in_progress, threading.Event) and in_progress.is_set())

    def _call_again_after_outage(
            self, instance: 'objects.Instance',
            call: collections.abc.Callable[[], typing.Any]) -> typing.Any:
        """Call it, and again when the conductor is back.

        Only what failed at the end of a live migration, in an outage.
        """
        try:
            return call()
        except Exception as exc:
            wait = self._progress_migrations.get(instance.uuid).wait
            if wait is None or not wait.outlasted():
                raise
            LOG.warning('A step of the end of the live migration failed '
                        'while the conductor was away: %s. It is tried '
                        'again.', exc, instance=instance)
        deadline = time.monotonic() + _RETRY_PATIENCE
        while time.monotonic() < deadline and not self._is_stopping():
            try:
                return call()
            except Exception as exc:
                LOG.debug('It still fails: %s', exc, instance=instance)
            time.sleep(_RETRY_PAUSE)
        return call()

    def _switch_network_over(
            self, instance: 'objects.Instance',
            switch: collections.abc.Callable[[], typing.Any]) -> typing.Any:
        return end_steps.once('migrate_instance_start', functools.partial(
            self._call_again_after_outage, instance, switch))

    def _tell_destination(
            self, instance: 'objects.Instance', dest: str,
            tell: collections.abc.Callable[[], typing.Any]) -> typing.Any:
        wait = self._progress_migrations.get(instance.uuid).wait
        if wait is None or not conductor_wait.get_patience():
            return tell()
        return end_steps.once(end_steps.DESTINATION, functools.partial(
            end_steps.tell_destination, tell, instance, dest, wait))

    def _abort_early(self, instance: 'objects.Instance',
                     migration_id: int) -> None:
        """Abort now what Nova would when the conductor is back."""
        observer = self._progress_migrations.get(instance.uuid).observer
        if (observer is None or not observer.conductor_away or
                not observer.can_be_aborted(migration_id)):
            return
        LOG.warning('The conductor does not answer; the live migration is '
                    'aborted without waiting for it.', instance=instance)
        super().live_migration_abort(instance)
        # Not before: what libvirt refused is for Nova to report.
        self._progress_migrations.change(instance.uuid, aborted=True)

    def live_migration_abort(self, instance: 'objects.Instance') -> None:
        try:
            super().live_migration_abort(instance)
        except Exception as exc:
            if not self._progress_migrations.get(instance.uuid).aborted:
                raise
            LOG.debug('Aborted before: %s', exc, instance=instance)

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

    def _await_conductor(self, instance: 'objects.Instance') -> None:
        wait = self._progress_migrations.get(instance.uuid).wait
        if wait is not None:
            wait.wait()

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
            request = force_request.ForceRequest(
                wait, functools.partial(
                    super().live_migration_force_complete, instance), instance)
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

    # Public methods show the parameters that Nova gives them: its tests
    # (assertPublicAPISignatures of nova.test.TestCase) compare those of every
    # driver with nova.virt.driver.ComputeDriver's. What was given as a
    # keyword is passed on as one: a driver of a site's own may insist.

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

    def live_migration_force_complete(self,
                                      instance: 'objects.Instance') -> None:
        request = self._progress_migrations.get(instance.uuid).force
        if request is None or not conductor_wait.get_patience():
            super().live_migration_force_complete(instance)
        else:
            request.make()

    def post_live_migration(
            self, context: 'nova_context.RequestContext',
            instance: 'objects.Instance',
            block_device_info: dict[str, typing.Any],
            migrate_data: typing.Optional[
                'objects.LibvirtLiveMigrateData'] = None) -> None:
        # Nova calls it whatever has failed before (_post_live_migration of
        # nova.compute.manager.ComputeManager), after it has switched the
        # network over and before it tells the database where the guest is.
        self._await_conductor(instance)
        end_steps.once('post_live_migration', functools.partial(
            super().post_live_migration, context, instance, block_device_info,
            migrate_data))

    def post_live_migration_at_source(
            self, context: 'nova_context.RequestContext',
            instance: 'objects.Instance',
            network_info: 'network_model.NetworkInfo') -> None:
        try:
            end_steps.once('post_live_migration_at_source', functools.partial(
                self._call_again_after_outage, instance, functools.partial(
                    super().post_live_migration_at_source, context, instance,
                    network_info)))
        finally:
            # Volumes were disconnected since, which may take its time.
            self._await_conductor(instance)

    @_shown_as_stock
    def cleanup(self, context: 'nova_context.RequestContext',
                instance: 'objects.Instance', *args: typing.Any,
                **kwargs: typing.Any) -> None:
        end_steps.once('cleanup', functools.partial(
            super().cleanup, context, instance, *args, **kwargs))

    def init_host(self, host: str) -> None:
        self._progress_stopped.clear()
        super().init_host(host)

    def cleanup_host(self, host: str) -> None:
        self._progress_stopped.set()
        super().cleanup_host(host)

    @_shown_as_stock
    def migrate_disk_and_power_off(
            self, context: 'nova_context.RequestContext',
            instance: 'objects.Instance', *args: typing.Any,
            **kwargs: typing.Any) -> typing.Any:
        migrate = super().migrate_disk_and_power_off
        observer = self._cold_observer(context, instance)
        if observer is None:
            return migrate(context, instance, *args, **kwargs)
        with copy_seam.observed(observer):
            try:
                disk_info = migrate(context, instance, *args, **kwargs)
            except BaseException:
                observer.failed()
                raise
        observer.completed()
        return disk_info

    def _cold_observer(
            self, context: 'nova_context.RequestContext',
            instance: 'objects.Instance',
    ) -> typing.Optional[cold_observer.ColdObserver]:
        if self._cold_progress_recorder is None:
            return None
        try:
            return cold_observer.ColdObserver(
                self._cold_progress_recorder, context, instance)
        except Exception:
            LOG.exception('The progress of the migration cannot be recorded; '
                          'the migration is not affected', instance=instance)
            return None

    def _get_instance_disk_info(self, *args: typing.Any,
                                **kwargs: typing.Any) -> typing.Any:
        disk_info = super()._get_instance_disk_info(*args, **kwargs)
        observer = copy_seam.current_observer()
        if observer is not None:
            observer.plan(disk_info)
        return disk_info

    @_shown_as_stock
    def confirm_migration(self, context: 'nova_context.RequestContext',
                          migration: 'objects.Migration',
                          instance: 'objects.Instance', *args: typing.Any,
                          **kwargs: typing.Any) -> None:
        super().confirm_migration(context, migration, instance, *args,
                                  **kwargs)
        self._reset_progress(instance)

    @_shown_as_stock
    def finish_revert_migration(
            self, context: 'nova_context.RequestContext',
            instance: 'objects.Instance', *args: typing.Any,
            **kwargs: typing.Any) -> None:
        # Nova has share_info from 34 on.
        super().finish_revert_migration(context, instance, *args, **kwargs)
        self._reset_progress(instance)

    def _reset_progress(self, instance: 'objects.Instance') -> None:
        # As stock Nova does after a live migration
        # (post_live_migration_at_destination of
        # nova.compute.manager.ComputeManager); its own next save of the
        # instance carries it.
        if self._cold_progress_recorder is not None and instance.progress:
            instance.progress = 0


def _install(seam: types.ModuleType, kind: str,
             classes: collections.abc.Sequence[type]) -> bool:
    """Install a seam and tell whether it could be; log why not."""
    try:
        seam.install(classes)
    except exception.UnknownSeam as exc:
        LOG.error('%(kind)s migrations are monitored by stock Nova only: '
                  '%(error)s', {'kind': kind, 'error': exc})
        return False
    return True
