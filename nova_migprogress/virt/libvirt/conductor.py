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

"""Wait for a conductor that does not answer, where Nova would not."""

import time

from nova import objects
from oslo_log import log as logging
import oslo_messaging

LOG = logging.getLogger(__name__)

#: Seconds after which Nova goes on as if nothing were known.
PATIENCE = 900
#: Seconds between two questions; one that is not answered takes
#: rpc_response_timeout besides.
PAUSE = 2


def wait(migration, instance):
    """Return when the conductor and its database answer.

    To be called only when they have not answered lately. Where Nova ends a
    live migration it gives up at the first call that fails and leaves the
    migration unfinished, the instance recorded on the wrong host.

    The question is one that Nova's next steps depend on themselves: the
    migration is read. Any answer but that of an outage ends the waiting, a
    refusal too, and so do PATIENCE seconds.

    :param migration: the nova.objects.Migration that Nova works with
    """
    began = time.monotonic()
    waited = False
    while time.monotonic() < began + PATIENCE:
        try:
            objects.Migration.get_by_id(migration._context, migration.id)
            break
        except oslo_messaging.MessagingException as exc:
            # A database that does not answer is a RemoteError.
            if not waited:
                LOG.warning(
                    'The conductor does not answer (%(error)s). The end of '
                    'the live migration is completed as soon as it does, for '
                    'at most %(seconds)d seconds it is waited for.',
                    {'error': exc, 'seconds': PATIENCE}, instance=instance)
                waited = True
        except Exception as exc:
            LOG.debug('The conductor answers: %s', exc, instance=instance)
            break
        time.sleep(PAUSE)
    if waited:
        LOG.info('Nova goes on with the end of the live migration after '
                 '%d seconds', time.monotonic() - began, instance=instance)
