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

"""What is done alike at every place of Nova that is replaced.

Such a place is called a seam. Nova is changed there in memory, once per
process, after a check that it looks as expected; each seam has a module of its
own that says what is expected of Nova and what replaces it.
"""

import collections.abc
import inspect
import sys
import typing

from nova_migprogress import exception
from nova_migprogress.i18n import _

#: The attribute by which a replacement is known.
_MARKER = 'migration_progress_seam'

_Function = typing.TypeVar(
    '_Function', bound=collections.abc.Callable[..., typing.Any])


def check_exists(owner: object, name: str, message: str) -> None:
    """Check that a class or module of Nova has an attribute.

    :param message: of the error
    :raises UnknownSeam: it has not
    """
    if getattr(owner, name, None) is None:
        raise exception.UnknownSeam(message)


def check_parameters(owner: object, path: str, expected: list[str],
                     exact: bool = False) -> None:
    """Check that a function of Nova has the parameters that it should have.

    :param owner: the class, object or module that should have it
    :param path: the whole name of the function, of which the last part is
        that of the owner's attribute
    :param expected: names of its parameters
    :param exact: these are all; otherwise further ones may follow
    :raises UnknownSeam: there is no such function, or it has others
    """
    function = getattr(owner, path.rpartition('.')[2], None)
    found = ([] if function is None
             else list(inspect.signature(function).parameters))
    if (found if exact else found[:len(expected)]) != expected:
        raise exception.UnknownSeam(
            _('%(name)s does not have the expected parameters %(expected)s')
            % {'name': path, 'expected': ', '.join(expected)})


def check_method(classes: collections.abc.Iterable[type], name: str,
                 expected: list[str]) -> None:
    """Check that a method has the parameters that it should have.

    One that takes any arguments (``*args``) is taken to pass them on to the
    next class that has such a method.

    :param classes: those that are asked for the method, in this order
    :param name: of the method
    :param expected: names of its parameters; further ones may follow
    :raises UnknownSeam: there is no such method, or it has others
    """
    owners = [cls for cls in classes if callable(vars(cls).get(name))]
    if not owners:
        raise exception.UnknownSeam(
            _('%(name)s does not have the expected parameters %(expected)s')
            % {'name': 'nova.virt.libvirt.driver.LibvirtDriver.' + name,
               'expected': ', '.join(expected)})
    for owner in owners:
        if not _passes_on(vars(owner)[name], expected):
            check_parameters(owner, '%s.%s.%s' % (
                owner.__module__, owner.__qualname__, name), expected)
            return


def _passes_on(function: collections.abc.Callable[..., typing.Any],
               expected: list[str]) -> bool:
    """Tell whether it has the first of the parameters, and takes any more."""
    parameters = list(inspect.signature(function).parameters.values())
    for parameter, name in zip(parameters, expected):
        if parameter.kind is parameter.VAR_POSITIONAL:
            return True
        if parameter.name != name:
            return False
    return False


def check_context_variables() -> None:
    """Check that the threads of this process have context variables.

    They tell the seams which migration the caller is at work for. Green
    threads have them from greenlet 0.4.17 on.

    :raises UnknownSeam: two migrations could be mixed up
    """
    patcher = sys.modules.get('eventlet.patcher')
    is_patched = getattr(patcher, 'is_monkey_patched', None)
    if is_patched is None or not is_patched('thread'):
        return
    greenlet = sys.modules.get('greenlet')
    if not getattr(greenlet, 'GREENLET_USE_CONTEXT_VARS', False):
        raise exception.UnknownSeam(
            _('greenlet %s does not keep the context variables of green '
              'threads apart, which it does from 0.4.17 on')
            % getattr(greenlet, '__version__', '?'))


def replace_once(
        owner: object, name: str,
        make_replacement: collections.abc.Callable[[_Function], _Function],
) -> None:
    """Replace a function or method of Nova; repeating it changes nothing.

    :param owner: the object or module whose attribute it is
    :param name: of the attribute
    :param make_replacement: is given the stock function and returns what is
        put in its place
    """
    stock = getattr(owner, name)
    if getattr(stock, _MARKER, False):
        return
    replacement = make_replacement(stock)
    # A method shows the attributes of its function, and takes none itself.
    setattr(getattr(replacement, '__func__', replacement), _MARKER, True)
    setattr(owner, name, replacement)
