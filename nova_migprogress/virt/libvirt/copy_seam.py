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

"""The place where Nova copies the disks of a cold migration.

Nova's libvirt driver (migrate_disk_and_power_off of
nova.virt.libvirt.driver.LibvirtDriver) copies them by calling
nova.virt.libvirt.utils.copy_image(). While a migration is observed, its
observer is told when a copy begins and ends and which process does it; the
copy itself is always Nova's.
"""

import collections.abc
import contextlib
import contextvars
import functools
import inspect
import subprocess
import typing

from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import utils as libvirt_utils

from nova_migprogress.i18n import _
from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova_migprogress.virt.libvirt import cold_observer

_COPY_PARAMETERS = ['src', 'dest', 'host', 'receive', 'on_execute',
                    'on_completion', 'compression']
_METHODS = {
    'migrate_disk_and_power_off': ['self', 'context', 'instance', 'dest'],
    '_get_instance_disk_info': ['self', 'instance', 'block_device_info'],
    'confirm_migration': ['self', 'context', 'migration', 'instance'],
    'finish_revert_migration': ['self', 'context', 'instance'],
}

_OnExecute = collections.abc.Callable[[subprocess.Popen[bytes]], typing.Any]

_observer: contextvars.ContextVar[
    typing.Optional['cold_observer.ColdObserver']] = contextvars.ContextVar(
        'migprogress_cold_observer', default=None)


def check(classes: collections.abc.Sequence[type] = (
        libvirt_driver.LibvirtDriver,)) -> None:
    """Check that the installed Nova looks as expected.

    :param classes: of the driver in use, those that the mixin is put before
    :raises UnknownSeam: it does not; says what is different
    """
    seam.check_context_variables()
    for name, expected in _METHODS.items():
        seam.check_method(classes, name, expected)
    path = 'nova.virt.libvirt.utils.copy_image'
    seam.check_exists(libvirt_utils, 'copy_image',
                      _('There is no %s') % path)
    seam.check_parameters(libvirt_utils, path, _COPY_PARAMETERS)


def install(classes: collections.abc.Sequence[type] = (
        libvirt_driver.LibvirtDriver,)) -> None:
    """Replace copy_image; repeating it changes nothing.

    :param classes: see check()
    :raises UnknownSeam: see check()
    """
    check(classes)
    seam.replace_once(libvirt_utils, 'copy_image', _tell_observer)


def _tell_observer(
        stock: collections.abc.Callable[..., typing.Any],
) -> collections.abc.Callable[..., typing.Any]:
    signature = inspect.signature(stock)

    @functools.wraps(stock)
    def copy_image(*args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        observer = _observer.get()
        if observer is None:
            return stock(*args, **kwargs)
        call = signature.bind(*args, **kwargs)
        if call.arguments.get('receive'):
            return stock(*args, **kwargs)
        copy = observer.copy_begins(call.arguments['src'],
                                    call.arguments['dest'])
        if call.arguments.get('host'):
            call.arguments['on_execute'] = _call_both(
                call.arguments.get('on_execute'),
                functools.partial(observer.copy_runs, copy))
        else:
            observer.copy_runs(copy)
        try:
            result = stock(*call.args, **call.kwargs)
        except BaseException:
            observer.copy_failed()
            raise
        observer.copy_ends(copy)
        return result

    return copy_image


def _call_both(stock_on_execute: typing.Optional[_OnExecute],
               on_execute: _OnExecute) -> _OnExecute:
    def call_both(process: subprocess.Popen[bytes]) -> None:
        if stock_on_execute:
            stock_on_execute(process)
        on_execute(process)
    return call_both


def current_observer() -> typing.Optional['cold_observer.ColdObserver']:
    """Return the observer of the cold migration in this thread, or None."""
    return _observer.get()


@contextlib.contextmanager
def observed(
        observer: 'cold_observer.ColdObserver',
) -> collections.abc.Iterator[None]:
    """Within this context, in this thread, an observer is told of copies."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)
