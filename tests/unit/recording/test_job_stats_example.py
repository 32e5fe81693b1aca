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

"""The converter that the user guide shows."""

import io
import json
import pathlib
import subprocess
import sys

from oslotest import base

from nova_migprogress.recording import reader

ROOT = pathlib.Path(reader.__file__).parents[2]
EXAMPLE = (ROOT / 'doc' / 'source' / 'user' / 'examples' /
           'replay_job_stats.py')
STATS = {'type': 2, 'time_elapsed': 100, 'memory_total': 4096,
         'memory_processed': 1024, 'memory_remaining': 3072, 'disk_total': 0,
         'disk_processed': 0, 'disk_remaining': 0, 'memory_bps': 77}


class ExampleTestCase(base.BaseTestCase):

    def convert(self, *rows):
        found = subprocess.run(
            [sys.executable, EXAMPLE, 'u'], text=True, check=True, cwd=ROOT,
            input=''.join(json.dumps(row) + '\n' for row in rows),
            stdout=subprocess.PIPE, timeout=60)
        problems = []
        samples = [row.sample for row in reader.Reader(
            io.BytesIO(found.stdout.encode()), problems.append)]
        self.assertEqual([], problems)
        return samples

    def test_convert(self):
        found = self.convert(
            {'about': 'the run'},
            {'t': 0.0, 'stats': {'type': 0}},
            {'t': 1.5, 'stats': STATS},
            {'t': 1.6, 'event': 'migration-iteration', 'iteration': 2},
            {'t': 2.0, 'event': 'job-completed', 'stats': STATS})
        self.assertEqual(
            [(0.0, 'running') + (None,) * 6,
             (1.5, 'running', 4096, 1024, 3072, 0, 0, 0),
             (2.0, 'completed', 4096, 1024, 3072, 0, 0, 0)], found)

    def test_ends(self):
        for number, status in ((4, 'failed'), (5, 'cancelled')):
            found, = self.convert({'t': 1, 'stats': dict(STATS, type=number)})
            self.assertEqual(status, found.status)
