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

import json

from nova_migprogress import fields
from sandbox import client
from sandbox import cloud
from sandbox import exception
from sandbox import migrations
from tests.e2e import base


class StockTestCase(base.SandboxTestCase):
    """The same cloud without the plugin: what it adds, and that it leaves."""

    DRIVER = 'stock'

    @classmethod
    def tearDownClass(cls):
        cloud.up(cls.layout, 'migprogress', say=lambda line: None)
        super().tearDownClass()

    def list_once(self, reading):
        """Let the command make the best of a cloud without the plugin."""
        if self.listed or reading['migration']['status'] != 'running':
            return
        out, err = self.run_program(
            'openstack', 'server', 'migration', 'progress', 'list',
            '--server', 'e2e-stock', '-f', 'json')
        self.assertRegex(err, 'does not have the progress plugin')
        row, = json.loads(out)
        self.assertEqual('e2e-stock', row['Server'])
        if row['Status'] == 'running' and row['Percent'] is not None:
            self.assertGreater(row['Remaining'], 0)
            self.listed = row

    def test_no_progress(self):
        server = self.boot('e2e-stock', memory=192, dirty_rate=4,
                           working_set=16)
        self.set_bandwidth(8)
        self.listed = None
        readings, truth = self.migrate(server, self.list_once)
        self.assertIsNotNone(self.listed)
        for reading in readings:
            self.assertEqual(
                set(), set(reading['migration']) & set(fields.NAMES))
        self.assertEqual('completed', readings[-1]['migration']['status'])
        self.assertIsNotNone(truth['completed'])
        self.assertGuestIntact(server, 'compute2')
        error = self.assertRaises(
            exception.SandboxError, migrations.migration, self.api,
            server['id'], readings[-1]['migration']['uuid'],
            microversion=client.shift_microversion(self.maximum, 1))
        self.assertIn('HTTP 406', str(error))
