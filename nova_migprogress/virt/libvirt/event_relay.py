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

"""Keep the thread in which libvirt's events arrive free.

On native threads Nova handles the events of a guest's life (started, paused,
resumed, stopped) in the thread that runs libvirt's event loop
(nova.virt.libvirt.host, _ThreadingLibvirtEventHandler), and asks the conductor
there. While the conductor is away libvirtd gets no answer to its keep-alive
messages for half a minute and closes the connection; nova-compute may then
wait for itself for ever, the service still being reported as up. Each live
migration has such events on both hosts.

On eventlet Nova has a queue between the two, and nothing is to be done.
"""

import collections
import threading

from oslo_log import log as logging

LOG = logging.getLogger(__name__)


def in_event_thread(host):
    """Whether the caller is the thread that runs libvirt's event loop.

    :param host: the nova.virt.libvirt.host.Host
    """
    handler = getattr(host, '_event_handler', None)
    thread = getattr(handler, '_event_thread', None)
    return thread is not None and thread is threading.current_thread()


class EventRelay:
    """Handles events one after the other, in a thread of its own.

    The thread is there only while there is something to handle.

    :param handle: called with each event
    """

    def __init__(self, handle):
        self._handle = handle
        self._lock = threading.Lock()
        self._waiting = collections.deque()
        self._running = False

    def put(self, event):
        """Have an event handled soon, after those put before it.

        :raises RuntimeError: no thread could be started; the event is
            forgotten
        """
        with self._lock:
            self._waiting.append(event)
            if self._running:
                return
            self._running = True
        try:
            threading.Thread(target=self._handle_all, daemon=True,
                             name='libvirt-event-relay').start()
        except Exception:
            with self._lock:
                self._running = False
                self._waiting.remove(event)
            raise

    def _handle_all(self):
        while True:
            with self._lock:
                if not self._waiting:
                    self._running = False
                    return
                event = self._waiting.popleft()
            try:
                self._handle(event)
            except Exception:
                LOG.exception('Handling the event %s failed', event)
