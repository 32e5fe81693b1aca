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
import pathlib

import fixtures
from oslotest import base

from sandbox import exception
from sandbox.truth import reader


class ReaderTestCase(base.BaseTestCase):

    def write(self, host, *records, tail=''):
        directory = self.directory / host
        directory.mkdir()
        (directory / 's.jsonl').write_text(
            ''.join(json.dumps(record) + '\n' for record in records) + tail)

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def test_runs(self):
        self.write(
            'compute1',
            {'time': 1, 'event': 'job-started'},
            {'time': 1.1, 'asked': 1.0, 'sample': {'memory_total': 5}},
            {'time': 2, 'event': 'job-completed', 'stats': {'type': 2}},
            {'time': 3, 'event': 'job-ended', 'error': None},
            {'time': 9, 'event': 'job-started'},
            tail='{"time": 9.1, "sam')
        self.write(
            'compute2',
            {'time': 5, 'event': 'job-started'},
            {'time': 6, 'event': 'job-ended', 'error': 'no domain'})
        first, second, third = reader.runs(self.directory, 's')
        self.assertEqual(('compute1', 1, 3), (
            first['host'], first['started'], first['ended']))
        self.assertEqual([{'time': 1.1, 'asked': 1.0, 'memory_total': 5}],
                         first['samples'])
        self.assertEqual({'time': 2, 'type': 2}, first['completed'])
        self.assertEqual(('compute2', None), (
            second['host'], second['completed']))
        self.assertEqual(third, reader.last_run(self.directory, 's'))
        self.assertIsNone(third['ended'])

    def test_none(self):
        self.assertRaises(exception.NotFound, reader.last_run, self.directory,
                          's')
