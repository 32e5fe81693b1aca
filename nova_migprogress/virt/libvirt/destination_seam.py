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

"""The place where Nova has the destination record that it has the guest.

When a live migration has succeeded the source asks the destination to do its
part (post_live_migration_at_destination of nova.compute.rpcapi.ComputeAPI). If
that raises, be it that only the answer was lost, Nova reports an error and the
server is in the state ERROR.
"""

import collections.abc
import functools
import typing

from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova.compute import manager as compute_manager
    from nova import context as nova_context
    from nova import objects

_PARAMETERS = ['ctxt', 'instance', 'block_migration', 'host']

#: Calls a function for an instance, given the host, in an outage again.
Call = collections.abc.Callable[
    ['objects.Instance', str, collections.abc.Callable[[], typing.Any]],
    typing.Any]


def check(manager: 'compute_manager.ComputeManager') -> None:
    """Check that the manager's way to other hosts looks as expected.

    :raises UnknownSeam: it does not
    """
    seam.check_parameters(
        getattr(manager, 'compute_rpcapi', None),
        'nova.compute.rpcapi.ComputeAPI.post_live_migration_at_destination',
        _PARAMETERS, exact=True)


def install(manager: 'compute_manager.ComputeManager', call: Call) -> None:
    """Have the destination of a live migration told by a caller.

    Repeating it changes nothing.

    :param manager: that of this process
    :param call: is given the instance, the destination and what is to be
        called
    :raises UnknownSeam: see check()
    """
    check(manager)

    def by_caller(
            stock: collections.abc.Callable[..., typing.Any],
    ) -> collections.abc.Callable[..., typing.Any]:
        @functools.wraps(stock)
        def post_live_migration_at_destination(
                ctxt: 'nova_context.RequestContext',
                instance: 'objects.Instance', block_migration: bool,
                host: str) -> typing.Any:
            return call(instance, host, functools.partial(
                stock, ctxt, instance, block_migration, host))

        return post_live_migration_at_destination

    seam.replace_once(manager.compute_rpcapi,
                      'post_live_migration_at_destination', by_caller)
