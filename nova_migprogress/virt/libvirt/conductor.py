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

"""Ask the conductor without waiting for it as long as Nova would, or longer.

Nova waits for the answer to a call for rpc_response_timeout, a minute by
default, and then gives up. That is too long for a sample, which is worth
nothing after a few seconds, and too short for the end of a live migration.
"""

import time
import typing

from nova import baserpc
from nova.conductor import rpcapi
from nova import objects
from oslo_log import log as logging
import oslo_messaging

from nova_migprogress.virt.libvirt import log_once

if typing.TYPE_CHECKING:
    from nova import context as nova_context
    from nova.objects import base as objects_base

LOG = logging.getLogger(__name__)

#: Seconds until a call that saves progress is given up. Answers are lost
#: when RabbitMQ is restarted; until then the next sample has to wait.
ANSWER_TIMEOUT = 10

#: Seconds after which Nova goes on as if nothing were known.
PATIENCE = 900
#: Seconds between two questions.
PAUSE = 2


class ImpatientConductorAPI:
    """Nova's way to the conductor for one object's save(), given up sooner.

    To be the ``indirection_api`` of an object of our own.

    :param api: the nova.conductor.rpcapi.ConductorAPI of the process
    """

    def __init__(self, api: 'rpcapi.ConductorAPI') -> None:
        self._client = api.client.prepare(timeout=ANSWER_TIMEOUT)

    def object_action(
            self, context: 'nova_context.RequestContext',
            objinst: 'objects_base.NovaObject', objmethod: str,
            args: tuple[typing.Any, ...], kwargs: dict[str, typing.Any],
    ) -> typing.Any:
        """Call a method of an object in the conductor.

        :raises oslo_messaging.MessagingTimeout: no answer; it may still be
            done later
        """
        return self._client.call(
            context, 'object_action', objinst=objinst, objmethod=objmethod,
            args=args, kwargs=kwargs)


def make_impatient(obj: 'objects_base.NovaObject') -> None:
    """Have an object's save() given up after ANSWER_TIMEOUT seconds.

    Nothing changes where objects have another way to the database.

    :param obj: a nova.objects object that nobody else uses
    """
    api = getattr(obj, 'indirection_api', None)
    if isinstance(api, rpcapi.ConductorAPI):
        obj.indirection_api = ImpatientConductorAPI(api)


def ping(context: 'nova_context.RequestContext') -> None:
    """Return when a conductor answers, or when it cannot be asked at all.

    It asks nothing of the database.

    :raises oslo_messaging.MessagingException: no answer, MessagingTimeout
        after ANSWER_TIMEOUT seconds
    """
    try:
        baserpc.BaseAPI(topic=rpcapi.RPC_TOPIC).ping(
            context, 'migration progress', timeout=ANSWER_TIMEOUT)
    except oslo_messaging.MessagingException:
        raise
    except Exception as exc:
        # What is asked next will show.
        LOG.debug('The conductor cannot be asked whether it is there: %s',
                  exc)


def wait(migration: 'objects.Migration',
         instance: 'objects.Instance') -> None:
    """Return when the conductor and its database answer.

    To be called only when they have not answered lately. Where Nova ends a
    live migration (_post_live_migration and _rollback_live_migration of
    nova.compute.manager.ComputeManager) it gives up at the first call that
    fails and leaves the migration unfinished, the instance recorded on the
    wrong host.

    The question is one that Nova's next steps depend on themselves: the
    migration is read. Any answer but that of an outage ends the waiting, a
    refusal too, and so do PATIENCE seconds.

    :param migration: the nova.objects.Migration that Nova works with
    """
    began = time.monotonic()
    log_waiting = log_once.LogOnce(
        LOG.warning,
        'The conductor does not answer (%(error)s). The end of the live '
        'migration is completed as soon as it does, for at most %(seconds)d '
        'seconds it is waited for.', instance=instance)
    while time.monotonic() < began + PATIENCE:
        try:
            ping(migration._context)
            objects.Migration.get_by_id(migration._context, migration.id)
            break
        except oslo_messaging.MessagingException as exc:
            # A database that does not answer is a RemoteError.
            log_waiting({'error': exc, 'seconds': PATIENCE})
        except Exception as exc:
            LOG.debug('The conductor answers: %s', exc, instance=instance)
            break
        time.sleep(PAUSE)
    if log_waiting.logged:
        LOG.info('Nova goes on with the end of the live migration after '
                 '%d seconds', time.monotonic() - began, instance=instance)
