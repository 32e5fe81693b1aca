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

import pathlib
from unittest import mock

import ddt
from oslo_config import cfg
from oslotest import base

from nova_migprogress import conf


@ddt.ddt
class ConfTestCase(base.BaseTestCase):

    def load(self, text):
        path = self.create_tempfiles([('nova', text)])[0]
        config = cfg.ConfigOpts()
        config(['--config-file', path], default_config_files=[])
        conf.register_opts(config)
        conf.register_opts(config)
        return config

    def test_default(self):
        self.assertEqual(2, self.load('').migration_progress.interval)

    @ddt.data(1, 3600)
    def test_bounds(self, value):
        config = self.load('[migration_progress]\ninterval = %d\n' % value)
        self.assertEqual(value, config.migration_progress.interval)

    @ddt.data(('0', 'greater than or equal to 1'),
              ('3601', 'less than or equal to 3600'),
              ('-1', 'greater than or equal to 1'),
              ('soon', 'invalid literal'))
    @ddt.unpack
    def test_out_of_bounds(self, value, bound):
        config = self.load('[migration_progress]\ninterval = %s\n' % value)
        error = self.assertRaises(cfg.ConfigFileValueError, getattr,
                                  config.migration_progress, 'interval')
        self.assertIn('option interval', str(error))
        self.assertIn(value + ': ', str(error))
        self.assertIn(bound, str(error))

    def reload(self, config, text):
        pathlib.Path(config.config_file[0]).write_text(
            '[migration_progress]\n' + text)
        config.mutate_config_files()

    def test_reload(self):
        config = self.load('[migration_progress]\ninterval = 5\n')
        self.assertEqual(5, config.migration_progress.interval)
        self.reload(config, 'interval = 7\n')
        self.assertEqual(7, config.migration_progress.interval)
        self.reload(config, '')
        self.assertEqual(2, config.migration_progress.interval)

    def test_reload_while_another_thread_reads(self):
        config = self.load('[migration_progress]\ninterval = 5\n')
        parse = config._reload_config_files

        def parse_slowly():
            self.assertEqual(5, config.migration_progress.interval)
            return parse()

        with mock.patch.object(config, '_reload_config_files', parse_slowly):
            self.reload(config, 'interval = 7\n')
        self.assertEqual(7, config.migration_progress.interval)

    def test_reload_out_of_bounds(self):
        # The reload itself does not refuse it; see the recorder for that.
        config = self.load('[migration_progress]\ninterval = 5\n')
        self.reload(config, 'interval = 4000\n')
        self.assertRaises(cfg.ConfigFileValueError, getattr,
                          config.migration_progress, 'interval')

    @ddt.data(0, 900, 3600)
    def test_conductor_patience(self, value):
        config = self.load(
            '[migration_progress]\nconductor_patience = %d\n' % value)
        self.assertEqual(value, config.migration_progress.conductor_patience)

    @ddt.data(-1, 3601)
    def test_conductor_patience_out_of_bounds(self, value):
        config = self.load(
            '[migration_progress]\nconductor_patience = %d\n' % value)
        self.assertRaises(cfg.ConfigFileValueError, getattr,
                          config.migration_progress, 'conductor_patience')

    def effective(self, text, default=5):
        config = self.load(text)
        if default:
            config.register_opt(cfg.IntOpt(conf.MONITOR_INTERVAL,
                                           default=default), group='libvirt')
        return tuple(conf.effective_interval(config))

    @ddt.data('', '[libvirt]\nlive_migration_monitor_interval = 5\n',
              '[libvirt]\nlive_migration_monitor_interval = 1\n')
    def test_effective_interval_is_the_default(self, text):
        self.assertEqual(
            (2, 'the default of [migration_progress] interval'),
            self.effective(text))

    @ddt.data((6, 6), (300, 300), (3600, 3600), (86400, 3600))
    @ddt.unpack
    def test_effective_interval_follows_novas(self, value, expected):
        self.assertEqual(
            (expected, 'as set by [libvirt] live_migration_monitor_interval'),
            self.effective('[libvirt]\n'
                           'live_migration_monitor_interval = %d\n' % value))

    @ddt.data(1, 2, 7)
    def test_effective_interval_that_is_set(self, value):
        self.assertEqual(
            (value, 'as set by [migration_progress] interval'),
            self.effective('[libvirt]\n'
                           'live_migration_monitor_interval = 300\n'
                           '[migration_progress]\ninterval = %d\n' % value))

    def test_effective_interval_of_older_novas(self):
        text = '[libvirt]\nlive_migration_monitor_interval = 300\n'
        self.assertEqual(2, self.effective(text, default=None)[0])

    def test_effective_interval_after_a_reload(self):
        text = '[migration_progress]\ninterval = 7\n'
        monitor = '[libvirt]\nlive_migration_monitor_interval = 300\n'
        config = self.load(text + monitor)
        config.register_opt(cfg.IntOpt(conf.MONITOR_INTERVAL, default=5),
                            group='libvirt')
        self.assertEqual(7, conf.effective_interval(config).seconds)
        self.reload(config, monitor)
        self.assertEqual(300, conf.effective_interval(config).seconds)
        self.reload(config, 'interval = 8\n' + monitor)
        self.assertEqual(8, conf.effective_interval(config).seconds)
        self.reload(config, 'interval = 0\n')
        self.assertRaises(cfg.ConfigFileValueError, conf.effective_interval,
                          config)

    def test_listed_for_the_generator(self):
        (group, opts), = conf.list_opts()
        self.assertEqual('migration_progress', group.name)
        self.assertEqual(conf.OPTS, opts)
        for opt in opts:
            self.assertTrue(opt.mutable, opt.name)
            self.assertIn('Possible values:', opt.help)
