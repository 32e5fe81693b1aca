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

"""Cold migrations by a real Nova in process that copies real files.

libvirt is Nova's fake, and so are the disks it describes: their files are
made by these tests. They are copied by the commands of Nova's libvirt driver.
"""

import os
import pathlib
import threading
import time
from unittest import mock

import ddt
import fixtures
from nova import exception
from nova import objects
from nova.tests.functional.api import client
from nova.virt.libvirt import driver as libvirt_driver
from oslo_messaging import exceptions as messaging_exceptions

from tests import copying
from tests.functional.virt.libvirt import base

MIB = 1 << 20
NULLS = (None,) * 6
POLLER = 'migration-progress-poller'


def disks(total, processed):
    return (None, None, None, total, processed, total - processed)


class ColdMigrationBase(base.LiveMigrationBase):
    """A server with disks: files that are really there."""

    #: Sizes in bytes.
    DISKS = {'disk': 9 * MIB + 5, 'disk.eph0': 3 * MIB, 'disk.config': 17,
             'disk.swap': 2 * MIB}
    TOTAL = 12 * MIB + 22
    #: Nova finds that the hosts share the instance's directory.
    SHARED = False

    def setUp(self):
        lack = copying.missing()
        if lack:
            self.skipTest(lack)
        self.instances = self.useFixture(fixtures.TempDir()).path
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.cold_observer.POLL_INTERVAL', 0.1))
        super().setUp()
        self.flags(interval=1, group='migration_progress')
        self.flags(instances_path=self.instances)
        self.remote = self.useFixture(copying.RemoteMachine(rate=3 * MIB))
        self.patch_driver('_is_path_shared_with',
                          lambda *args: self.SHARED)
        self.patch_driver('_get_instance_disk_info_from_config',
                          lambda *args: self.disk_info())
        finish = libvirt_driver.LibvirtDriver.finish_migration

        def finish_migration(driver, context, migration, instance, disk_info,
                             *args, **kwargs):
            # The files are on no machine that is really there.
            finish(driver, context, migration, instance, '[]', *args,
                   **kwargs)

        self.patch_driver('finish_migration', finish_migration)
        self.directory = pathlib.Path(self.instances) / self.server['id']
        self.directory.mkdir(exist_ok=True)
        for name, size in self.DISKS.items():
            (self.directory / name).write_bytes(os.urandom(size))

    def patch_driver(self, name, function):
        self.useFixture(fixtures.MonkeyPatch(
            'nova.virt.libvirt.driver.LibvirtDriver.' + name, function))

    def disk_info(self):
        return [{'type': 'raw', 'path': str(self.directory / name),
                 'virt_disk_size': size, 'backing_file': '',
                 'disk_size': size, 'over_committed_disk_size': 0}
                for name, size in self.DISKS.items()]

    def start_migration(self, action=None):
        # In these tests Nova's casts are calls: the request ends with the
        # migration.
        thread = threading.Thread(target=self._request, args=(
            action or {'migrate': None},))
        thread.start()
        self.addCleanup(thread.join)
        deadline = time.monotonic() + 30
        while not self.migrations():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def _request(self, action):
        try:
            self.api.post_server_action(self.server['id'], action)
        except client.OpenStackApiException as exc:
            # The failure of a copy that is called instead of cast.
            self.assertEqual(500, exc.response.status_code)

    def migrations(self):
        return objects.MigrationList.get_by_filters(
            self.context, {'instance_uuid': self.server['id']},
            sort_keys=['id'], sort_dirs=['asc'])

    def migration(self, server=None):
        # For the same reason a copy that fails is rescheduled, as a second
        # migration.
        return self.migrations()[0]

    def assertCopied(self):
        """Everything but the swap disk is at the destination."""
        for name, size in self.DISKS.items():
            path = self.remote.path(self.directory / name)
            self.assertEqual(name != 'disk.swap', path.exists(), name)
            if path.exists():
                self.assertEqual(size, path.stat().st_size, name)

    def assertMoved(self, seen):
        """The numbers moved, and were right all the time."""
        self.assertEqual(NULLS, seen[0])
        self.assertEqual(disks(self.TOTAL, 0), seen[1])
        self.assertGreaterEqual(len(seen), 4, seen)
        for record in seen[1:]:
            self.assertEqual(disks(self.TOTAL, record[4]), record)
        processed = [record[4] for record in seen[1:]]
        self.assertEqual(sorted(processed), processed)

    def wait_for_no_thread(self):
        deadline = time.monotonic() + 30
        while True:
            left = [thread.name for thread in threading.enumerate()
                    if thread.name in (POLLER, base.WRITER)]
            if not left:
                return
            self.assertLess(time.monotonic(), deadline, left)
            time.sleep(0.05)


