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


"""The place where Nova saves that a live migration runs in post-copy mode.

When Nova has switched to post-copy it saves the new status at once, in its
monitor (trigger_postcopy_switch of nova.virt.libvirt.migration). If that
raises the monitor ends, and with it the migration, from which there is no way
back: the guest is lost.
"""

import collections.abc
import contextlib
import contextvars
import functools
import typing

from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova import objects
    from nova.virt.libvirt import guest as libvirt_guest

_PARAMETERS = ['guest', 'instance', 'migration']

_Save = collections.abc.Callable[[str], None]

_save_status: contextvars.ContextVar[typing.Optional[_Save]] = (
    contextvars.ContextVar('migprogress_save_status', default=None))


class _Migration:
    """Nova's Migration, whose status is saved without waiting for it.

    It stays a change of Nova's own object, too.
    """

    def __init__(self, migration: 'objects.Migration', save: _Save) -> None:
        self.__dict__.update(_migration=migration, _save=save)

    def __getattr__(self, name: str) -> typing.Any:
        return getattr(self._migration, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._migration, name, value)

    def save(self) -> None:
        self._save(self._migration.status)


def check() -> None:
    """Check that the installed Nova looks as expected.

    :raises UnknownSeam: it does not
    """
    seam.check_parameters(
        libvirt_migration,
        'nova.virt.libvirt.migration.trigger_postcopy_switch',
        _PARAMETERS, exact=True)


def install() -> None:
    """Replace trigger_postcopy_switch; repeating it changes nothing.

    :raises UnknownSeam: see check()
    """
    check()
    seam.replace_once(libvirt_migration, 'trigger_postcopy_switch',
                      _saving_later)


def _saving_later(
        stock: collections.abc.Callable[..., None],
) -> collections.abc.Callable[..., None]:
    @functools.wraps(stock)
    def trigger_postcopy_switch(guest: 'libvirt_guest.Guest',
                                instance: 'objects.Instance',
                                migration: 'objects.Migration') -> None:
        save = _save_status.get()
        stock(guest, instance,
              migration if save is None else _Migration(migration, save))

    return trigger_postcopy_switch


@contextlib.contextmanager
def saving_by(
        save: typing.Optional[_Save]) -> collections.abc.Iterator[None]:
    """Within this context, in this thread, the status is saved otherwise.

    :param save: is given the status and returns at once; None leaves the
        saving to Nova
    """
    token = _save_status.set(save)
    try:
        yield
    finally:
        _save_status.reset(token)
