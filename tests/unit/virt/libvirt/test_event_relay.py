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
import time
from unittest import mock

from nova import test
from nova.virt.libvirt import host

from nova_migprogress.virt.libvirt import event_relay

NAME = 'libvirt-event-relay'


class EventRelayTestCase(test.NoDBTestCase):

    def wait(self):
        deadline = time.monotonic() + 10
        while any(thread.name == NAME for thread in threading.enumerate()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def test_in_order_and_not_waited_for(self):
        go = threading.Event()
        handled = []

        def handle(event):
            go.wait(10)
            handled.append((event, threading.current_thread().name))

        relay = event_relay.EventRelay(handle)
        for number in range(5):
            relay.put(number)
        self.assertEqual([], handled)
        go.set()
        self.wait()
        self.assertEqual([(number, NAME) for number in range(5)], handled)
        # No thread is left, and the next event gets another one.
        relay.put(5)
        self.wait()
        self.assertEqual((5, NAME), handled[-1])

    def test_failure_does_not_end_it(self):
        handled = []

        def handle(event):
            handled.append(event)
            raise ValueError('bad event')

        relay = event_relay.EventRelay(handle)
        for number in range(3):
            relay.put(number)
            self.wait()
        self.assertEqual([0, 1, 2], handled)
        self.assertIn('Handling the event 0 failed',
                      self.stdlog.logger.output)

    def test_no_thread(self):
        handled = []
        relay = event_relay.EventRelay(handled.append)
        with mock.patch.object(threading.Thread, 'start',
                               side_effect=RuntimeError('no more')):
            self.assertRaises(RuntimeError, relay.put, 1)
        relay.put(2)
        self.wait()
        self.assertEqual([2], handled)


class EventThreadTestCase(test.NoDBTestCase):

    def test_nova_handles_events_in_the_thread_they_arrive_in(self):
        """What this module is about; mended in Nova, it can go."""
        handler_class = getattr(host, '_ThreadingLibvirtEventHandler', None)
        if handler_class is None:
            self.skipTest('needs a Nova that knows native threads')
        handled = []
        handler = handler_class(None, lambda event: handled.append(
            event_relay.in_event_thread(mock.Mock(_event_handler=handler))))
        handler._event_thread = threading.current_thread()
        handler._queue_event(host.virtevent.LifecycleEvent('uuid', 1))
        self.assertEqual([True], handled)

    def test_other_threads(self):
        other = threading.Thread()
        self.assertFalse(event_relay.in_event_thread(mock.Mock(
            _event_handler=mock.Mock(_event_thread=other))))

    def test_other_novas(self):
        for other in (object(), mock.Mock(spec=['_event_handler']),
                      mock.Mock(_event_handler=object())):
            self.assertFalse(event_relay.in_event_thread(other))
