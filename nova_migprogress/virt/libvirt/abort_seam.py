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

"""The place in Nova where an operator's abort can be heard in time.

Nova notes the beginning of every action in the database before it does
anything (nova.compute.utils.wrap_instance_event): with a conductor that is
away an abort waits for it, and is lost after rpc_response_timeout, while the
guest goes on to suffer. The request has reached the compute service then; what
is missing is that somebody tells the driver.
"""

import collections.abc
import functools
import types
import typing

from oslo_log import log as logging

from nova_migprogress.virt.libvirt import seam

if typing.TYPE_CHECKING:
    from nova.compute import manager as compute_manager
    from nova import context as nova_context
    from nova import objects

LOG = logging.getLogger(__name__)

_PARAMETERS = ['context', 'instance', 'migration_id']


def check(manager: 'compute_manager.ComputeManager') -> None:
    """Check that the compute manager looks as expected.

    :raises UnknownSeam: it does not
    """
    # The signature is that of the innermost function: Nova's decorators tell
    # what they wrap.
    seam.check_parameters(
        manager, 'nova.compute.manager.ComputeManager.live_migration_abort',
        _PARAMETERS, exact=True)


def install(manager: 'compute_manager.ComputeManager',
            hear: collections.abc.Callable[['objects.Instance', int], None],
            ) -> None:
    """Have aborts told before Nova itself does anything about them.

    Repeating it changes nothing.

    :param manager: that of this process
    :param hear: called with the instance and the id of the migration that is
        to be aborted; what it raises is logged
    :raises UnknownSeam: see check()
    """
    check(manager)

    def tell_first(stock: types.MethodType) -> types.MethodType:
        @functools.wraps(stock.__func__)
        def live_migration_abort(
                _manager: 'compute_manager.ComputeManager',
                context: 'nova_context.RequestContext',
                instance: 'objects.Instance',
                migration_id: int) -> typing.Any:
            try:
                hear(instance, migration_id)
            except Exception:
                LOG.exception('The abort waits for the conductor',
                              instance=instance)
            # As by oslo.messaging, which gives all but the context by name.
            return stock(context, instance=instance,
                         migration_id=migration_id)

        # A method, because Nova keeps account of the requests that it is
        # working on for methods only (nova.service._TrackingEndpointWrapper
        # of Nova 34).
        return types.MethodType(live_migration_abort, manager)

    seam.replace_once(manager, 'live_migration_abort', tell_first)
