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

"""libvirt's word that a migration job is complete, with its final numbers."""

import types
import typing

from oslo_log import log as logging

from nova_migprogress.virt.libvirt import job_stats

if typing.TYPE_CHECKING:
    from nova import objects
    from nova.virt.libvirt import host as libvirt_host

try:
    import libvirt
except ImportError:
    # As in Nova: only a compute node needs it.
    libvirt = None

LOG = logging.getLogger(__name__)


class JobCompletedListener:
    """Keeps the statistics of one domain's JOB_COMPLETED event.

    libvirt emits VIR_DOMAIN_EVENT_ID_JOB_COMPLETED on the source of a
    migration that succeeded, never for one that failed or was aborted; it is
    the only place where the final numbers can be read, because the domain is
    gone afterwards. Other jobs of the domain, such as a dump, end in the same
    event and are not listened to.

    :param host: the nova.virt.libvirt.host.Host of the source
    :param instance: the nova.objects.Instance that is migrated
    """

    def __init__(self, host: 'libvirt_host.Host',
                 instance: 'objects.Instance') -> None:
        self._host = host
        self._instance = instance
        self._connection: typing.Optional['libvirt.virConnect'] = None
        self._callback_id: typing.Optional[int] = None
        #: The statistics of the event, None until it arrives. Set from
        #: libvirt's native thread, without a lock.
        self.statistics: typing.Optional[dict[str, typing.Any]] = None

    def __enter__(self) -> 'JobCompletedListener':
        try:
            connection = self._host.get_connection()
            domain = connection.lookupByUUIDString(self._instance.uuid)
            self._callback_id = connection.domainEventRegisterAny(
                domain, libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                self._store, None)
            self._connection = connection
        except Exception as exc:
            LOG.warning('libvirt will not tell the final numbers of the '
                        'migration, its last sample is taken instead: %s',
                        exc, instance=self._instance)
        return self

    def __exit__(self, exc_type: typing.Optional[type[BaseException]],
                 exc: typing.Optional[BaseException],
                 traceback: typing.Optional[types.TracebackType]) -> None:
        if self._connection is None:
            return
        try:
            self._connection.domainEventDeregisterAny(self._callback_id)
        except Exception as error:
            # A connection that broke has forgotten the callback itself.
            LOG.debug('Cannot deregister from libvirt events: %s', error,
                      instance=self._instance)

    def _store(self, connection: 'libvirt.virConnect',
               domain: 'libvirt.virDomain', statistics: dict[str, typing.Any],
               opaque: object) -> None:
        # This is libvirt's own native thread (_native_thread of
        # nova.virt.libvirt.host). Calling anything from here, the log
        # included, can block the event loop or, under eventlet, run a green
        # thread's lock in the wrong thread.
        if job_stats.is_of_migration(statistics):
            self.statistics = statistics
