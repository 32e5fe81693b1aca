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

"""The options, at the start of nova-compute and when they are reloaded."""

import os
import pathlib
import subprocess
import sys
import threading
import time

import ddt
import fixtures
import nova.conf
from nova import objects
from oslotest import base as oslotest_base

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

CONF = nova.conf.CONF
ROOT = pathlib.Path(__file__).parents[4]
MIB = player.MIB
TOTAL = 257 * MIB


@ddt.ddt
class StartTestCase(oslotest_base.BaseTestCase):
    """A value out of bounds stops the service, and the message names it."""

    def start(self, text):
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        config = home / 'nova.conf'
        config.write_text(
            '[DEFAULT]\n'
            'compute_driver = migprogress.LibvirtDriver\n'
            'transport_url = fake://\n'
            'host = src\n'
            'state_path = %s\n%s' % (home, text))
        return subprocess.run(
            [sys.executable, '-m',
             'tests.functional.virt.libvirt.starting_process',
             '--config-file', str(config)],
            cwd=ROOT, env=dict(os.environ, PYTHONPATH=str(ROOT)),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=120)

    @ddt.data(('0', 'Should be greater than or equal to 1'),
              ('3601', 'Should be less than or equal to 3600'),
              ('often', "invalid literal for int() with base 10: 'often'"))
    @ddt.unpack
    def test_out_of_bounds(self, value, bound):
        done = self.start('[migration_progress]\ninterval = %s\n' % value)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn('InvalidConfiguration', done.stdout)
        self.assertIn('Value for option interval', done.stdout)
        self.assertIn('is not valid: %s: %s' % (value, bound), done.stdout)


class ReloadTestCase(base.LiveMigrationBase):
    """SIGHUP: oslo.service has the files read again and resets the service."""

    def setUp(self):
        super().setUp()
        self.config = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path) / 'nova.conf'
        self.write(1)
        CONF(['--config-file', str(self.config)], default_config_files=[])
        self.addCleanup(CONF, [], default_config_files=[])
        self.saves = []
        save = objects.Migration.save

        def note(migration):
            if threading.current_thread().name == 'migration-progress-writer':
                self.saves.append(time.monotonic())
            return save(migration)

        self.useFixture(fixtures.MonkeyPatch('nova.objects.Migration.save',
                                             note))

    def write(self, interval):
        self.config.write_text(
            '[migration_progress]\ninterval = %s\n' % interval)

    def reload(self, interval):
        self.write(interval)
        # What the launcher of oslo.service does.
        CONF.mutate_config_files()
        self.src.reset()

    def gap(self):
        """Return the seconds between the next two saves."""
        before = len(self.saves)
        deadline = time.monotonic() + 30
        while len(self.saves) < before + 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return self.saves[before + 1] - self.saves[before]

    def assertGap(self, expected):
        gap = self.gap()
        self.assertGreater(gap, expected - 0.5)
        # The next poll after it; the machine may have other things to do.
        self.assertLess(gap, expected + 2.5)

    def test_interval(self):
        self.play([player.NOT_STARTED, player.PREPARING] + [
            player.statistics((TOTAL, n * 4096, TOTAL - n * 4096))
            for n in range(1, 1000)], poll_faster=2, outcome='endless',
            forced=[player.NOT_STARTED])
        self.start_migration()
        self.assertGap(1)
        self.reload(4)
        # The old interval may still be running.
        self.gap()
        self.assertGap(4)
        self.reload(4000)
        self.assertGap(4)
        self.assertGap(4)
        output = self.stdlog.logger.output
        self.assertEqual(1, output.count(
            'is not valid: 4000: Should be less than or equal to 3600. The '
            'interval of 4 seconds stays in force.'))
        self.assertNotIn('Recording the progress of the migration failed',
                         output)
        self.reload(1)
        self.gap()
        self.assertGap(1)
        self.force_migration()
        self.follow('completed')


class MonitorIntervalTestCase(base.LiveMigrationBase):
    """With 0 Nova 34 divides by zero, which aborts the migration."""

    def setUp(self):
        self.flags(live_migration_monitor_interval=0, group='libvirt')
        super().setUp()

    def test_zero(self):
        final = (TOTAL, 300 * MIB, 0, 0, 0, 0)
        self.play([player.PREPARING] + [
            player.statistics((TOTAL, n * MIB, TOTAL - n * MIB))
            for n in range(1, 6)], completed=player.statistics(final[:3]))
        self.start_migration()
        self.follow('completed')
        self.wait_for_record(final)
        self.assertIn('live_migration_monitor_interval is 0',
                      self.stdlog.logger.output)
