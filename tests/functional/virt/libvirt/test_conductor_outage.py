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

"""A live migration ends while nothing that needs the conductor works."""

import functools
import time

import ddt
import fixtures
from nova.db.main import api as db
from nova.network import neutron
from nova import objects
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import guest as libvirt_guest

from tests.functional import outage
from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
FINAL = (TOTAL, 300 * MIB + 5, 0, 0, 0, 0)

STEPS = [player.NOT_STARTED, player.PREPARING] + [
    player.statistics((TOTAL, number * 5 * MIB, TOTAL - number * 5 * MIB))
    for number in range(1, 15)]


class OutageTestBase(base.LiveMigrationBase):

    def begin_at_end(self, **kwargs):
        """Let an outage begin when libvirt's job ends, not before.

        The last write was fine: nobody knows of the outage.
        """
        broken = self.useFixture(outage.ConductorOutage(**kwargs))
        for name in ('_post_live_migration_update_host',
                     '_rollback_live_migration'):
            broken.begin_before(self.src.manager, name)
        return broken

    def migrate(self, **kwargs):
        kwargs.setdefault('completed', player.statistics(FINAL[:3]))
        self.play(STEPS, poll_faster=5, **kwargs)
        self.start_migration()

    def assert_moved(self):
        self.follow('completed', timeout=25)
        self.wait_for_record(FINAL)
        server = self._wait_for_server_parameter(
            self.server, {'OS-EXT-STS:task_state': None})
        self.assertEqual(('dest', 'ACTIVE'), (
            server['OS-EXT-SRV-ATTR:host'], server['status']))
        self.wait_for_no_listener()


OUTAGES = {
    'no_answer': {'delay': 0.5},
    'no_database': {'error': outage.no_database},
    'read_only': {'error': outage.read_only_database, 'read_only': True},
}


@ddt.ddt
class EndTestCase(OutageTestBase):

    @ddt.data(*OUTAGES)
    def test_completed(self, kind):
        broken = self.begin_at_end(**OUTAGES[kind])
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        self.assertEqual('running', self.migration().status)
        time.sleep(3)
        broken.end()
        self.assert_moved()

    @ddt.data(*OUTAGES)
    def test_failed(self, kind):
        broken = self.begin_at_end(**OUTAGES[kind])
        self.migrate(outcome='failed')
        self.assertTrue(broken.noticed.wait(30))
        broken.end()
        self.follow('failed', 'error')
        server = self._wait_for_server_parameter(
            self.server, {'OS-EXT-STS:task_state': None})
        self.assertEqual('src', server['OS-EXT-SRV-ATTR:host'])

    def test_nothing_of_it_is_waited_for(self):
        """As stock: Nova loses the migration."""
        self.flags(conductor_patience=0, group='migration_progress')
        broken = self.begin_at_end(error=outage.no_database)
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        self.wait_for_no_listener()
        broken.end()
        self.assertEqual('running', self.migration().status)
        server = self.api.get_server(self.server['id'])
        self.assertEqual('src', server['OS-EXT-SRV-ATTR:host'])

    def test_network_fails_too(self):
        broken = self.begin_at_end(error=outage.no_database)
        broken.takes(neutron.API, 'has_port_binding_extension')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        time.sleep(1)
        broken.end()
        self.assert_moved()

    def test_network_fails_too_and_longer(self):
        broken = self.begin_at_end(error=outage.no_database)
        failing = [True]
        stock = neutron.API.has_port_binding_extension

        def has_port_binding_extension(*args, **kwargs):
            if failing and broken.begun.is_set():
                raise RuntimeError('no network service')
            return stock(*args, **kwargs)

        self.useFixture(fixtures.MockPatchObject(
            neutron.API, 'has_port_binding_extension',
            has_port_binding_extension))
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        time.sleep(1)
        broken.end()
        time.sleep(3)
        self.assertEqual('running', self.migration().status)
        failing.clear()
        self.assert_moved()

    def test_unplugging_fails_too(self):
        broken = self.begin_at_end(error=outage.no_database)
        broken.takes(type(self.src.driver), 'unplug_vifs')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        broken.end()
        self.assert_moved()

    def test_given_up(self):
        self.flags(conductor_patience=2, group='migration_progress')
        broken = self.begin_at_end(delay=30)
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        began = time.monotonic()
        while 'not waited for any longer' not in self.stdlog.logger.output:
            self.assertLess(time.monotonic() - began, 10)
            time.sleep(0.1)
        self.assertIn('The guest runs on the host dest, which Nova may not '
                      'have recorded', self.stdlog.logger.output)
        broken.end()
        # Nova's thread must not be left waiting for services that the test
        # has ended.
        self.wait_for_no_listener()

    def test_service_stops_meanwhile(self):
        broken = self.begin_at_end(delay=30)
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        began = time.monotonic()
        self.src.manager.set_shutdown_in_progress()
        while 'nova-compute is being stopped' not in self.stdlog.logger.output:
            self.assertLess(time.monotonic() - began, 5)
            time.sleep(0.1)
        broken.end()
        self.wait_for_no_listener()


