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


"""Forcing a live migration to complete, not before the conductor is there.

After a switch to post-copy the guest cannot come back. That is no moment to
begin with in an outage.
"""

import collections.abc
import time
import typing

from oslo_log import log as logging

from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import log_once

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)


class ForceRequest:
    """Keeps the request for one migration until it can be handed over.

    It comes from an operator, or from Nova's monitor when
    live_migration_completion_timeout is over. No method waits.

    :param wait: asks for the conductor
    :param force: hands the request over to Nova, whose monitor acts on it the
        next time that it looks
    :param instance: the nova.objects.Instance that is migrated
    """

    def __init__(self, wait: conductor_wait.ConductorWait,
                 force: collections.abc.Callable[[], None],
                 instance: 'objects.Instance') -> None:
        self._wait = wait
        self._force = force
        self._made_at: typing.Optional[float] = None
        self._log_waiting = log_once.LogOnce(
            LOG.warning, 'The conductor does not answer; the live migration '
            'is forced to complete when it does.', instance=instance)
        self._log_failure = log_once.LogOnce(
            LOG.exception, 'Forcing the live migration to complete failed',
            instance=instance)

    def make(self) -> None:
        """Force the migration to complete as soon as the conductor answers."""
        if self._wait.answered_lately:
            self._force()
        elif self._made_at is None:
            self._made_at = time.monotonic()
            self._wait.ask()

    def poll(self) -> None:
        """Hand over what can be; called at each poll of Nova's monitor."""
        if self._made_at is None:
            return
        try:
            if self._wait.answered_since(self._made_at):
                self._made_at = None
                self._force()
                self._log_waiting.reset()
            elif self._wait.away:
                self._log_waiting()
            elif not self._wait.asking:
                # No thread could be started.
                self._wait.ask()
        except Exception:
            self._log_failure()
