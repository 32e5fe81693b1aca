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

import datetime

from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids
from oslo_utils import timeutils

from nova_migprogress import fields
from tests.functional import fixtures
from tests.functional.osc import base

GIB = 1024 ** 3
LIST = ('server', 'migration', 'progress', 'list')


class ListingTest(base.ShellTestCase):
    """``openstack server migration progress list`` as it is typed."""

    def add_all(self):
        """Insert a migration of every kind, all two minutes old."""
        created = timeutils.utcnow() - datetime.timedelta(seconds=120)
        for minute, name, values in (
                (1, 'web', {
                    'memory_total': 8 * GIB, 'memory_processed': 6 * GIB,
                    'memory_remaining': 2 * GIB, 'disk_total': 0,
                    'disk_processed': 0, 'disk_remaining': 0}),
                (2, 'db\x1b[31m', {
                    'status': 'migrating', 'migration_type': 'resize',
                    'disk_total': 20 * GIB, 'disk_processed': 5 * GIB,
                    'disk_remaining': 15 * GIB, 'dest_compute': 'compute3',
                    'source_compute': 'compute2'}),
                (3, 'queued', {
                    'status': 'queued', 'dest_compute': None,
                    'dest_node': None, 'dest_host': None}),
                (4, 'fast', {
                    'status': 'running (post-copy)',
                    'project_id': uuids.other_project,
                    'memory_total': GIB, 'memory_processed': GIB,
                    'memory_remaining': GIB // 2}),
                (5, 'old', {'status': 'completed'}),
                (6, 'bad', {'status': 'error', 'source_compute': 'compute9'}),
        ):
            self.add_migration(minute, created_at=created, **values)
            self.change(minute)
            self.add_server(getattr(uuids, 'server_%d' % minute), name)

    def listed(self, *arguments):
        result = self.openstack(*LIST, '-f', 'json', *arguments)
        self.assertEqual(0, result.code, result.err)
        self.assertEqual('', result.err)
        return result.json

    def names(self, *arguments):
        return [row['Server'] for row in self.listed(*arguments)]

    def test_json(self):
        self.serve()
        self.add_all()
        rows = {row['Server']: row for row in self.listed()}
        self.assertEqual({'web', 'db\x1b[31m', 'queued', 'fast'}, set(rows))
        web = rows['web']
        for title, value in (
                ('Server ID', uuids.server_1), ('Type', 'live-migration'),
                ('Project', nova_fixtures.PROJECT_ID), ('Percent', 75.0),
                ('Source', 'compute1'), ('Destination', 'compute2'),
                ('Status', 'running'), ('Remaining', 2 * GIB),
                ('Memory Total', 8 * GIB), ('Throughput', None),
                ('ETA', None), ('Verdict', 'unknown')):
            self.assertEqual(value, web[title], title)
        self.assertTrue(120 <= web['Age'] < 180, web['Age'])
        self.assertTrue(0 <= web['Sample Age'] < 60, web['Sample Age'])
        self.assertTrue(6200 < web['Nova Timeout'] <= 6280)
        self.assertEqual(25.0, rows['db\x1b[31m']['Percent'])
        self.assertEqual('post-copy', rows['fast']['Phase'])
        for name in fields.NAMES:
            self.assertIsNone(
                rows['queued'][name.replace('_', ' ').title()])
        self.assertIsNone(rows['queued']['Destination'])
        # One for all migrations, one for all names.
        self.assertEqual(
            ['/v2.1/extensions', '/v2.1/os-migrations', '/v2.1/servers'],
            [path.split('?')[0] for path in self.served])

    def test_terminals(self):
        self.serve()
        self.add_all()
        for size, titles in (
                ((80, 24), 'Server Status Percent Remaining ETA Verdict'),
                ((250, 50), 'Server Project Source Destination Type Status '
                 'Age Percent Remaining Throughput Dirty Rate ETA Verdict '
                 'Sample Age')):
            result = self.openstack(*LIST, size=size)
            self.assertEqual(0, result.code)
            self.assertIn('--samples 5', result.err)
            self.assertEqual(1, len(result.err.splitlines()))
            lines = result.out.splitlines()
            self.assertEqual(titles, ' '.join(
                lines[1].replace('|', ' ').split()))
            for line in lines:
                self.assertLessEqual(len(line), size[0])
            self.assertIn('db\\x1b[31m', result.out)
            self.assertNotIn('\x1b', result.out)
            self.assertEqual(4 + 4, len(lines), result.out)

    def test_pipe_for_programs(self):
        self.serve()
        self.add_all()
        result = self.openstack(*LIST, '-f', 'value', '-c', 'Server', '-c',
                                'Memory Remaining', '--sort', 'server')
        self.assertEqual(
            ['db\\x1b[31m None', 'fast %d' % (GIB // 2), 'queued None',
             'web %d' % (2 * GIB)], result.out.splitlines())

    def test_filters(self):
        self.serve()
        self.add_all()
        for arguments, names in (
                (['--all', '--sort', 'server'],
                 ['bad', 'db\x1b[31m', 'fast', 'old', 'queued', 'web']),
                (['--host', 'compute3'], ['db\x1b[31m']),
                (['--source', 'compute1', '--type', 'live-migration',
                  '--sort', 'server:desc'], ['web', 'queued', 'fast']),
                (['--destination', 'compute2', '--server', 'web',
                  '--server', uuids.server_2], ['web']),
                (['--status', 'error', '--status', 'completed', '--sort',
                  'trouble'], ['bad', 'old']),
                (['--project', uuids.other_project], ['fast'])):
            self.assertEqual(names, self.names(*arguments), arguments)

    def test_rates(self):
        self.serve()
        self.add_all()
        changed = []

        def change(out):
            if (self.served and 'os-migrations' in self.served[-1] and
                    not changed):
                changed.append(timeutils.utcnow() +
                               datetime.timedelta(seconds=2))
                self.change(1, memory_processed=6 * GIB + 2 ** 28,
                            memory_remaining=2 * GIB - 2 ** 28,
                            updated_at=changed[0])

        result = self.openstack(*LIST, '-f', 'json', '--samples', '2',
                                '--server', 'web', tick=change)
        web, = result.json
        # As fast as the command polls twice.
        self.assertTrue(2 ** 28 / 60 < web['Throughput'] < 2 ** 28,
                        web['Throughput'])
        self.assertTrue(web['ETA At Least'])
        self.assertEqual(2, sum('os-migrations' in path
                                for path in self.served))

    def test_without_the_plugin(self):
        self.serve(plugin=False)
        self.add_all()
        # Of a number 0 stock Nova's own schema of the answer knows nothing.
        self.change(1, disk_total=1, disk_processed=1, disk_remaining=1)
        result = self.openstack(*LIST, '-f', 'json')
        self.assertEqual(0, result.code, result.err)
        self.assertEqual(1, result.err.count('does not have the progress '
                                             'plugin'), result.err)
        rows = {row['Server']: row for row in result.json}
        self.assertEqual(2 * GIB + 1, rows['web']['Remaining'])
        self.assertIsNone(rows['db\x1b[31m']['Remaining'])

    def test_own_project_without_hosts(self):
        self.serve()
        self.add_all()
        self.caller = fixtures.MANAGER
        result = self.openstack(*LIST, '-f', 'json')
        self.assertEqual(0, result.code, result.err)
        self.assertEqual(1, result.err.count('of your own project'))
        self.assertEqual(1, result.err.count('hosts are hidden'))
        self.assertEqual({'web', 'db\x1b[31m', 'queued'},
                         {row['Server'] for row in result.json})
        self.assertEqual({None}, {row['Source'] for row in result.json})

    def test_not_allowed(self):
        self.serve()
        self.add_all()
        self.caller = fixtures.READER
        result = self.openstack(*LIST)
        self.assertEqual((1, ''), (result.code, result.out))
        self.assertIn('403', result.err)
        self.assertNotIn('Traceback', result.err)

    def test_bad_input(self):
        self.serve()
        for arguments, code, words in (
                (['--interval', '0'], 2, "'0' is not a number of seconds "
                                         "from 1 to 3600"),
                (['--server', 'nobody'], 1, "'nobody'"),
                (['--changes-since', 'noon'], 1, 'noon')):
            result = self.openstack(*LIST, *arguments)
            self.assertEqual((code, ''), (result.code, result.out), arguments)
            self.assertIn(words, result.err)
            self.assertNotIn('Traceback', result.err)