class LaterTestCase(OutageTestBase):
    """The conductor goes when Nova is in the middle of the end."""

    def test_before_the_source_is_left(self):
        broken = self.useFixture(outage.ConductorOutage(
            error=outage.no_database))
        broken.begin_before(
            self.src.manager,
            '_post_live_migration_remove_source_vol_connections')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        broken.end()
        self.assert_moved()

    def test_before_the_destination_is_told(self):
        broken = self.useFixture(outage.ConductorOutage(
            error=outage.no_database))
        broken.begin_before(self.src.manager.compute_rpcapi,
                            'post_live_migration_at_destination')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        time.sleep(1)
        broken.end()
        self.assert_moved()

    def test_in_the_middle_of_the_destination(self):
        broken = self.useFixture(outage.ConductorOutage(
            error=outage.no_database))
        broken.begin_before(self.dest.driver,
                            'post_live_migration_at_destination')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        time.sleep(1)
        broken.end()
        self.assert_moved()

    def test_after_the_destination_was_told(self):
        broken = self.useFixture(outage.ConductorOutage(
            error=outage.no_database))
        broken.begin_before(self.src.manager.instance_events,
                            'clear_events_for_instance')
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        time.sleep(1)
        broken.end()
        self.assert_moved()

    def interrupt(self, target, name, after=False):
        """Let a call fail once, as in an outage that is over at once."""
        method = getattr(target, name)
        calls = []

        def interrupted(*args, **kwargs):
            calls.append(name)
            if len(calls) > 1:
                return method(*args, **kwargs)
            if after:
                method(*args, **kwargs)
            raise outage.no_answer() if after else outage.no_database()

        self.useFixture(fixtures.MockPatchObject(target, name, interrupted))
        return calls

    def test_destination_is_interrupted(self):
        calls = self.interrupt(self.dest.manager.rt,
                               'allocate_pci_devices_for_instance')
        self.migrate()
        self.assert_moved()
        self.assertEqual(2, len(calls))

    def test_answer_of_the_destination_is_lost(self):
        """RabbitMQ is restarted."""
        calls = self.interrupt(self.dest.manager,
                               'post_live_migration_at_destination',
                               after=True)
        self.migrate()
        self.assert_moved()
        self.assertEqual(1, len(calls))

    def test_steps_of_the_source_are_done_once(self):
        """A volume's device may be another guest's by the second time."""
        steps = ['post_live_migration', 'post_live_migration_at_source']
        done = []
        for name in steps:
            self.count(name, done)
        self.interrupt(self.src.manager, 'update_available_resource')
        self.migrate()
        self.assert_moved()
        self.assertEqual(steps, done)

    def count(self, name, done):
        stock = getattr(libvirt_driver.LibvirtDriver, name)

        def counted(driver, *args, **kwargs):
            if driver is self.src.driver:
                done.append(name)
            return stock(driver, *args, **kwargs)

        # Its signature is looked at.
        self.useFixture(fixtures.MockPatchObject(
            libvirt_driver.LibvirtDriver, name,
            functools.wraps(stock)(counted)))


class ForceTestCase(OutageTestBase):

    FORCED = [player.statistics((TOTAL, 200 * MIB, 57 * MIB))] * 5

    def setUp(self):
        super().setUp()
        self.flags(live_migration_permit_post_copy=True, group='libvirt')
        self.broken = self.useFixture(outage.ConductorOutage(delay=1))

    def play_endless(self):
        self.played = self.play(
            STEPS, poll_faster=5, outcome='endless', forced=self.FORCED,
            completed=player.statistics(FINAL[:3]))
        self.start_migration()
        while self.record()[0] is None:
            time.sleep(0.05)

    def told(self):
        return [name for name, _when in self.played.told]

    def test_requested_in_outage(self):
        self.play_endless()
        self.broken.begin()
        self.src.driver.live_migration_force_complete(
            objects.Instance.get_by_uuid(self.context, self.server['id']))
        time.sleep(4)
        self.assertEqual([], self.told())
        self.broken.end()
        self.assert_moved()
        self.assertEqual(1, len(self.told()))
        self.assertEqual(1, self.stdlog.logger.output.count(
            'is forced to complete when it does'))

    def test_timeout_in_outage(self):
        self.flags(live_migration_timeout_action='force_complete',
                   live_migration_completion_timeout=1, group='libvirt')
        self.play_endless()
        self.broken.begin()
        time.sleep(5)
        self.assertEqual([], self.told())
        self.broken.end()
        self.assert_moved()
        self.assertEqual(1, len(set(self.told())))

    def test_conductor_goes_with_the_switch(self):
        self.broken.begin_before(libvirt_guest.Guest, 'migrate_start_postcopy')
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.driver.LibvirtDriver._is_post_copy_enabled',
            lambda *args: True))
        self.play_endless()
        self.force_migration()
        self.assertTrue(self.broken.noticed.wait(30))
        self.assertEqual(['post-copy'], self.told())
        time.sleep(3)
        self.broken.end()
        self.follow('running (post-copy)', timeout=25)
        self.assert_moved()

    def test_status_is_saved_late(self):
        """One of two conductors is frozen at the switch, and thawed later."""
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.REPEAT_PAUSES',
            (3,)))
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.driver.LibvirtDriver._is_post_copy_enabled',
            lambda *args: True))
        stock = db.migration_update
        fetched = []

        def migration_update(context, migration_id, values):
            if 'running (post-copy)' in values.values() and not fetched:
                fetched.append((context, migration_id, dict(values)))
                raise outage.no_answer()
            return stock(context, migration_id, values)

        self.useFixture(fixtures.MockPatchObject(
            db, 'migration_update', migration_update))
        self.play_endless()
        self.force_migration()
        self.assert_moved()
        ended = self.migration()
        stock(*fetched[0])
        self.assertEqual('running (post-copy)', self.migration().status)
        self.follow('completed', timeout=10)
        self.assertGreaterEqual(self.migration().updated_at, ended.updated_at)
