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

import functools

import nova.conf
from nova import exception as nova_exception
from nova import objects
from oslo_config import cfg
from oslo_log import log as logging

from nova_migprogress import conf
from nova_migprogress import exception
from nova_migprogress.objects import migration as migration_object
from nova_migprogress.virt.libvirt import abort_seam
from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import event_thread
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import live_observer
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import thread_pool

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF


class ProgressMixin:
    """To be put before nova.virt.libvirt.driver.LibvirtDriver.

    It changes nothing of what the driver does: it watches the polls that the
    stock monitor of a live migration makes and the disk copies of a cold
    migration, and has what they say recorded. With a Nova whose driver does
    not look as expected it does nothing.

    :raises nova.nova_exception.InvalidConfiguration: an option of the group
        ``[migration_progress]`` is out of its bounds
    """

    def __init__(self, *args, **kwargs):
        _register_options()
        super().__init__(*args, **kwargs)
        _correct_monitor_interval()
        self._progress_listeners = {}
        self._progress_observers = {}
        self._event_threads = thread_pool.ThreadPool(1, 'libvirt-event-relay')
        # Instances whose migration was aborted ahead of Nova's own request.
        self._progress_aborted = set()
        self._progress_recorder = None
        self._cold_progress_recorder = None
        try:
            migration_object.ensure_fields(objects.Migration)
        except exception.IncompatibleMigration as exc:
            LOG.error('Migrations are monitored by stock Nova only: %s', exc)
            return
        progress_recorder = recorder.Recorder()
        if _installed(monitor_seam, 'Live'):
            self._progress_recorder = progress_recorder
            self._hear_aborts()
        if _installed(copy_seam, 'Cold'):
            self._cold_progress_recorder = progress_recorder

    def _hear_aborts(self):
        manager = getattr(self.virtapi, '_compute', None)
        if manager is None:
            # No compute service, as in Nova's unit tests.
            return
        try:
            abort_seam.install(manager, self._abort_early)
        except exception.UnknownSeam as exc:
            LOG.warning('The abort of a live migration waits for a conductor '
                        'that is away: %s', exc)

    def _abort_early(self, instance):
        """Abort now what Nova would when the conductor is back."""
        watcher = self._progress_observers.get(instance.uuid)
        if watcher is None or not watcher.conductor_away:
            return
        LOG.warning('The conductor does not answer; the live migration is '
                    'aborted without waiting for it.', instance=instance)
        self._progress_aborted.add(instance.uuid)
        super().live_migration_abort(instance)

    def live_migration_abort(self, instance):
        try:
            super().live_migration_abort(instance)
        except Exception as exc:
            if instance.uuid not in self._progress_aborted:
                raise
            LOG.debug('Aborted before: %s', exc, instance=instance)

    def _live_migration(self, context, instance, *args, **kwargs):
        if self._progress_recorder is None:
            return super()._live_migration(context, instance, *args, **kwargs)
        # The listener must be there before the job: a small guest migrates
        # faster than the monitor polls for the first time.
        with job_completed.JobCompletedListener(self._host, instance) as listener:
            self._progress_listeners[instance.uuid] = listener
            try:
                return super()._live_migration(
                    context, instance, *args, **kwargs)
            finally:
                self._progress_listeners.pop(instance.uuid, None)

    def _live_migration_monitor(self, *args, **kwargs):
        monitor = super()._live_migration_monitor
        if self._progress_recorder is None:
            return monitor(*args, **kwargs)
        return self._observe_live_migration(monitor, *args, **kwargs)

    def _observe_live_migration(self, monitor, context, instance, guest, dest,
                                post_method, recover_method, block_migration,
                                migrate_data, *args, **kwargs):
        try:
            listener = (self._progress_listeners.get(instance.uuid) or
                        job_completed.JobCompletedListener(self._host, instance))
            watcher = live_observer.LiveObserver(
                self._progress_recorder, instance, migrate_data.migration,
                listener)
        except Exception:
            LOG.exception('The progress of the migration cannot be recorded; '
                          'the migration is not affected', instance=instance)
            return monitor(context, instance, guest, dest, post_method,
                           recover_method, block_migration, migrate_data,
                           *args, **kwargs)
        self._progress_aborted.discard(instance.uuid)
        self._progress_observers[instance.uuid] = watcher
        with monitor_seam.observed():
            try:
                return monitor(
                    context, instance,
                    live_observer.ObservedGuest(guest, watcher.observe), dest,
                    watcher.completing(post_method),
                    watcher.failing(recover_method),
                    block_migration, migrate_data, *args, **kwargs)
            except BaseException:
                watcher.failed()
                raise
            finally:
                self._progress_observers.pop(instance.uuid, None)
                watcher.close()

    # Public methods have the parameters that Nova gives them: its tests
    # compare those of every driver with nova.virt.driver.ComputeDriver's.

    def emit_event(self, event):
        emit = functools.partial(super().emit_event, event)
        if not event_thread.is_current(self._host):
            emit()
            return
        try:
            self._event_threads.submit(emit)
        except Exception:
            emit()

    def post_live_migration_at_source(self, context, instance, network_info):
        super().post_live_migration_at_source(context, instance, network_info)
        # Nova has just switched the network over, and is about to tell the
        # database where the guest is.
        watcher = self._progress_observers.get(instance.uuid)
        if watcher is not None:
            watcher.await_conductor()

    def migrate_disk_and_power_off(self, context, instance, dest, flavor,
                                   network_info, block_device_info=None,
                                   timeout=0, retry_interval=0):
        args = (context, instance, dest, flavor, network_info,
                block_device_info, timeout, retry_interval)
        migrate = super().migrate_disk_and_power_off
        watcher = self._cold_observer(context, instance)
        if watcher is None:
            return migrate(*args)
        with copy_seam.observed(watcher):
            try:
                disk_info = migrate(*args)
            except BaseException:
                watcher.failed()
                raise
        watcher.completed()
        return disk_info

    def _cold_observer(self, context, instance):
        if self._cold_progress_recorder is None:
            return None
        try:
            return cold_observer.ColdObserver(
                self._cold_progress_recorder, context, instance)
        except Exception:
            LOG.exception('The progress of the migration cannot be recorded; '
                          'the migration is not affected', instance=instance)
            return None

    def _get_instance_disk_info(self, *args, **kwargs):
        disk_info = super()._get_instance_disk_info(*args, **kwargs)
        watcher = copy_seam.observer()
        if watcher is not None:
            watcher.plan(disk_info)
        return disk_info

    def confirm_migration(self, context, migration, instance, network_info):
        super().confirm_migration(context, migration, instance, network_info)
        self._reset_progress(instance)

    def finish_revert_migration(self, context, instance, network_info,
                                migration, block_device_info=None,
                                power_on=True, share_info=None):
        # Older releases do not have share_info, and then nobody gives it.
        shares = () if share_info is None else (share_info,)
        super().finish_revert_migration(
            context, instance, network_info, migration, block_device_info,
            power_on, *shares)
        self._reset_progress(instance)

    def _reset_progress(self, instance):
        # As stock Nova does after a live migration; its own next save of the
        # instance carries it.
        if self._cold_progress_recorder is not None and instance.progress:
            instance.progress = 0


def _register_options():
    conf.register_opts(CONF)
    for opt in conf.OPTS:
        # oslo.config checks the value of an option that is registered after
        # the files were read only when it is asked for; Nova takes the
        # ValueError it then raises for a driver of the wrong type.
        try:
            CONF[conf.GROUP.name][opt.name]
        except cfg.ConfigFileValueError as exc:
            raise nova_exception.InvalidConfiguration(str(exc))


def _installed(seam, kind):
    """Tell whether a seam could be installed; log why not."""
    try:
        seam.install()
    except exception.UnknownSeam as exc:
        LOG.error('%(kind)s migrations are monitored by stock Nova only: '
                  '%(error)s', {'kind': kind, 'error': exc})
        return False
    return True


def _correct_monitor_interval():
    """Keep Nova's monitor from dividing by zero, which aborts migrations.

    Nova 34 reads live_migration_monitor_interval in its monitor loop and sets
    no minimum; earlier releases do not have the option.
    """
    if getattr(CONF.libvirt, 'live_migration_monitor_interval', 1) == 0:
        LOG.warning('[libvirt] live_migration_monitor_interval is 0, with '
                    'which Nova aborts every live migration; 1 is used.')
        CONF.set_override('live_migration_monitor_interval', 1, 'libvirt')
