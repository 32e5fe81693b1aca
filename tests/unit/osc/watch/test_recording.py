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

import os

import fixtures
from osc_lib import exceptions
import testtools

from nova_migprogress.client import follow
from nova_migprogress.osc.watch import recording
from tests.unit.osc import fakes


class WatchRecordingTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.path = os.path.join(self.directory, 'r.jsonl')
        self.snapshot = follow.Snapshot(1.0, 0.0, (fakes.a_tracked(),), None,
                                        None)

    def test_no_file(self):
        with recording.WatchRecording(None) as recorded:
            recorded.write(self.snapshot, {})
        self.assertIsNone(recorded.problem)

    def test_file(self):
        with recording.WatchRecording(self.path) as recorded:
            recorded.write(self.snapshot, {})
            recorded.write(self.snapshot, {})
        with open(self.path) as written:
            self.assertEqual(1, len(written.readlines()))

    def test_unwritable(self):
        for path, words in ((self.directory, 'Is a directory'),
                            (self.path + '/x/y', 'No such file'),
                            ('a\0b', 'null'),
                            (__file__, 'is not a recording')):
            error = self.assertRaises(exceptions.CommandError,
                                      recording.WatchRecording, path)
            self.assertIn(repr(path), str(error))
            self.assertIn(words, str(error))

    def test_full_disk(self):
        if not os.path.exists('/dev/full'):
            self.skipTest('needs /dev/full')
        with recording.WatchRecording('/dev/full') as recorded:
            recorded.write(self.snapshot, {})
            self.assertIn('No space left', recorded.problem)
            recorded.write(self.snapshot, {})
