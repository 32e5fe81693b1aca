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

"""Two compute services of a real Nova in process, on fake libvirt."""

import threading
import time
import types

import fixtures
from nova import context
from nova import objects
from nova.tests.functional import integrated_helpers
from nova.tests.functional.libvirt import base

from nova_migprogress import fields
# Nova's tests forbid to import libvirt within a test; where libvirt-python is
# missing, the first service with this driver would try.
from nova_migprogress.virt.libvirt import driver  # noqa: F401
from tests.functional import fixtures as functional_fixtures
from tests.functional.virt.libvirt import player

MIB = player.MIB
WRITER = 'migration-progress-writer'


class LiveMigrationBase(base.ServersTestBase,
                        integrated_helpers.InstanceHelperMixin):
    """A server on the host src that can be migrated to the host dest."""

    microversion = '2.74'
    ADMIN_API = True
    SOURCE_DRIVER = 'migprogress.LibvirtDriver'
    DEST_DRIVER = 'migprogress.LibvirtDriver'

    def setUp(self):
        # Nova's own fixture looks for it in a source tree of Nova.
        self.flags(api_paste_config=str(functional_fixtures.stock_paste()),
                   group='wsgi')
        super().setUp()
        # A thread is left as long as there is something to be repeated.
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.REPEAT_PAUSES',
            (0.2,)))
        self.context = context.get_admin_context()
        self.events = self.useFixture(player.JobEvents())
        self.flags(compute_driver=self.SOURCE_DRIVER)
        self.src = self.computes[self.start_compute(hostname='src')]
        self.flags(compute_driver=self.DEST_DRIVER)
        self.dest = self.computes[self.start_compute(hostname='dest')]
        self.addCleanup(self._leave_no_writer)
        self.server = self._create_server(host='src', networks='none')
        self.memory = self.server['flavor']['ram'] * MIB

    def _leave_no_writer(self):
        """Let none write into the database of the tests to come.

        A migration that has its final status may not be at its end yet, where
        its last write begins; one that a test has left running has no end.
        """
        deadline = time.monotonic() + 2
        while len(self.events) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.wait_for_no_writer()

    def play(self, steps, poll_faster=1, **kwargs):
        """Let libvirt report these steps, see player.LibvirtPlayer.

        :param poll_faster: how many times faster than twice a second Nova's
            monitor polls
        """
        if poll_faster != 1:
            self.useFixture(fixtures.MonkeyPatch(
                'nova.virt.libvirt.driver.time', types.SimpleNamespace(
                    time=time.time,
                    sleep=lambda seconds: time.sleep(seconds / poll_faster))))
        return self.useFixture(player.LibvirtPlayer(
            lambda: (self.src.driver._host.get_connection(),
                     self.dest.driver._host.get_connection()),
            self.events, steps, **kwargs))

    def start_migration(self, server=None):
        self.api.post_server_action(
            (server or self.server)['id'],
            {'os-migrateLive': {'host': None, 'block_migration': 'auto'}})

    def abort_migration(self, server=None):
        self.api.api_delete('/servers/%s/migrations/%s' % (
            (server or self.server)['id'], self.migration(server).id))

    def force_migration(self):
        self.api.api_post('/servers/%s/migrations/%s/action' % (
            self.server['id'], self.migration().id),
            {'force_complete': None})

    def migration(self, server=None):
        """Return the newest migration record of the server."""
        return objects.MigrationList.get_by_filters(
            self.context,
            {'instance_uuid': (server or self.server)['id']},
            sort_keys=['id'], sort_dirs=['desc'])[0]

    def record(self, server=None):
        """Return the six values in the database now."""
        migration = self.migration(server)
        return tuple(getattr(migration, name) for name in fields.NAMES)

    def wait_for_record(self, expected, server=None, timeout=30):
        """Wait until the six values in the database are these."""
        deadline = time.monotonic() + timeout
        while self.record(server) != expected:
            self.assertLess(time.monotonic(), deadline, '%s instead of %s' % (
                self.record(server), expected))
            time.sleep(0.1)

    def follow(self, *until, server=None, timeout=60):
        """Collect the differing records until the migration has a status."""
        seen = []
        deadline = time.monotonic() + timeout
        while True:
            status = self.migration(server).status
            record = self.record(server)
            if not seen or seen[-1] != record:
                seen.append(record)
            if status in until:
                return seen
            self.assertLess(time.monotonic(), deadline,
                            'still %s: %s' % (status, seen))
            time.sleep(0.05)

    def wait_for_no_listener(self, timeout=10):
        """Wait until nobody listens to the end of a migration any more."""
        deadline = time.monotonic() + timeout
        while len(self.events):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def writers(self):
        """Return the threads that save the progress of migrations."""
        return [thread for thread in threading.enumerate()
                if thread.name == WRITER]

    def wait_for_no_writer(self, timeout=20):
        """Wait until there is nothing left to be saved."""
        deadline = time.monotonic() + timeout
        while self.writers():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
