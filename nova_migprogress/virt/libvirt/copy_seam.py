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

"""The one place where Nova's copying of disks is replaced, and its checks.

Nova's libvirt driver copies a cold migration's disks by calling
nova.virt.libvirt.utils.copy_image(). While a migration is observed, its
observer is told when a copy begins and ends and which process does it; the
copy itself is always Nova's.
"""

import contextlib
import contextvars
import functools
import inspect

from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import utils as libvirt_utils

from nova_migprogress import exception
from nova_migprogress.i18n import _

_COPY_PARAMETERS = ['src', 'dest', 'host', 'receive', 'on_execute',
                    'on_completion', 'compression']
_METHODS = {
    'migrate_disk_and_power_off': ['self', 'context', 'instance', 'dest'],
    '_get_instance_disk_info': ['self', 'instance', 'block_device_info'],
    'confirm_migration': ['self', 'context', 'migration', 'instance'],
    'finish_revert_migration': ['self', 'context', 'instance'],
}

_observer = contextvars.ContextVar('migprogress_cold_observer', default=None)


def check():
    """Check that the installed Nova looks as expected.

    :raises UnknownSeam: it does not; says what is different
    """
    for name, expected in _METHODS.items():
        _check_parameters(
            'nova.virt.libvirt.driver.LibvirtDriver.' + name,
            getattr(libvirt_driver.LibvirtDriver, name, None), expected)
    _check_parameters('nova.virt.libvirt.utils.copy_image',
                      getattr(libvirt_utils, 'copy_image', None),
                      _COPY_PARAMETERS)


def _check_parameters(name, function, expected):
    if function is None:
        raise exception.UnknownSeam(_('There is no %s') % name)
    if list(inspect.signature(function).parameters)[:len(expected)] != (
            expected):
        raise exception.UnknownSeam(
            _('%(name)s does not have the expected parameters %(expected)s')
            % {'name': name, 'expected': ', '.join(expected)})


def install():
    """Replace copy_image; repeating it changes nothing.

    :raises UnknownSeam: see check()
    """
    check()
    stock = libvirt_utils.copy_image
    if getattr(stock, 'migration_progress_seam', False):
        return
    signature = inspect.signature(stock)

    @functools.wraps(stock)
    def copy_image(*args, **kwargs):
        observer = _observer.get()
        if observer is None:
            return stock(*args, **kwargs)
        call = signature.bind(*args, **kwargs)
        if call.arguments.get('receive'):
            return stock(*args, **kwargs)
        copy = observer.copy_begins(call.arguments['src'],
                                    call.arguments['dest'])
        if call.arguments.get('host'):
            call.arguments['on_execute'] = _chained(
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

    copy_image.migration_progress_seam = True
    libvirt_utils.copy_image = copy_image


def _chained(stock_on_execute, on_execute):
    def both(process):
        if stock_on_execute:
            stock_on_execute(process)
        on_execute(process)
    return both


def observer():
    """Return the observer of the cold migration in this thread, or None."""
    return _observer.get()


@contextlib.contextmanager
def observed(observer):
    """Within this context, in this thread, an observer is told of copies.

    :param observer: a cold_observer.ColdObserver
    """
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)
