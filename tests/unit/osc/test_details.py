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

import testtools

from nova_migprogress.convergence import verdicts
from nova_migprogress.osc import details
from tests.unit.osc import fakes

SERVER = {'id': fakes.a_record().instance_uuid, 'name': 'web',
          'flavor': {'ram': 4096}, 'OS-EXT-STS:vm_state': 'active'}


class DetailsTest(testtools.TestCase):

    def collect(self, row=None, server=SERVER, **kwargs):
        return dict(details.collect_fields(
            row or fakes.a_row(), server, **kwargs))

    def test_raw(self):
        found = {name: cell.machine_readable()
                 for name, cell in self.collect().items()}
        json.dumps(found)
        for name, value in (
                ('id', 1), ('server', 'web'), ('type', 'live-migration'),
                ('eta', 34.0), ('eta_at_least', False), ('age', 300.0),
                ('percent', 75.0), ('remaining', 2 * fakes.GIB),
                ('memory_total', 8 * fakes.GIB), ('pause', 20.5),
                ('throughput', 100.0 * fakes.MIB), ('dest_host', '192.0.2.2'),
                ('created_at', '2026-11-23T02:55:00+00:00')):
            self.assertEqual(value, found[name], name)
        self.assertEqual(['abort', 'force complete'],
                         [action['name'] for action in found['actions']])
        self.assertEqual(
            {'action': 'abort', 'seconds': 3200, 'gib': 4.0,
             'strikes_at': '2026-11-23T03:48:20+00:00',
             'seconds_left': 2900.0}, {
                 name: value for name, value in found['nova_timeout'].items()
                 if name != 'assumed'})

    def test_text(self):
        found = {name: cell.human_readable()
                 for name, cell in self.collect().items()}
        for line in found['nova_timeout'].splitlines():
            self.assertLessEqual(len(line), details.CELL_WIDTH)
        self.assertTrue(' '.join(found['nova_timeout'].split()).startswith(
            'abort in 48m20s, at 2026-11-23T03:48:20+00:00, or later (800 s '
            'per GiB, 4.0 GiB). Assumes the default '))
        self.assertEqual('0.40', found['ratio'])
        lines = found['actions'].splitlines()
        self.assertTrue(lines[0].startswith('abort: '))
        commands = [line for line in lines if line.startswith('    ')]
        self.assertEqual(2, len(commands))
        for line in lines:
            if line not in commands:
                self.assertLessEqual(len(line), details.WIDTH)

    def test_due(self):
        row = fakes.a_row()._replace(age=4000.0)
        text = self.collect(row)['nova_timeout'].human_readable()
        self.assertIn('abort is due since 13m20s', text.replace('\n', ' '))

    def test_flavor_not_shown(self):
        found = self.collect(server={'flavor': {'id': '1'}})
        self.assertEqual(6400, found['nova_timeout'].machine_readable()[
            'seconds'])
        self.assertIsNone(details.flavor_memory({}))

    def test_nothing_known(self):
        row = fakes.a_row(
            verdict=verdicts.UNKNOWN, name=None, status='running (post-copy)',
            created_at=None, memory_total=None, memory_remaining=None,
            disk_total=None, disk_remaining=None, dest_compute=None)
        found = self.collect(row, {})
        self.assertEqual([], found['actions'].machine_readable())
        self.assertIn('none. The server runs on the destination already',
                      found['actions'].human_readable())
        self.assertIsNone(found['nova_timeout'].machine_readable())
        for name in ('server', 'age', 'percent', 'dest_compute'):
            self.assertIsNone(found[name].machine_readable())
            self.assertEqual('-', found[name].human_readable())

    def test_evil_name(self):
        found = self.collect(fakes.a_row(name='a\x1b[2J'))
        self.assertEqual('a\\x1b[2J', found['server'].human_readable())
        self.assertEqual('a\x1b[2J', found['server'].machine_readable())
