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

"""The thread in which libvirt's events arrive.

On native threads Nova handles the events of a guest's life (started, paused,
resumed, stopped) in the thread that runs libvirt's event loop
(nova.virt.libvirt.host, _ThreadingLibvirtEventHandler, since Nova 33), and
asks the conductor there. While the conductor is away libvirtd gets no answer
to its keep-alive messages for half a minute and closes the connection;
nova-compute may then wait for itself for ever (_connection_closed of
nova.virt.libvirt.host.Host for the lock that its _get_connection holds), the
service still being reported as up. Each live migration has such events on both
hosts.

On eventlet Nova has a queue between the two, and nothing is to be done.
"""

import threading
import typing

from nova.virt.libvirt import event as libvirt_event

if typing.TYPE_CHECKING:
    from nova.virt.libvirt import host as libvirt_host


def is_current(host: 'libvirt_host.Host') -> bool:
    """Tell whether the caller is the thread that runs libvirt's event loop.

    :param host: the nova.virt.libvirt.host.Host
    """
    handler = getattr(host, '_event_handler', None)
    thread = getattr(handler, '_event_thread', None)
    return thread is not None and thread is threading.current_thread()


def needs_conductor(event: object) -> bool:
    """Tell whether handling an event may ask the conductor.

    Those of devices are kept by the driver itself, for whoever waits for a
    device to be gone (emit_event of nova.virt.libvirt.driver.LibvirtDriver).
    All others go to nova.compute.manager.ComputeManager.handle_events.
    """
    return not isinstance(event, libvirt_event.LibvirtEvent)
