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

import pathlib
import struct

import fixtures
import testtools

from nova_migprogress.recording import reader
from tools import browser
from tools import report_picture


class ReportPictureTestCase(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def test_recording(self):
        path = self.directory / 'night.jsonl'
        report_picture.record(path)
        problems = []
        with open(path, 'rb') as stream:
            rows = list(reader.Reader(stream, problems.append))
        self.assertEqual([], problems)
        self.assertEqual(
            {'db-1', 'web-1', 'files-1'}, {row.about['name'] for row in rows})

    def test_picture(self):
        if browser.find() is None:
            self.skipTest('needs Chromium, one of the programs %s (Debian: '
                          'chromium)' % ', '.join(browser.PROGRAMS))
        path = self.directory / 'picture.png'
        self.assertEqual(0, report_picture.main(['', str(path)]))
        png = path.read_bytes()
        self.assertEqual(b'\x89PNG', png[:4])
        self.assertEqual((report_picture.WIDTH, report_picture.HEIGHT),
                         struct.unpack('>II', png[16:24]))

    def test_usage(self):
        self.assertEqual(2, report_picture.main(['']))
