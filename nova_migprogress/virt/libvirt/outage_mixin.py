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

"""What is added to a libvirt driver so that outages cost no guest."""

import collections.abc
import functools
import threading
import time
import typing

from oslo_log import log as logging

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import abort_seam
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import destination_seam
from nova_migprogress.virt.libvirt import end_steps
from nova_migprogress.virt.libvirt import force_request
from nova_migprogress.virt.libvirt import live_migrations
from nova_migprogress.virt.libvirt import network_seam
from nova_migprogress.virt.libvirt import post_copy_seam
from nova_migprogress.virt.libvirt import stock_driver

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova.network import model as network_model
    from nova import objects

LOG = logging.getLogger(__name__)

#: For so many seconds after an outage a step of Nova's that failed in it is
#: tried again, every so many.
_RETRY_PATIENCE = 60
_RETRY_PAUSE = 2


class OutageMixin(stock_driver.StockDriver):
    """Has live migrations wait, or not wait, for a conductor that is away.

    Their ends and what forces them to complete wait; aborts do not.
    """

    #: Those that are observed.
    _progress_migrations: live_migrations.LiveMigrations
    #: Set when the service is being stopped.
    _progress_stopped: threading.Event

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

    def _await_conductor(self, instance: 'objects.Instance') -> None:
        wait = self._progress_migrations.get(instance.uuid).wait
        if wait is not None:
            wait.wait()

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

    def _make_force_request(
            self, wait: conductor_wait.ConductorWait,
            instance: 'objects.Instance') -> force_request.ForceRequest:
        return force_request.ForceRequest(
            wait, functools.partial(
                super().live_migration_force_complete, instance), instance)

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

    @stock_driver.shown_as_stock
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
