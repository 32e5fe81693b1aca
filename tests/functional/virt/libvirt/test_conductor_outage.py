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
import types
from unittest import mock

import fixtures
from nova import objects
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
FINAL = (TOTAL, 300 * MIB + 5, 0, 0, 0, 0)
WRITER = 'migration-progress-writer'

STEPS = [player.NOT_STARTED, player.PREPARING] + [
    player.statistics((TOTAL, number * 5 * MIB, TOTAL - number * 5 * MIB))
    for number in range(1, 29)]


class ConductorOutageTestCase(base.LiveMigrationBase):
    """The conductor does not answer when a live migration ends."""

    def setUp(self):
        super().setUp()
        self.back = threading.Event()
        self.asked = threading.Event()
        self.order = []
        save = objects.Migration.save

        def fail():
            if not self.back.is_set():
                raise oslo_messaging.MessagingTimeout('no reply')

        def save_in_outage(migration):
            if threading.current_thread().name == WRITER:
                fail()
            return save(migration)

        def read(_context, _number):
            self.asked.set()
            fail()
            self.order.append('answered')

        for name, new in (
                ('nova.objects.Migration.save', save_in_outage),
                ('nova_migprogress.virt.libvirt.conductor.objects',
                 types.SimpleNamespace(
                     Migration=mock.Mock(get_by_id=read))),
                ('nova_migprogress.virt.libvirt.conductor.PAUSE', 0.05)):
            self.useFixture(fixtures.MonkeyPatch(name, new))

    def note(self, target, name):
        method = getattr(target, name)

        def noted(*args, **kwargs):
            self.order.append(name)
            return method(*args, **kwargs)

        self.useFixture(fixtures.MockPatchObject(
            target, name, side_effect=noted))

    def test_completed(self):
        self.note(self.src.manager.network_api, 'migrate_instance_start')
        self.note(self.src.manager.compute_rpcapi,
                  'post_live_migration_at_destination')
        self.play(STEPS, poll_faster=5,
                  completed=player.statistics(FINAL[:3]))
        self.start_migration()
        self.assertTrue(self.asked.wait(30))
        # The network is switched over at once, and the server is not lost.
        self.assertEqual(['migrate_instance_start'], self.order)
        self.assertEqual('running', self.migration().status)
        self.back.set()
        self.follow('completed')
        self.wait_for_record(FINAL)
        self.assertEqual(
            ['migrate_instance_start', 'answered',
             'post_live_migration_at_destination'], self.order)
        self.assertEqual(
            1, self.stdlog.logger.output.count(
                'WARNING [%s]' % conductor.__name__))

    def test_failed(self):
        self.note(objects.InstancePCIRequests, 'get_by_instance_uuid')
        self.play(STEPS, poll_faster=5, outcome='failed')
        self.start_migration()
        self.assertTrue(self.asked.wait(30))
        del self.order[:]
        self.back.set()
        self.follow('failed', 'error')
        # The first step of Nova's roll-back.
        self.assertEqual(['answered', 'get_by_instance_uuid'],
                         self.order[:2])
