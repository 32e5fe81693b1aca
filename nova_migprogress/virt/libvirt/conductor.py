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

"""Ask the conductor without waiting for it as long as Nova would.

Nova waits for the answer to a call for rpc_response_timeout, a minute by
default. That is too long for a sample, which is worth nothing after a few
seconds. For the end of a live migration it is too short: conductor_wait.py.
"""

import typing

from nova import baserpc
from nova.conductor import rpcapi
from oslo_log import log as logging
import oslo_messaging

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova.objects import base as objects_base

LOG = logging.getLogger(__name__)

#: Seconds until a call that saves progress is given up. Answers are lost
#: when RabbitMQ is restarted; until then the next sample has to wait.
ANSWER_TIMEOUT = 10

#: Names of exceptions, of those in the conductor too, that say that the
#: database or the way to it is away or does not take writes.
_OUTAGES = frozenset((
    'BackendNotAvailable', 'BrokenPipeError', 'CantStartEngineError',
    'ConnectionError', 'ConnectionRefusedError', 'ConnectionResetError',
    'DBConnectionError', 'DBDeadlock', 'DBError', 'DatabaseError',
    'DisconnectionError', 'InterfaceError', 'InternalError',
    'MessageDeliveryFailure', 'MessageUndeliverable', 'MessagingTimeout',
    'OSError', 'OperationalError', 'PendingRollbackError', 'RemoteError',
    'RetryRequest', 'TimeoutError'))
#: Exceptions of the way to the conductor that time does not heal.
_REFUSALS = frozenset((
    'InvalidTarget', 'NoSuchMethod', 'RPCVersionCapError',
    'UnsupportedVersion'))


class ImpatientConductorAPI:
    """Nova's way to the conductor for one object's save(), given up sooner.

    To be the ``indirection_api`` of an object of our own.

    :param api: the nova.conductor.rpcapi.ConductorAPI of the process
    """

    def __init__(self, api: 'rpcapi.ConductorAPI') -> None:
        self._client = api.client
        #: Seconds until a call is given up.
        self.timeout = ANSWER_TIMEOUT

    def object_action(
            self, context: 'nova_context.RequestContext',
            objinst: 'objects_base.NovaObject', objmethod: str,
            args: tuple[typing.Any, ...], kwargs: dict[str, typing.Any],
    ) -> typing.Any:
        """Call a method of an object in the conductor.

        :raises oslo_messaging.MessagingTimeout: no answer; it may still be
            done later
        """
        return self._client.prepare(timeout=self.timeout).call(
            context, 'object_action', objinst=objinst, objmethod=objmethod,
            args=args, kwargs=kwargs)


def make_impatient(
        obj: 'objects_base.NovaObject',
) -> typing.Optional[ImpatientConductorAPI]:
    """Have an object's save() given up after ANSWER_TIMEOUT seconds.

    Nothing changes where objects have another way to the database.

    :param obj: a nova.objects object that nobody else uses
    :returns: its way to the conductor, None if it has another one
    """
    api = getattr(obj, 'indirection_api', None)
    if not isinstance(api, rpcapi.ConductorAPI):
        return None
    obj.indirection_api = ImpatientConductorAPI(api)
    return obj.indirection_api


def ping(context: 'nova_context.RequestContext',
         timeout: int = ANSWER_TIMEOUT) -> None:
    """Return when a conductor answers, or when it cannot be asked at all.

    It asks nothing of the database.

    :param timeout: seconds
    :raises oslo_messaging.MessagingException: no answer, MessagingTimeout
        after that time
    """
    try:
        baserpc.BaseAPI(topic=rpcapi.RPC_TOPIC).ping(
            context, 'migration progress', timeout=timeout)
    except oslo_messaging.MessagingException:
        raise
    except Exception as exc:
        # What is asked next will show.
        LOG.debug('The conductor cannot be asked whether it is there: %s',
                  exc)


def is_outage(exc: Exception) -> bool:
    """Tell whether a call may succeed later although it raised this.

    It may where conductor, queue or database did not answer, or the database
    does not take writes. A refusal will be repeated as often as one asks.
    """
    if isinstance(exc, oslo_messaging.RemoteError):
        return exc.exc_type in _OUTAGES
    name = type(exc).__name__
    if isinstance(exc, oslo_messaging.MessagingException):
        return name not in _REFUSALS
    return isinstance(exc, OSError) or name in _OUTAGES


def is_late(exc: Exception) -> bool:
    """Tell whether what was asked for may still be done later."""
    return isinstance(exc, oslo_messaging.MessagingTimeout)


def may_be_done_later(exc: Exception) -> bool:
    """Tell whether a save that failed may still be done, at any time.

    What the conductor itself answers, a RemoteError, is its last word.
    """
    return (isinstance(exc, oslo_messaging.MessagingException) and
            not isinstance(exc, oslo_messaging.RemoteError))
