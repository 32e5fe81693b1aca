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

import threading
from unittest import mock

from nova import test
from nova.virt import event as virt_event
from nova.virt.libvirt import event as libvirt_event
from nova.virt.libvirt import host

from nova_migprogress.virt.libvirt import event_thread


class EventThreadTestCase(test.NoDBTestCase):

    def test_nova_handles_events_in_the_thread_they_arrive_in(self):
        """What this module is about; mended in Nova, it can go."""
        handler_class = getattr(host, '_ThreadingLibvirtEventHandler', None)
        if handler_class is None:
            self.skipTest('needs a Nova that knows native threads')
        handled = []
        handler = handler_class(None, lambda event: handled.append(
            event_thread.is_current(mock.Mock(_event_handler=handler))))
        handler._event_thread = threading.current_thread()
        handler._queue_event(host.virtevent.LifecycleEvent('uuid', 1))
        self.assertEqual([True], handled)

    def test_other_threads(self):
        other = threading.Thread()
        self.assertFalse(event_thread.is_current(mock.Mock(
            _event_handler=mock.Mock(_event_thread=other))))

    def test_other_novas(self):
        for other in (object(), mock.Mock(spec=['_event_handler']),
                      mock.Mock(_event_handler=object())):
            self.assertFalse(event_thread.is_current(other))

    def test_events_that_are_not_kept_by_the_driver(self):
        for event, expected in (
                (virt_event.LifecycleEvent('uuid', 1), True),
                (libvirt_event.DeviceRemovedEvent('uuid', 'disk'), False)):
            self.assertIs(expected, event_thread.needs_conductor(event))
