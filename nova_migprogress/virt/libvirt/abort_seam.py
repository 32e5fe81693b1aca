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
anything (nova.compute.manager.wrap_instance_event): with a conductor that is
away an abort waits for it, and is lost after rpc_response_timeout, while the
guest goes on to suffer. The request has reached the compute service then; what
is missing is that somebody tells the driver.
"""

import functools
import inspect
import types

from oslo_log import log as logging

from nova_migprogress import exception
from nova_migprogress.i18n import _

LOG = logging.getLogger(__name__)

_PARAMETERS = ['context', 'instance', 'migration_id']


def check(manager):
    """Check that the compute manager looks as expected.

    :raises UnknownSeam: it does not
    """
    method = getattr(manager, 'live_migration_abort', None)
    # The signature is that of the innermost function: Nova's decorators tell
    # what they wrap.
    if method is None or list(inspect.signature(
            method).parameters) != _PARAMETERS:
        raise exception.UnknownSeam(_(
            'nova.compute.manager.ComputeManager.live_migration_abort does '
            'not have the expected parameters %s') % ', '.join(_PARAMETERS))


def install(manager, hear):
    """Have aborts told before Nova itself does anything about them.

    Repeating it changes nothing.

    :param manager: the nova.compute.manager.ComputeManager of this process
    :param hear: called with the instance; what it raises is logged
    :raises UnknownSeam: see check()
    """
    check(manager)
    stock = manager.live_migration_abort
    if getattr(stock, 'migration_progress_seam', False):
        return

    @functools.wraps(stock.__func__)
    def live_migration_abort(_manager, context, instance, *args, **kwargs):
        try:
            hear(instance)
        except Exception:
            LOG.exception('The abort waits for the conductor',
                          instance=instance)
        return stock(context, instance, *args, **kwargs)

    live_migration_abort.migration_progress_seam = True
    # A method, because Nova keeps account of the requests that it is working
    # on for methods only (nova.service._TrackingEndpointWrapper).
    manager.live_migration_abort = types.MethodType(
        live_migration_abort, manager)
