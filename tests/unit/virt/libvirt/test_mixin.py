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

from unittest import mock

import fixtures
from nova import exception
from nova import objects
from nova import test

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import mixin
from nova_migprogress.virt.libvirt import seams

UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class StockDriver:

    def __init__(self, virtapi):
        self._host = mock.Mock()
        self.monitored = []

    def _live_migration(self, context, instance, dest, post_method,
                        recover_method, block_migration, migrate_data):
        return self._live_migration_monitor(
            context, instance, mock.sentinel.guest, dest, post_method,
            recover_method, block_migration, migrate_data, 'future', 'paths')

    def _live_migration_monitor(self, *args):
        self.monitored.append(args)
        return 'result'


class Driver(mixin.ProgressMixin, StockDriver):
    pass


class ProgressMixinTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()
        conf.register_opts(mixin.CONF)
        self.instance = objects.Instance(
            uuid=UUID, progress=0, flavor=objects.Flavor(memory_mb=256))
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
        self.assertEqual({}, driver._progress_listeners)

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

    def test_unknown_nova(self):
        with mock.patch.object(seams, 'install',
                               side_effect=seams.UnknownSeam('other')):
            driver = Driver(None)
        self.assertIn('monitored by stock Nova only: other',
                      self.stdlog.logger.output)
        self.assertEqual('result', self.migrate(driver, self.migrate_data))
        self.assertEqual(self.stock_arguments(self.migrate_data),
                         driver.monitored)

    def test_option_out_of_bounds_stops_the_service(self):
        self.flags(interval=2, group='migration_progress')
        path = self.useFixture(fixtures.TempDir()).join(
            'nova.conf')
        with open(path, 'w') as conf_file:
            conf_file.write('[migration_progress]\ninterval = 61\n')
        mixin.CONF.clear_override('interval', 'migration_progress')
        mixin.CONF([], default_config_files=[path])
        error = self.assertRaises(exception.InvalidConfiguration, Driver,
                                  None)
        self.assertIn('61: Should be less than or equal to 60', str(error))

    def test_monitor_interval_of_zero(self):
        self.flags(live_migration_monitor_interval=0, group='libvirt')
        Driver(None)
        self.assertEqual(1, mixin.CONF.libvirt.live_migration_monitor_interval)
        self.assertIn('live_migration_monitor_interval is 0',
                      self.stdlog.logger.output)

    def test_monitor_interval_is_left_alone(self):
        self.flags(live_migration_monitor_interval=7, group='libvirt')
        Driver(None)
        self.assertEqual(7, mixin.CONF.libvirt.live_migration_monitor_interval)
