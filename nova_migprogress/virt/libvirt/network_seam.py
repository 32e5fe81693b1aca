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


"""The place where Nova switches a guest's network over to the destination.

When a live migration has succeeded Nova activates the port bindings of the
destination (migrate_instance_start of nova.network.neutron.API). If that
raises, nothing that comes after it is done: the guest runs on the destination
without a network. The network service often fails in the outage in which the
conductor does, for want of the same message queue or database.
"""

import collections.abc
import functools
import typing

from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova.compute import manager as compute_manager
    from nova import context as nova_context
    from nova import objects

_PARAMETERS = ['context', 'instance', 'migration']

#: Calls a function for an instance, again when it failed in an outage.
Call = collections.abc.Callable[
    ['objects.Instance', collections.abc.Callable[[], typing.Any]],
    typing.Any]


def check(manager: 'compute_manager.ComputeManager') -> None:
    """Check that the manager's network API looks as expected.

    :raises UnknownSeam: it does not
    """
    seam.check_parameters(
        getattr(manager, 'network_api', None),
        'nova.network.neutron.API.migrate_instance_start',
        _PARAMETERS, exact=True)


def install(manager: 'compute_manager.ComputeManager', call: Call) -> None:
    """Have the network of a live migration switched over by a caller.

    Repeating it changes nothing.

    :param manager: that of this process
    :param call: is given the instance and what is to be called
    :raises UnknownSeam: see check()
    """
    check(manager)

    def by_caller(
            stock: collections.abc.Callable[..., typing.Any],
    ) -> collections.abc.Callable[..., typing.Any]:
        @functools.wraps(stock)
        def migrate_instance_start(
                context: 'nova_context.RequestContext',
                instance: 'objects.Instance',
                migration: 'objects.Migration') -> typing.Any:
            return call(instance, functools.partial(
                stock, context, instance, migration))

        return migrate_instance_start

    seam.replace_once(manager.network_api, 'migrate_instance_start', by_caller)
