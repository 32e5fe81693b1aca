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

import inspect
import threading
import time
from unittest import mock

import fixtures
from nova import context
from nova import exception as nova_exception
from nova import objects
from nova import test
from nova.virt import driver as virt_driver
from nova.virt.libvirt import event as libvirt_event
from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress import conf
from nova_migprogress import exception
from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import live_mixin
from nova_migprogress.virt.libvirt import mixin
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import options
from nova_migprogress.virt.libvirt import outage_mixin
from nova_migprogress.virt.libvirt import post_copy_seam

UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class StockDriver:

    def __init__(self, virtapi):
        self.virtapi = virtapi
        self._host = mock.Mock()
        self.aborted = []
        self.abort_failure = None
        self.emitted = []
        self.failure = None
        self.monitored = []
        self.migrated = []
        self.confirmed = []
        self.reverted = []
        self.left = []
        self.cleaned = []
        self.left_failure = None
        self.completed = []
        self.forced = []
        self.hosts = []

    def _live_migration(self, context, instance, dest, post_method,
                        recover_method, block_migration, migrate_data):
        return self._live_migration_monitor(
            context, instance, mock.sentinel.guest, dest, post_method,
            recover_method, block_migration, migrate_data, 'future', 'paths')

    def _live_migration_monitor(self, *args):
        self.monitored.append(args)
        return 'result'

    def emit_event(self, event):
        self.emitted.append((event, threading.current_thread().name))

    def live_migration_abort(self, instance):
        self.aborted.append(instance)
        if self.abort_failure:
            raise self.abort_failure

    def live_migration_force_complete(self, instance):
        self.forced.append(instance)

    def post_live_migration(self, *args):
        self.completed.append(args)

    def post_live_migration_at_source(self, *args):
        self.left.append(args)
        if self.left_failure:
            raise self.left_failure

    def init_host(self, host):
        self.hosts.append(host)

    def cleanup_host(self, host):
        self.hosts.append(host)

    def cleanup(self, *args, **kwargs):
        self.cleaned.append((args, kwargs))

    def migrate_disk_and_power_off(self, *args, **kwargs):
        self.migrated.append((args, copy_seam.current_observer()))
        self.keywords = kwargs
        if self.failure:
            raise self.failure
        return self._get_instance_disk_info(args[1], 'block devices')

    def _get_instance_disk_info(self, *args):
        return [args]

    def confirm_migration(self, *args):
        self.confirmed.append(args)

    def finish_revert_migration(self, *args, **kwargs):
        self.reverted.append((args, kwargs))


class SiteDriver(StockDriver):
    """A site's own, in which Nova's methods are overridden."""

    def _live_migration_monitor(self, *args):
        return super()._live_migration_monitor(*args)

    def migrate_disk_and_power_off(self, context, instance, dest, *args,
                                   site_option=None, **kwargs):
        return super().migrate_disk_and_power_off(
            context, instance, dest, *args, **kwargs)


class OtherSiteDriver(StockDriver):

    def _live_migration_monitor(self, context, guest):
        """Not as expected."""

    def _get_instance_disk_info(self):
        """Not as expected."""


class ComputeAPI:

    def __init__(self):
        self.told = []

    def post_live_migration_at_destination(self, ctxt, instance,
                                           block_migration, host):
        self.told.append((ctxt, instance, block_migration, host))


class Manager:

    def __init__(self):
        self.compute_rpcapi = ComputeAPI()
        self.network_api = mock.Mock()
        self.network_api.migrate_instance_start = (
            lambda context, instance, migration: 'started')

    def live_migration_abort(self, context, instance, migration_id):
        """Nova's, which waits for a conductor first."""


class Driver(mixin.ProgressMixin, StockDriver):
    pass


class ProgressMixinTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        conf.register_opts(options.CONF)
        self.instance = objects.Instance(
            uuid=UUID, host='src', progress=0,
            flavor=objects.Flavor(memory_mb=256))
        self.migrate_data = mock.Mock(
            migration=objects.Migration(id=1, uuid=UUID))

    def migrate(self, driver, migrate_data):
        return driver._live_migration(
            mock.sentinel.context, self.instance, 'dest', mock.sentinel.post,
            mock.sentinel.recover, False, migrate_data)

    def test_monitor_is_observed(self):
        driver = Driver(None)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))
        args, = driver.monitored
        self.assertEqual((mock.sentinel.context, self.instance), args[:2])
        self.assertIsNot(mock.sentinel.guest, args[2])
        self.assertEqual('dest', args[3])
        self.assertEqual((False, self.migrate_data, 'future', 'paths'),
                         args[6:])
        self.assertEqual({}, driver._progress_migrations._migrations)

    def observed_by(self, monitor):
        """Migrate with a monitor of the test's; returns the observer."""
        with mock.patch.object(
                StockDriver, '_live_migration_monitor',
                side_effect=monitor), mock.patch.object(
                    live_mixin.live_observer, 'LiveObserver') as observers:
            try:
                self.migrate(Driver(None), self.migrate_data)
            finally:
                self.calls = observers.return_value.mock_calls
        return observers.return_value

    def test_nova_ends_it_by_way_of_the_observer(self):
        ends = []
        observer = self.observed_by(lambda *args: ends.extend(args[4:6]))
        self.assertEqual(
            [mock.call.wrap_post_method(mock.sentinel.post, 'dest'),
             mock.call.wrap_recover_method(mock.sentinel.recover),
             mock.call.close()], self.calls)
        self.assertEqual([observer.wrap_post_method.return_value,
                          observer.wrap_recover_method.return_value], ends)

    def test_libvirt_is_listened_to_from_before_the_job(self):
        driver = Driver(None)
        with mock.patch.object(
                live_mixin.job_completed, 'JobCompletedListener',
                mock.MagicMock()) as listeners, mock.patch.object(
                    live_mixin.live_observer, 'LiveObserver') as observers:
            self.migrate(driver, self.migrate_data)
        listeners.assert_called_once_with(driver._host, self.instance)
        self.assertIs(listeners.return_value.__enter__.return_value,
                      observers.call_args[0][3])

    def test_monitor_fails(self):
        for error in (ValueError('stock'), SystemExit()):
            self.assertIs(error, self.assertRaises(
                type(error), self.observed_by, mock.Mock(side_effect=error)))
            self.assertEqual([mock.call.failed(), mock.call.close()],
                             self.calls[2:])

    def test_saves_of_novas_monitor_are_left_to_the_recorder(self):
        saved = []
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.migration.save_stats',
            lambda instance, migration, info, remaining: saved.append(info)))

        def monitor(*args):
            libvirt_migration.save_stats(self.instance, None, 'ours', 0)

        self.observed_by(monitor)
        libvirt_migration.save_stats(self.instance, None, 'stock', 0)
        self.assertEqual(['stock'], saved)

    def test_post_copy(self):
        """Its status is saved without waiting, unless that is not wanted."""
        for patience in (900, 0):
            self.flags(conductor_patience=patience,
                       group='migration_progress')
            savers = []
            wait = self.within_migration(Driver(None), lambda: savers.append(
                post_copy_seam._save_status.get()))
            self.assertEqual([wait.save_status if patience else None], savers)
            self.assertIsNone(post_copy_seam._save_status.get())

    def test_seam_of_post_copy_is_installed(self):
        with mock.patch.object(post_copy_seam, 'install') as install:
            Driver(None)
        install.assert_called_once_with()

    def test_polls(self):
        """The observer is shown them, and what waits for one is done."""
        driver = Driver(None)
        info = mock.sentinel.info
        guest = mock.Mock()
        guest.get_job_info.return_value = info

        def monitor(*args):
            driver.live_migration_force_complete(self.instance)
            self.wait.answered_since.return_value = True
            self.assertEqual([], driver.forced)
            self.assertIs(info, args[2].get_job_info())

        with mock.patch.object(
                StockDriver, '_live_migration_monitor',
                side_effect=monitor), mock.patch.object(
                    live_mixin.conductor_wait, 'ConductorWait') as waits, (
                    mock.patch.object(live_mixin.live_observer.LiveObserver,
                                      'observe')) as observe:
            self.wait = waits.return_value
            self.wait.answered_lately = self.wait.unanswered = False
            driver._live_migration_monitor(
                mock.sentinel.context, self.instance, guest, 'dest',
                mock.sentinel.post, mock.sentinel.recover, False,
                self.migrate_data)
        observe.assert_called_once_with(info)
        self.assertEqual([self.instance], driver.forced)

    def within_migration(self, driver, do):
        """Do something while Nova's monitor runs; returns what waits."""
        with mock.patch.object(
                StockDriver, '_live_migration_monitor',
                side_effect=lambda *args: do()), mock.patch.object(
                    live_mixin.conductor_wait, 'ConductorWait') as waits:
            self.wait = waits.return_value
            self.wait.unanswered = False
            self.wait.answered_lately = False
            self.migrate(driver, self.migrate_data)
        self.wait.close.assert_called_once_with()
        return self.wait

    def post(self, driver):
        driver.post_live_migration(
            mock.sentinel.context, self.instance, 'devices', 'data')

    def leave(self, driver):
        driver.post_live_migration_at_source(
            mock.sentinel.context, self.instance, 'network')

    def test_conductor_is_awaited_before_the_source_is_left(self):
        driver = Driver(None)

        def do():
            self.wait.wait.side_effect = lambda: self.assertEqual(
                [], driver.completed)
            self.post(driver)

        self.within_migration(driver, do).wait.assert_called_once_with()
        # Not when there is no migration of the driver's.
        self.post(driver)
        self.wait.wait.assert_called_once_with()
        self.assertEqual([(mock.sentinel.context, self.instance, 'devices',
                           'data')] * 2, driver.completed)

    def test_conductor_is_awaited_when_the_source_was_left(self):
        driver = Driver(None)
        wait = self.within_migration(driver, lambda: self.leave(driver))
        wait.wait.assert_called_once_with()
        self.leave(driver)
        self.assertEqual(
            [(mock.sentinel.context, self.instance, 'network')] * 2,
            driver.left)

    def test_leaving_the_source_fails(self):
        driver = Driver(None)
        driver.left_failure = ValueError('stock')

        def do():
            self.wait.outlasted.return_value = False
            self.assertRaises(ValueError, self.leave, driver)

        self.within_migration(driver, do).wait.assert_called_once_with()
        self.assertEqual(1, len(driver.left))

    def test_leaving_the_source_fails_in_an_outage(self):
        driver = Driver(None)
        driver.left_failure = ValueError('stock')

        def outlasted():
            driver.left_failure = None
            return True

        def do():
            self.wait.outlasted.side_effect = outlasted
            self.leave(driver)

        self.within_migration(driver, do)
        self.assertEqual(2, len(driver.left))

    def test_steps_that_are_done_once_more(self):
        """Nova's end is repeated; what the driver has done is not."""
        manager = Manager()
        start = mock.Mock(return_value='started')
        manager.network_api.migrate_instance_start = (
            lambda context, instance, migration: start())
        driver = Driver(mock.Mock(_compute=manager))

        def end():
            manager.network_api.migrate_instance_start(
                'context', self.instance, 'migration')
            self.post(driver)
            self.leave(driver)
            driver.cleanup('context', self.instance, 'network',
                           destroy_disks=True)

        def do():
            with outage_mixin.end_steps.each_once():
                driver.left_failure = ValueError('no')
                self.wait.outlasted.return_value = False
                self.assertRaises(ValueError, end)
                driver.left_failure = None
                end()
                end()

        self.within_migration(driver, do)
        self.assertEqual((1, 1, 2), (start.call_count, len(driver.completed),
                                     len(driver.left)))
        cleaned = (('context', self.instance, 'network'),
                   {'destroy_disks': True})
        self.assertEqual([cleaned], driver.cleaned)
        # Those of other operations.
        driver.cleanup('context', self.instance, 'network', destroy_disks=True)
        self.assertEqual([cleaned] * 2, driver.cleaned)

    def tell(self, manager):
        return manager.compute_rpcapi.post_live_migration_at_destination(
            'context', self.instance, block_migration=False, host='dest')

    def test_destination_is_told(self):
        manager = Manager()
        told = manager.compute_rpcapi.told
        driver = Driver(mock.Mock(_compute=manager))
        calls = []
        with mock.patch.object(
                outage_mixin.end_steps, 'tell_destination',
                side_effect=lambda tell, *args: calls.append(args)) as tell:
            self.within_migration(driver, lambda: self.tell(manager))
            self.assertEqual([(self.instance, 'dest', self.wait)], calls)
            self.assertEqual([], told)
            tell.call_args[0][0]()
            self.assertEqual([('context', self.instance, False, 'dest')], told)
            self.flags(conductor_patience=0, group='migration_progress')
            self.within_migration(driver, lambda: self.tell(manager))
            self.tell(manager)
            tell.assert_called_once()
        self.assertEqual(3, len(told))

    def test_network(self):
        """It is switched over again when that failed in an outage."""
        manager = Manager()
        results = [RuntimeError('no'), RuntimeError('no'), 'started']
        start = mock.Mock(side_effect=results)
        manager.network_api.migrate_instance_start = (
            lambda context, instance, migration: start())
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.outage_mixin._RETRY_PAUSE', 0.01))
        driver = Driver(mock.Mock(_compute=manager))
        self.within_migration(
            driver, lambda: self.assertEqual(
                'started', manager.network_api.migrate_instance_start(
                    'context', self.instance, 'migration')))
        self.assertEqual(3, start.call_count)
        # Any other migration is Nova's.
        start.side_effect = RuntimeError('stock')
        self.assertRaises(RuntimeError,
                          manager.network_api.migrate_instance_start,
                          'context', self.instance, 'migration')
        self.assertEqual(4, start.call_count)

    def call_in_vain(self, driver, call):
        """Call what fails for good; returns the pauses."""
        pauses = []

        def sleep(seconds):
            pauses.append(seconds)
            self.now += seconds

        self.now = 100.0
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.outage_mixin.time',
            mock.Mock(monotonic=lambda: self.now, sleep=sleep)))
        self.within_migration(driver, lambda: self.assertRaises(
            RuntimeError, driver._call_again_after_outage, self.instance,
            call))
        return pauses

    def test_network_fails_for_good(self):
        call = mock.Mock(side_effect=RuntimeError('no'))
        pauses = self.call_in_vain(Driver(None), call)
        # For a minute.
        self.assertEqual([2] * 30, pauses)
        self.assertEqual(1 + 30 + 1, call.call_count)

    def test_network_fails_when_the_service_is_being_stopped(self):
        driver = Driver(None)
        driver.cleanup_host('host')
        call = mock.Mock(side_effect=RuntimeError('no'))
        self.assertEqual([], self.call_in_vain(driver, call))
        self.assertEqual(2, call.call_count)

    def test_conductor_is_awaited_when_the_monitor_failed(self):
        driver = Driver(None)
        self.assertRaises(
            ValueError, self.within_migration, driver,
            mock.Mock(side_effect=ValueError('stock')))
        self.wait.wait.assert_called_once_with()
        self.wait.close.assert_called_once_with()

    def test_next_migration_begins_before_the_one_that_failed_is_over(self):
        """Nova's last call to the conductor takes its time."""
        driver = Driver(None)
        running = threading.Event()
        goes_on = threading.Event()
        self.addCleanup(goes_on.set)
        waits = [mock.Mock(unanswered=False), mock.Mock(unanswered=False)]

        def second(*args):
            running.set()
            goes_on.wait(10)

        def first(*args):
            monitor.side_effect = second
            thread.start()
            running.wait(10)

        thread = threading.Thread(target=self.migrate, args=(
            driver, self.migrate_data))
        with mock.patch.object(
                StockDriver, '_live_migration_monitor',
                side_effect=first) as monitor, mock.patch.object(
                    live_mixin.conductor_wait, 'ConductorWait',
                    side_effect=waits):
            self.migrate(driver, self.migrate_data)
            waits[0].close.assert_called_once_with()
            waits[1].close.assert_not_called()
            known = driver._progress_migrations.get(UUID)
            self.assertIs(waits[1], known.wait)
            self.assertIsNotNone(known.observer)
            self.assertIsNotNone(known.force)
            goes_on.set()
            thread.join(10)
        waits[1].close.assert_called_once_with()
        self.assertEqual({}, driver._progress_migrations._migrations)

    def test_force_complete(self):
        driver = Driver(None)
        driver.live_migration_force_complete(self.instance)
        self.assertEqual([self.instance], driver.forced)

        def do():
            driver.live_migration_force_complete(self.instance)
            self.wait.ask.assert_called_once_with()
            self.assertEqual(1, len(driver.forced))
            self.wait.answered_lately = True
            driver.live_migration_force_complete(self.instance)
            self.assertEqual(2, len(driver.forced))
            self.wait.answered_lately = False
            self.flags(conductor_patience=0, group='migration_progress')
            driver.live_migration_force_complete(self.instance)
            self.assertEqual(3, len(driver.forced))

        self.within_migration(driver, do)

    def test_service_is_being_stopped(self):
        driver = Driver(None)
        driver.init_host('host')
        self.assertFalse(driver._is_stopping())
        driver.cleanup_host('host')
        self.assertTrue(driver._is_stopping())
        driver.init_host('host')
        self.assertFalse(driver._is_stopping())
        self.assertEqual(['host'] * 3, driver.hosts)

    def test_service_that_lets_migrations_end_first(self):
        manager = Manager()
        driver = Driver(mock.Mock(_compute=manager))
        self.assertFalse(driver._is_stopping())
        manager._shutdown_in_progress = threading.Event()
        self.assertFalse(driver._is_stopping())
        manager._shutdown_in_progress.set()
        self.assertTrue(driver._is_stopping())

    def abort(self, away, failure=None, migration_id=1):
        """Abort a running migration; returns the driver."""
        manager = Manager()
        driver = Driver(mock.Mock(_compute=manager))
        driver.abort_failure = failure
        observer = mock.Mock(conductor_away=away,
                             can_be_aborted=lambda number: number == 1)

        def monitor(*args):
            manager.live_migration_abort('context', self.instance,
                                         migration_id)

        with mock.patch.object(StockDriver, '_live_migration_monitor',
                               side_effect=monitor), mock.patch.object(
                                   live_mixin.live_observer, 'LiveObserver',
                                   return_value=observer):
            self.migrate(driver, self.migrate_data)
        return driver

    def test_abort_is_novas(self):
        driver = self.abort(away=False)
        self.assertEqual([], driver.aborted)
        driver.abort_failure = nova_exception.NovaException('no job')
        self.assertRaises(nova_exception.NovaException,
                          driver.live_migration_abort, self.instance)

    def test_abort_does_not_wait_for_the_conductor(self):
        driver = self.abort(away=True)
        self.assertEqual([self.instance], driver.aborted)
        # Nova's own comes when all is over.
        driver.abort_failure = nova_exception.NovaException('no job')
        driver.live_migration_abort(self.instance)
        self.assertEqual([self.instance] * 2, driver.aborted)
        # The next migration is another matter.
        self.migrate(driver, self.migrate_data)
        self.assertRaises(nova_exception.NovaException,
                          driver.live_migration_abort, self.instance)

    def test_abort_that_libvirt_refuses_is_none(self):
        refusal = nova_exception.NovaException('in post-copy')
        driver = self.abort(away=True, failure=refusal)
        self.assertEqual([self.instance], driver.aborted)
        # Nova's own is refused as well, and says so.
        self.assertIs(refusal, self.assertRaises(
            nova_exception.NovaException, driver.live_migration_abort,
            self.instance))

    def test_abort_of_another_migration_is_novas(self):
        driver = self.abort(away=True, migration_id=2)
        self.assertEqual([], driver.aborted)

    def test_abort_of_what_does_not_run(self):
        manager = Manager()
        driver = Driver(mock.Mock(_compute=manager))
        manager.live_migration_abort('context', self.instance, 1)
        self.assertEqual([], driver.aborted)

    def test_unknown_compute_manager(self):
        driver = Driver(mock.Mock(_compute=object()))
        for warning in ('waits for a conductor that is away',
                        'An outage at the end of a live migration may cost'):
            self.assertIn(warning, self.stdlog.logger.output)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))

    def test_events(self):
        driver = Driver(None)
        driver._host._event_handler._event_thread = None
        driver.emit_event('one')
        here = threading.current_thread()
        driver._host._event_handler._event_thread = here
        driver.emit_event('two')
        while len(driver.emitted) < 2:
            time.sleep(0.002)
        with mock.patch.object(driver._event_threads, 'submit',
                               side_effect=RuntimeError('no thread')):
            driver.emit_event('three')
        self.assertEqual(
            [('one', here.name), ('two', 'libvirt-event-relay'),
             ('three', here.name)], driver.emitted)

    def test_events_of_devices_wait_for_nobody(self):
        driver = Driver(None)
        here = threading.current_thread()
        driver._host._event_handler._event_thread = here
        answer = threading.Event()
        self.addCleanup(answer.set)
        driver._event_threads.submit(lambda: answer.wait() and None)
        driver.emit_event('started')
        device = libvirt_event.DeviceRemovedEvent(UUID, 'disk')
        driver.emit_event(device)
        self.assertEqual([(device, here.name)], driver.emitted)
        driver.emit_event('stopped')
        answer.set()
        while len(driver.emitted) < 3:
            time.sleep(0.002)
        self.assertEqual([device, 'started', 'stopped'],
                         [event for event, _thread in driver.emitted])

    def stock_arguments(self, migrate_data):
        return [(mock.sentinel.context, self.instance, mock.sentinel.guest,
                 'dest', mock.sentinel.post, mock.sentinel.recover, False,
                 migrate_data, 'future', 'paths')]

    def test_what_cannot_be_observed_is_left_to_nova(self):
        driver = Driver(None)
        migrate_data = mock.Mock(migration=None)
        self.assertEqual('result', self.migrate(driver, migrate_data))
        self.assertEqual(self.stock_arguments(migrate_data),
                         driver.monitored)

    def test_driver_of_a_site(self):
        driver = type('D', (mixin.ProgressMixin, SiteDriver), {})(None)
        self.assertIsNotNone(driver._live_progress_recorder)
        self.assertIsNotNone(driver._cold_progress_recorder)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))
        self.assertEqual({}, driver._progress_migrations._migrations)

    def test_driver_of_a_site_that_is_not_as_expected(self):
        driver = type('D', (mixin.ProgressMixin, OtherSiteDriver), {})(None)
        self.assertIsNone(driver._live_progress_recorder)
        self.assertIsNone(driver._cold_progress_recorder)
        for name in ('_live_migration_monitor', '_get_instance_disk_info'):
            self.assertIn('OtherSiteDriver.%s does not have the expected '
                          'parameters' % name, self.stdlog.logger.output)

    def test_unknown_nova(self):
        with mock.patch.object(monitor_seam, 'install',
                               side_effect=exception.UnknownSeam('other')):
            driver = Driver(None)
        self.assertIn('monitored by stock Nova only: other',
                      self.stdlog.logger.output)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))
        self.assertEqual(self.stock_arguments(self.migrate_data),
                         driver.monitored)
        # Nothing listens to libvirt for nobody.
        driver._host.get_connection.assert_not_called()

    def test_unknown_migration(self):
        with mock.patch.object(
                mixin.migration_object, 'ensure_fields',
                side_effect=exception.IncompatibleMigration('other')):
            driver = Driver(mock.Mock(_compute=object()))
        self.assertIn('Migrations are monitored by stock Nova only: other',
                      self.stdlog.logger.output)
        self.assertNotIn('WARNING [nova_migprogress',
                         self.stdlog.logger.output)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))
        self.assertEqual(self.stock_arguments(self.migrate_data),
                         driver.monitored)
        self.assertIsNone(driver._cold_progress_recorder)

    def test_option_out_of_bounds_stops_the_service(self):
        self.flags(interval=2, group='migration_progress')
        path = self.useFixture(fixtures.TempDir()).join(
            'nova.conf')
        with open(path, 'w') as conf_file:
            conf_file.write('[migration_progress]\ninterval = 3601\n')
        options.CONF.clear_override('interval', 'migration_progress')
        options.CONF([], default_config_files=[path])
        error = self.assertRaises(nova_exception.InvalidConfiguration, Driver,
                                  None)
        self.assertIn('3601: Should be less than or equal to 3600', str(error))

    def test_monitor_interval_of_zero(self):
        self.flags(live_migration_monitor_interval=0, group='libvirt')
        Driver(None)
        self.assertEqual(
            1, options.CONF.libvirt.live_migration_monitor_interval)
        self.assertIn('live_migration_monitor_interval is 0',
                      self.stdlog.logger.output)


class ColdMigrationTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        self.instance = objects.Instance(
            uuid=UUID, progress=0,
            migration_context=objects.MigrationContext(migration_id=1))
        self.arguments = (context.get_admin_context(), self.instance, 'dest',
                          'flavor', 'network', 'block devices', 60, 10)
        observers = mock.patch.object(cold_observer, 'ColdObserver')
        self.observers = observers.start()
        self.addCleanup(observers.stop)
        self.observer = self.observers.return_value

    def test_copies_are_observed(self):
        driver = Driver(None)
        result = driver.migrate_disk_and_power_off(*self.arguments)
        self.assertEqual([(self.instance, 'block devices')], result)
        self.assertEqual([(self.arguments, self.observer)], driver.migrated)
        self.assertEqual([mock.call.plan(result), mock.call.completed()],
                         self.observer.method_calls)
        self.assertIsNone(copy_seam.current_observer())

    def test_keywords_stay_keywords(self):
        driver = Driver(None)
        driver.migrate_disk_and_power_off(
            *self.arguments[:5], block_device_info='block devices', timeout=6)
        self.assertEqual([(self.arguments[:5], self.observer)],
                         driver.migrated)
        self.assertEqual({'block_device_info': 'block devices', 'timeout': 6},
                         driver.keywords)

    def test_failure(self):
        driver = Driver(None)
        driver.failure = nova_exception.ResizeError(reason='no')
        self.assertIs(driver.failure, self.assertRaises(
            nova_exception.ResizeError, driver.migrate_disk_and_power_off,
            *self.arguments))
        self.assertEqual([mock.call.failed()], self.observer.method_calls)
        self.assertIsNone(copy_seam.current_observer())

    def test_other_uses_of_the_disks_are_not_observed(self):
        driver = Driver(None)
        driver._get_instance_disk_info(self.instance, None)
        self.assertEqual([], self.observers.mock_calls)

    def assertStock(self, driver):
        self.assertEqual([(self.instance, 'block devices')],
                         driver.migrate_disk_and_power_off(*self.arguments))
        self.assertEqual([(self.arguments, None)], driver.migrated)
        self.assertEqual([], self.observer.method_calls)

    def test_what_cannot_be_observed_is_left_to_nova(self):
        self.observers.side_effect = AttributeError('migration_context')
        self.assertStock(Driver(None))
        self.assertIn('the migration is not affected',
                      self.stdlog.logger.output)

    def test_unknown_nova(self):
        with mock.patch.object(copy_seam, 'install',
                               side_effect=exception.UnknownSeam('other')):
            driver = Driver(None)
        self.assertIn('Cold migrations are monitored by stock Nova only: '
                      'other', self.stdlog.logger.output)
        self.assertStock(driver)
        # Live migrations are another matter.
        self.assertIsNotNone(driver._live_progress_recorder)
        self.instance.progress = 100
        driver.confirm_migration('context', 'migration', self.instance,
                                 'network')
        self.assertEqual(100, self.instance.progress)

    def test_progress_is_reset_in_the_end(self):
        driver = Driver(None)
        self.instance.progress = 100
        driver.confirm_migration('context', 'migration', self.instance,
                                 'network')
        self.assertEqual([('context', 'migration', self.instance, 'network')],
                         driver.confirmed)
        self.assertEqual(0, self.instance.progress)
        self.instance.progress = 100
        driver.finish_revert_migration('context', self.instance, 'network',
                                       'migration', power_on=False)
        self.assertEqual(
            [(('context', self.instance, 'network', 'migration'),
              {'power_on': False})], driver.reverted)
        self.assertEqual(0, self.instance.progress)

    def test_shares_are_passed_on_where_nova_has_them(self):
        driver = Driver(None)
        driver.finish_revert_migration('context', self.instance, 'network',
                                       'migration', share_info='shares')
        self.assertEqual(
            [(('context', self.instance, 'network', 'migration'),
              {'share_info': 'shares'})], driver.reverted)

    def test_parameters_are_those_of_every_driver(self):
        for name in ('confirm_migration', 'finish_revert_migration',
                     'migrate_disk_and_power_off'):
            # As in nova.test.TestCase, all but the annotations.
            self.assertEqual(
                inspect.getfullargspec(
                    getattr(virt_driver.ComputeDriver, name))[:-1],
                inspect.getfullargspec(
                    getattr(mixin.ProgressMixin, name))[:-1], name)

    def test_progress_that_was_not_used_is_not_touched(self):
        self.instance.obj_reset_changes()
        Driver(None).confirm_migration('context', 'migration', self.instance,
                                       'network')
        self.assertNotIn('progress', self.instance.obj_what_changed())
