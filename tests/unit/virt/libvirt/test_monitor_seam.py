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
from unittest import mock

import fixtures
from nova import test
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import guest as libvirt_guest
from nova.virt.libvirt import migration as libvirt_migration

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import monitor_seam


class MonitorSeamTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        stock = libvirt_migration.save_stats
        self.addCleanup(setattr, libvirt_migration, 'save_stats', stock)
        self.calls = []

        def save_stats(instance, migration, info, remaining):
            self.calls.append((instance, migration, info, remaining))

        libvirt_migration.save_stats = save_stats

    def test_installed_nova(self):
        monitor_seam.check()

    def test_stock_unless_observed(self):
        monitor_seam.install()
        libvirt_migration.save_stats(1, 2, 3, 4)
        with monitor_seam.observed():
            libvirt_migration.save_stats(5, 6, 7, 8)
        libvirt_migration.save_stats(1, 2, info=3, remaining=4)
        self.assertEqual([(1, 2, 3, 4)] * 2, self.calls)

    def test_repeated(self):
        monitor_seam.install()
        installed = libvirt_migration.save_stats
        monitor_seam.install()
        self.assertIs(installed, libvirt_migration.save_stats)
        monitor_seam.check()

    def test_looks_as_before(self):
        stock = libvirt_migration.save_stats
        monitor_seam.install()
        self.assertIs(stock, inspect.unwrap(libvirt_migration.save_stats))

    def test_newer_save_stats(self):
        """One more parameter would not be passed on."""
        libvirt_migration.save_stats = (
            lambda instance, migration, info, remaining, more=None: None)
        self.assertRaises(exception.UnknownSeam, monitor_seam.install)

    def test_unknown_save_stats(self):
        libvirt_migration.save_stats = lambda instance, everything: None
        error = self.assertRaises(exception.UnknownSeam, monitor_seam.install)
        self.assertIn('nova.virt.libvirt.migration.save_stats does not have '
                      'the expected parameters instance, migration, info',
                      str(error))

    def test_no_save_stats(self):
        del libvirt_migration.save_stats
        self.assertRaises(exception.UnknownSeam, monitor_seam.check)

    def test_unknown_driver(self):
        for name in ('_live_migration_monitor', '_live_migration'):
            with mock.patch.object(libvirt_driver.LibvirtDriver, name,
                                   lambda self, context: None):
                error = self.assertRaises(exception.UnknownSeam,
                                          monitor_seam.check)
            self.assertIn('LibvirtDriver.%s does not have' % name, str(error))

    def test_unknown_guest(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.guest.Guest', object))
        self.assertFalse(hasattr(libvirt_guest.Guest, 'get_job_info'))
        self.assertRaises(exception.UnknownSeam, monitor_seam.check)
