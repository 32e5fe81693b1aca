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

"""What all end-to-end tests need: a sandbox and a migration to look at."""

import logging
import os
import subprocess

from oslotest import base
from testtools import content

from sandbox import checks
from sandbox import client
from sandbox import cloud
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox import process
from sandbox import programs
from sandbox.scenario import action
from sandbox.scenario import stage
from sandbox import servers
from sandbox import services
from sandbox.truth import reader
from sandbox.truth import slow_saves
from sandbox import verification


class SandboxTestCase(base.BaseTestCase):
    """Uses the sandbox of this checkout; brings it up where it is not.

    It is left up for the next class: tools/test takes it down at the end.
    """

    DRIVER = 'migprogress'

    layout: layout_mod.Layout
    api: client.Client
    #: The newest microversion.
    maximum: str

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0:
            raise cls.skipException('needs root, to create namespaces')
        try:
            programs.check()
        except exception.SandboxError as exc:
            raise cls.skipException(str(exc))
        cls.layout = layout_mod.Layout()
        cloud.up(cls.layout, cls.DRIVER, say=lambda line: None)
        cls.api = client.Client(cls.layout)
        cls.maximum = cls.api.maximum()

    def setUp(self):
        super().setUp()
        for name in ('keystoneauth', 'urllib3'):
            logging.getLogger(name).setLevel(logging.WARNING)

    def start_program(self, program, *args):
        """Start a program of this environment as an operator would.

        :returns: a subprocess.Popen with pipes for text
        """
        return subprocess.Popen(
            [layout_mod.program(program)] + list(args),
            env=dict(process.environment(cloud.env(self.layout)),
                     COLUMNS='200'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True)

    def run_program(self, program, *args):
        """Run one that must succeed; returns its output and its errors."""
        proc = self.start_program(program, *args)
        out, err = proc.communicate(timeout=120)
        self.assertEqual(0, proc.returncode, out + err)
        self.assertNotIn('Traceback', err)
        return out, err

    def boot(self, name, **kwargs):
        """Boot a server for this test."""
        try:
            servers.delete(self.layout, name)
        except exception.NotFound:
            pass
        self.addCleanup(servers.delete, self.layout, name)
        server = servers.boot(self.layout, name, 'compute1', **kwargs)
        self.addOnException(lambda _exc_info: self._attach_console(server))
        return server

    def _attach_console(self, server):
        for host in layout_mod.COMPUTES:
            path = self.layout.console(host, server['id'])
            if path.exists():
                self.addDetail('console on ' + host, content.text_content(
                    path.read_text(errors='replace')[-4000:]))

    def set_bandwidth(self, mib):
        """Cap this test's migrations."""
        self.addCleanup(servers.set_bandwidth, self.layout, 0)
        servers.set_bandwidth(self.layout, mib)

    def migrate(self, server, on_reading=lambda reading: None, block=False):
        """Live-migrate a server to its end.

        :returns: the readings and libvirt's truth, None if it began nothing
        """
        entry = migrations.live_migrate(self.layout, server['name'], block)
        readings = migrations.poll(self.layout, entry, self.maximum,
                                   on_reading)
        # libvirt's last record is written at about the same moment.
        migrations.wait_settled(self.layout, server['id'])
        try:
            return readings, reader.last_run(self.layout.truth, server['id'])
        except exception.NotFound:
            return readings, None

    def check_course(self, readings, truth):
        """See checks.course(), with the log of the source's nova-compute."""
        return checks.course(readings, truth, slow_saves.read(
            self.layout.log(services.qualify('nova-compute', truth['host'])),
            truth['server']))

    def play(self, name, scenario):
        """Run a scenario of sandbox.scenario.catalogue to its end.

        :param name: of its server
        :returns: the server, the readings, libvirt's truth and the entry
            after the end
        """
        with stage.prepared(self.layout, scenario):
            server = self.boot(name, **stage.workload(scenario))
            trigger = action.Trigger(self.layout, server, scenario.action,
                                     scenario.when)
            readings, truth = self.migrate(
                server, lambda _reading: trigger(), bool(scenario.disk))
            self.assertTrue(trigger(), 'the migration ended too early')
        return server, readings, truth, self.entry(readings[-1], self.maximum)

    def below(self):
        """The microversion below the newest one."""
        return client.shift_microversion(self.maximum, -1)

    def entry(self, reading, microversion):
        """A reading's migration as it is now, at a microversion."""
        migration = reading['migration']
        return migrations.migration(
            self.api, migration['instance_uuid'], migration['uuid'],
            microversion=microversion)

    def assertChecks(self, found):
        """All checks must be fine; the failure shows those that are not."""
        self.assertTrue(found)
        self.assertEqual([], [check for check in found if not check.ok])

    def assertGuestIntact(self, server, host):
        """The guest runs on a host and all its memory is as it must be."""
        guest = verification.verify(self.layout, server['id'])
        self.assertEqual(host, guest['host'])

    def assertStockBelow(self, reading):
        """The microversion below shows the entry without the six keys."""
        self.assertChecks(checks.stock(
            self.entry(reading, self.maximum),
            self.entry(reading, self.below())))
