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

"""The place where Nova saves the progress of a live migration itself.

Nova's live migration monitor (_live_migration_monitor of
nova.virt.libvirt.driver.LibvirtDriver) does it synchronously, by calling
nova.virt.libvirt.migration.save_stats(): a conductor that does not answer then
aborts the migration. While a migration is observed that save is left to the
recorder.
"""

import collections.abc
import contextlib
import contextvars
import functools
import typing

from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import guest as libvirt_guest
from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress.i18n import _
from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova import objects

_MONITOR_PARAMETERS = ['self', 'context', 'instance', 'guest', 'dest',
                       'post_method', 'recover_method', 'block_migration',
                       'migrate_data']
_MIGRATION_PARAMETERS = ['self', 'context', 'instance']
_SAVE_STATS_PARAMETERS = ['instance', 'migration', 'info', 'remaining']

_observed = contextvars.ContextVar('migprogress_observed', default=False)


def check(classes: collections.abc.Sequence[type] = (
        libvirt_driver.LibvirtDriver,)) -> None:
    """Check that the installed Nova looks as expected.

    :param classes: of the driver in use, those that the mixin is put before
    :raises UnknownSeam: it does not; says what is different
    """
    seam.check_context_variables()
    # Nova up to 31 gives the monitor an event, later ones a future besides.
    seam.check_method(classes, '_live_migration_monitor', _MONITOR_PARAMETERS)
    seam.check_method(classes, '_live_migration', _MIGRATION_PARAMETERS)
    seam.check_parameters(
        libvirt_migration, 'nova.virt.libvirt.migration.save_stats',
        _SAVE_STATS_PARAMETERS, exact=True)
    seam.check_exists(
        libvirt_guest.Guest, 'get_job_info',
        _('nova.virt.libvirt.guest.Guest has no get_job_info'))


def install(classes: collections.abc.Sequence[type] = (
        libvirt_driver.LibvirtDriver,)) -> None:
    """Replace save_stats; repeating it changes nothing.

    :param classes: see check()
    :raises UnknownSeam: see check()
    """
    check(classes)
    seam.replace_once(libvirt_migration, 'save_stats', _unless_observed)


def _unless_observed(
        stock: collections.abc.Callable[..., None],
) -> collections.abc.Callable[..., None]:
    @functools.wraps(stock)
    def save_stats(instance: 'objects.Instance',
                   migration: 'objects.Migration',
                   info: 'libvirt_guest.JobInfo', remaining: int) -> None:
        if not _observed.get():
            stock(instance, migration, info, remaining)

    return save_stats


@contextlib.contextmanager
def observed() -> collections.abc.Iterator[None]:
    """Within this context, in this thread, Nova saves no progress itself."""
    token = _observed.set(True)
    try:
        yield
    finally:
        _observed.reset(token)