@ddt.ddt
class CopyTestCase(ColdMigrationBase):

    @ddt.data('ssh', 'rsync')
    def test_copied_finished_confirmed(self, transport):
        self.flags(remote_filesystem_transport=transport, group='libvirt')
        self.start_migration()
        self.assertMoved(self.follow('finished'))
        final = disks(self.TOTAL, self.TOTAL)
        self.wait_for_record(final)
        self.assertCopied()
        # Nova's job tracker was told when the copies began and ended.
        self.assertEqual({}, dict(self.src.driver.job_tracker.jobs))
        server = self._wait_for_state_change(self.server, 'VERIFY_RESIZE')
        self.assertEqual(100, server['progress'])

        self.api.post_server_action(self.server['id'],
                                    {'confirmResize': None})
        server = self._wait_for_state_change(self.server, 'ACTIVE')
        self.assertEqual(0, server['progress'])
        self.follow('confirmed')
        self.assertEqual(final, self.record())
        self.wait_for_no_thread()

    def test_reverted(self):
        self.remote.set_rate(100 * MIB)
        self.start_migration()
        self.follow('finished')
        final = disks(self.TOTAL, self.TOTAL)
        self.wait_for_record(final)
        self._wait_for_state_change(self.server, 'VERIFY_RESIZE')
        self.api.post_server_action(self.server['id'], {'revertResize': None})
        server = self._wait_for_state_change(self.server, 'ACTIVE')
        self.assertEqual(0, server['progress'])
        self.follow('reverted')
        self.assertEqual(final, self.record())

    def test_resize(self):
        flavors = [flavor['id'] for flavor in self.api.get_flavors()]
        self.start_migration({'resize': {'flavorRef': flavors[1]}})
        self.assertMoved(self.follow('finished'))
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))
        self.assertEqual('resize', self.migration().migration_type)

    def test_instance_progress_follows(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.instance_progress.'
            'PROGRESS_INTERVALS', 1))
        saves = []
        save = objects.Instance.save

        def note(instance, *args, **kwargs):
            if 'progress' in instance.obj_what_changed():
                saves.append(instance.progress)
            return save(instance, *args, **kwargs)

        with mock.patch.object(objects.Instance, 'save', note):
            self.start_migration()
            self.follow('finished')
        # The compute API sets 0, the recorder what is copied, Nova's own
        # save at the end of the copying 100.
        self.assertEqual(0, saves[0])
        self.assertEqual(100, saves[-1])
        self.assertGreater(len(saves), 3)
        self.assertEqual(sorted(saves), saves)


class SharedPathTestCase(ColdMigrationBase):
    """The same host, or storage that the hosts share: copied by cp."""

    SHARED = True

    def setUp(self):
        super().setUp()
        # A cp that takes its time; what it writes grows as a real one's.
        programs = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (programs / 'cp').write_text(
            '#!/bin/sh\n'
            'for part in 0 1 2 3; do\n'
            '    dd status=none bs=3M count=1 conv=notrunc if="$2" of="$3" '
            'skip=$part seek=$part; sleep 1\n'
            'done\n')
        (programs / 'cp').chmod(0o755)
        self.useFixture(fixtures.EnvironmentVariable(
            'PATH', '%s:%s' % (programs, os.environ['PATH'])))

    def assertCopied(self):
        for name, size in self.DISKS.items():
            self.assertEqual(
                name != 'disk.swap', (self.directory / name).exists())

    def test_copied(self):
        self.start_migration()
        self.assertMoved(self.follow('finished'))
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))
        self.assertCopied()


