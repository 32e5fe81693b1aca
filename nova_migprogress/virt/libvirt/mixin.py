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
import threading
import types
import typing

from nova import objects
from oslo_log import log as logging

from nova_migprogress import exception
from nova_migprogress.objects import migration as migration_object
from nova_migprogress.virt.libvirt import cold_mixin
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import live_migrations
from nova_migprogress.virt.libvirt import live_mixin
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import options
from nova_migprogress.virt.libvirt import outage_mixin
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import thread_pool

LOG = logging.getLogger(__name__)

#: What ProgressMixin is made of.
_MIXINS = (live_mixin.LiveProgressMixin, outage_mixin.OutageMixin,
           cold_mixin.ColdProgressMixin)


class ProgressMixin(live_mixin.LiveProgressMixin,
                    cold_mixin.ColdProgressMixin):
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
        try:
            migration_object.ensure_fields(objects.Migration)
        except exception.IncompatibleMigration as exc:
            LOG.error('Migrations are monitored by stock Nova only: %s', exc)
            return
        progress_recorder = recorder.Recorder()
        stock = find_stock_classes(type(self))
        if _install(monitor_seam, 'Live', stock):
            self._live_progress_recorder = progress_recorder
            self._hear_aborts()
            self._outlast_outages()
        if _install(copy_seam, 'Cold', stock):
            self._cold_progress_recorder = progress_recorder


def find_stock_classes(driver: type) -> list[type]:
    """Return those classes of a driver that the mixin is put before."""
    mro = driver.__mro__
    return [each for each in mro[mro.index(ProgressMixin) + 1:]
            if each not in _MIXINS]


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
