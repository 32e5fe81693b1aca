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

import nova.conf
from nova import exception
from nova import objects
from oslo_config import cfg
from oslo_log import log as logging

from nova_migprogress import conf
from nova_migprogress.objects import migration as migration_object
from nova_migprogress.virt.libvirt import events
from nova_migprogress.virt.libvirt import observer
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import seams

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF


class ProgressMixin:
    """To be put before nova.virt.libvirt.driver.LibvirtDriver.

    It changes nothing of what the driver does: it watches the polls that the
    stock monitor of a live migration makes, and has what they say recorded.
    With a Nova whose driver does not look as expected it does nothing.

    :raises nova.exception.InvalidConfiguration: an option of the group
        ``[migration_progress]`` is out of its bounds
    """

    def __init__(self, *args, **kwargs):
        _register_options()
        super().__init__(*args, **kwargs)
        self._progress_listeners = {}
        self._progress_recorder = None
        try:
            migration_object.ensure_fields(objects.Migration)
            seams.install()
        except (migration_object.IncompatibleMigration,
                seams.UnknownSeam) as exc:
            LOG.error('Migrations are monitored by stock Nova only: %s', exc)
        else:
            self._progress_recorder = recorder.Recorder()

    def _live_migration(self, context, instance, *args, **kwargs):
        # The listener must be there before the job: a small guest migrates
        # faster than the monitor polls for the first time.
        with events.JobCompletedListener(self._host, instance) as listener:
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
                        events.JobCompletedListener(self._host, instance))
            watcher = observer.LiveObserver(
                self._progress_recorder, instance, migrate_data.migration,
                listener)
        except Exception:
            LOG.exception('The progress of the migration cannot be recorded; '
                          'the migration is not affected', instance=instance)
            return monitor(context, instance, guest, dest, post_method,
                           recover_method, block_migration, migrate_data,
                           *args, **kwargs)
        with seams.observed():
            try:
                return monitor(
                    context, instance,
                    observer.ObservedGuest(guest, watcher.observe), dest,
                    watcher.completing(post_method),
                    watcher.failing(recover_method),
                    block_migration, migrate_data, *args, **kwargs)
            except BaseException:
                watcher.failed()
                raise
            finally:
                watcher.close()


def _register_options():
    conf.register_opts(CONF)
    for opt in conf.OPTS:
        # oslo.config checks the value of an option that is registered after
        # the files were read only when it is asked for; Nova takes the
        # ValueError it then raises for a driver of the wrong type.
        try:
            CONF[conf.GROUP.name][opt.name]
        except cfg.ConfigFileValueError as exc:
            raise exception.InvalidConfiguration(str(exc))