class FailureTestCase(ColdMigrationBase):

    def scp(self):
        """Wait for the copy of the first disk and return its process."""
        deadline = time.monotonic() + 30
        while not self.src.driver.job_tracker.jobs.get(self.server['id']):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return self.src.driver.job_tracker.jobs[self.server['id']][0]

    def wait_for_progress(self, known):
        """Wait until a percentage of the copy is saved, or is not any more."""
        deadline = time.monotonic() + 30
        # The API does not show that of a server in error.
        while known != bool(objects.Instance.get_by_uuid(
                self.context, self.server['id']).progress):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_copy_killed(self):
        self.start_migration()
        deadline = time.monotonic() + 30
        while (self.record()[4] or 0) < 2 * MIB:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.wait_for_progress(True)
        os.kill(self.scp(), 9)
        self.follow('error')
        self.wait_for_no_thread()
        self.wait_for_progress(False)
        last = self.record()
        self.assertEqual(disks(self.TOTAL, last[4]), last)
        self.assertGreaterEqual(last[4], 2 * MIB)
        self.assertLess(last[4], self.DISKS['disk'])
        time.sleep(1.5)
        self.assertEqual(last, self.record())
        # Nova has cleaned up as ever.
        self.assertTrue((self.directory / 'disk').exists())
        self.assertEqual({}, dict(self.src.driver.job_tracker.jobs))

    def test_nothing_known(self):
        self.patch_driver('power_off', mock.Mock(
            side_effect=exception.InternalError('no power off')))
        self.start_migration()
        self.follow('error')
        self.wait_for_no_thread()
        self.assertEqual(NULLS, self.record())


class NoLocalDiskTestCase(ColdMigrationBase):
    """Booted from a volume, or disks in Ceph: Nova finds nothing to copy."""

    DISKS = {}

    def test_nothing_to_copy(self):
        self.start_migration()
        seen = self.follow('finished')
        self.wait_for_record((None, None, None, 0, 0, 0))
        self.assertEqual([], [record for record in seen if record not in
                              (NULLS, (None, None, None, 0, 0, 0))])
        server = self._wait_for_state_change(self.server, 'VERIFY_RESIZE')
        self.assertEqual(0, server['progress'])


class OnlySwapTestCase(NoLocalDiskTestCase):

    DISKS = {'disk.swap': MIB}


class TroubleTestCase(ColdMigrationBase):
    """Whatever recording does, the migration takes its course."""

    def fail_saves(self, failure):
        save = objects.Migration.save

        def save_or_fail(migration):
            if threading.current_thread().name == base.WRITER:
                failure()
            return save(migration)

        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Migration.save', save_or_fail))

    def test_save_raises(self):
        failing = True

        def fail():
            if failing:
                raise messaging_exceptions.MessagingTimeout('no answer')

        self.fail_saves(fail)
        self.start_migration()
        self.assertEqual([NULLS], self.follow('finished'))
        self.assertCopied()
        # The final numbers are tried until they are saved.
        failing = False
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))
        self.assertEqual(1, self.stdlog.logger.output.count(
            'Cannot save the progress of migration'))
        self.wait_for_no_thread()

    def test_save_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.fail_saves(release.wait)
        self.start_migration()
        self.assertEqual([NULLS], self.follow('finished'))
        self.assertCopied()
        release.set()
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))

    def test_positions_cannot_be_read(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.cold_copy.reader',
            mock.Mock(side_effect=PermissionError)))
        self.start_migration()
        self.follow('finished')
        self.assertCopied()
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))


class StockSourceTestCase(ColdMigrationBase):

    SOURCE_DRIVER = 'libvirt.LibvirtDriver'

    def test_stock_behaviour(self):
        # The destination's driver has replaced the seam in this process.
        self.remote.set_rate(100 * MIB)
        self.start_migration()
        self.assertEqual([NULLS], self.follow('finished'))
        self.assertCopied()
        server = self._wait_for_state_change(self.server, 'VERIFY_RESIZE')
        self.assertEqual(0, server['progress'])


class StockDestinationTestCase(ColdMigrationBase):

    DEST_DRIVER = 'libvirt.LibvirtDriver'

    def test_copied(self):
        self.start_migration()
        self.assertMoved(self.follow('finished'))
        self.wait_for_record(disks(self.TOTAL, self.TOTAL))
