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

"""What is added to a libvirt driver so that it reports cold migrations."""

import typing

from oslo_log import log as logging

from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import stock_driver

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova import objects

LOG = logging.getLogger(__name__)


class ColdProgressMixin(stock_driver.StockDriver):
    """Observes the disk copies of cold migrations and resizes."""

    #: None: they are not observed.
    _cold_progress_recorder: typing.Optional[recorder.Recorder] = None

    @stock_driver.shown_as_stock
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

    @stock_driver.shown_as_stock
    def confirm_migration(self, context: 'nova_context.RequestContext',
                          migration: 'objects.Migration',
                          instance: 'objects.Instance', *args: typing.Any,
                          **kwargs: typing.Any) -> None:
        super().confirm_migration(context, migration, instance, *args,
                                  **kwargs)
        self._reset_progress(instance)

    @stock_driver.shown_as_stock
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
