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

"""The one place of Nova's libvirt driver that is replaced, and its checks.

Nova's live migration monitor saves the progress itself, synchronously, by
calling nova.virt.libvirt.migration.save_stats(): a conductor that does not
answer then aborts the migration. While a migration is observed that save is
left to the recorder.
"""

import contextlib
import contextvars
import functools
import inspect

from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import guest as libvirt_guest
from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress import exception
from nova_migprogress.i18n import _

_MONITOR_PARAMETERS = ['self', 'context', 'instance', 'guest', 'dest',
                       'post_method', 'recover_method', 'block_migration',
                       'migrate_data']
_SAVE_STATS_PARAMETERS = ['instance', 'migration', 'info', 'remaining']

_observed = contextvars.ContextVar('migprogress_observed', default=False)


def check():
    """Check that the installed Nova looks as expected.

    :raises UnknownSeam: it does not; says what is different
    """
    monitor = getattr(libvirt_driver.LibvirtDriver, '_live_migration_monitor',
                      None)
    if monitor is None or list(inspect.signature(
            monitor).parameters)[:len(_MONITOR_PARAMETERS)] != (
                _MONITOR_PARAMETERS):
        raise exception.UnknownSeam(_(
            'nova.virt.libvirt.driver.LibvirtDriver._live_migration_monitor '
            'does not have the expected parameters %s')
            % ', '.join(_MONITOR_PARAMETERS))
    if not hasattr(libvirt_driver.LibvirtDriver, '_live_migration'):
        raise exception.UnknownSeam(_(
            'nova.virt.libvirt.driver.LibvirtDriver has no _live_migration'))
    save_stats = getattr(libvirt_migration, 'save_stats', None)
    if save_stats is None or list(inspect.signature(
            save_stats).parameters) != _SAVE_STATS_PARAMETERS:
        raise exception.UnknownSeam(_(
            'nova.virt.libvirt.migration.save_stats does not have the '
            'expected parameters %s') % ', '.join(_SAVE_STATS_PARAMETERS))
    if not hasattr(libvirt_guest.Guest, 'get_job_info'):
        raise exception.UnknownSeam(_(
            'nova.virt.libvirt.guest.Guest has no get_job_info'))


def install():
    """Replace save_stats; repeating it changes nothing.

    :raises UnknownSeam: see check()
    """
    check()
    stock = libvirt_migration.save_stats
    if getattr(stock, 'migration_progress_seam', False):
        return

    @functools.wraps(stock)
    def save_stats(instance, migration, info, remaining):
        if not _observed.get():
            stock(instance, migration, info, remaining)

    save_stats.migration_progress_seam = True
    libvirt_migration.save_stats = save_stats


@contextlib.contextmanager
def observed():
    """Within this context, in this thread, Nova saves no progress itself."""
    token = _observed.set(True)
    try:
        yield
    finally:
        _observed.reset(token)
