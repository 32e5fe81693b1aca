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
from nova import exception as nova_exception
from nova import test
from oslo_config import cfg

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import options


class RegisterTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        conf.register_opts(options.CONF)

    def read(self, interval):
        path = self.useFixture(fixtures.TempDir()).join('nova.conf')
        with open(path, 'w') as conf_file:
            conf_file.write('[migration_progress]\ninterval = %s\n' % interval)
        options.CONF.clear_override('interval', 'migration_progress')
        options.CONF([], default_config_files=[path])

    def test_value_in_bounds(self):
        self.read('60')
        options.register()
        options.register()
        self.assertEqual(60, options.CONF.migration_progress.interval)

    def test_options_are_there_afterwards(self):
        fresh = cfg.ConfigOpts()
        fresh([])
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.options.CONF', fresh))
        options.register()
        self.assertEqual(900, fresh.migration_progress.conductor_patience)

    def test_value_out_of_bounds(self):
        self.read('0')
        error = self.assertRaises(nova_exception.InvalidConfiguration,
                                  options.register)
        self.assertIn('0: Should be greater than or equal to 1', str(error))


class MonitorIntervalTestCase(test.NoDBTestCase):

    def assertCorrected(self, expected, value):
        self.flags(live_migration_monitor_interval=value, group='libvirt')
        options.correct_monitor_interval()
        self.assertEqual(
            expected, options.CONF.libvirt.live_migration_monitor_interval)

    def test_zero(self):
        self.assertCorrected(1, 0)
        self.assertIn('live_migration_monitor_interval is 0',
                      self.stdlog.logger.output)

    def test_nova_without_the_option(self):
        conf_of_old = mock.Mock(libvirt=object())
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.options.CONF', conf_of_old))
        options.correct_monitor_interval()
        conf_of_old.set_override.assert_not_called()

    def test_other_values_are_left_alone(self):
        for value in (1, 7):
            self.assertCorrected(value, value)
        self.assertNotIn('live_migration_monitor_interval',
                         self.stdlog.logger.output)
