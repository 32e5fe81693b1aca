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

import importlib.util
import types
from unittest import mock

import fixtures
from nova import objects
from nova import test

from nova_migprogress.virt.libvirt import job_completed

UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class ImportTestCase(test.NoDBTestCase):

    def test_without_libvirt(self):
        """As on a node that Nova's driver is only imported on."""
        spec = importlib.util.find_spec(job_completed.__name__)
        module = importlib.util.module_from_spec(spec)
        with mock.patch.dict('sys.modules', libvirt=None):
            spec.loader.exec_module(module)
        self.assertIsNone(module.libvirt)


class JobCompletedListenerTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.job_completed.libvirt',
            types.SimpleNamespace(VIR_DOMAIN_EVENT_ID_JOB_COMPLETED=21)))
        self.host = mock.Mock()
        self.connection = self.host.get_connection.return_value
        self.listener = job_completed.JobCompletedListener(
            self.host, objects.Instance(uuid=UUID))

    def test_event(self):
        with self.listener:
            self.connection.lookupByUUIDString.assert_called_once_with(UUID)
            register = self.connection.domainEventRegisterAny
            domain, event, callback, opaque = register.call_args[0]
            self.assertIs(self.connection.lookupByUUIDString.return_value,
                          domain)
            self.assertEqual(21, event)
            self.assertIsNone(self.listener.statistics)
            callback(self.connection, domain, {'memory_total': 5}, opaque)
        self.assertEqual({'memory_total': 5}, self.listener.statistics)
        self.connection.domainEventDeregisterAny.assert_called_once_with(
            register.return_value)

    def test_event_of_another_job(self):
        with self.listener:
            callback = (
                self.connection.domainEventRegisterAny.call_args[0][2])
            dump = {'operation': 8, 'memory_total': 7}
            callback(self.connection, None, dump, None)
            self.assertIsNone(self.listener.statistics)
            ours = {'operation': 5, 'memory_total': 5}
            callback(self.connection, None, ours, None)
            callback(self.connection, None, dump, None)
        self.assertIs(ours, self.listener.statistics)

    def test_event_after_the_end(self):
        with self.listener:
            pass
        self.listener._store(self.connection, None, {'memory_total': 5}, None)
        self.assertEqual({'memory_total': 5}, self.listener.statistics)

    def test_registration_fails(self):
        self.connection.domainEventRegisterAny.side_effect = RuntimeError('x')
        with self.listener:
            pass
        self.assertIsNone(self.listener.statistics)
        self.connection.domainEventDeregisterAny.assert_not_called()
        self.assertIn('libvirt will not tell the final numbers',
                      self.stdlog.logger.output)

    def test_no_connection(self):
        self.host.get_connection.side_effect = RuntimeError('down')
        with self.listener:
            pass
        self.assertIsNone(self.listener.statistics)

    def test_deregistration_fails(self):
        self.connection.domainEventDeregisterAny.side_effect = (
            RuntimeError('connection lost'))
        with self.listener:
            pass

    def test_errors_inside_are_passed_on(self):
        def fail():
            with self.listener:
                raise KeyError('stock')

        self.assertRaises(KeyError, fail)
        self.connection.domainEventDeregisterAny.assert_called_once()
