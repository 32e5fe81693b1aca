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
import re
from xml.etree import ElementTree

import fixtures
import testtools

from tools import pictures


class PicturesTest(testtools.TestCase):

    def test_draw(self):
        directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path, 'made', 'anew')
        paths = pictures.draw(directory)
        self.assertEqual(10, len(set(paths)))
        for path in paths:
            drawing = path.read_text()
            words = ' '.join(ElementTree.fromstring(drawing).itertext())
            words = words.replace('\xa0', ' ')
            self.assertIn('database', words)
            self.assertIn('not converging', words)
            # Nothing is fetched.
            self.assertEqual(set(), set(re.findall(
                r'(?:url\(|src=|href=)["\']?(?!#)[^)]*', drawing)))

    def test_the_documentation_shows_them_as_they_are_now(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for path in pictures.draw(directory):
            self.assertEqual((pictures.STATIC / path.name).read_text(),
                             path.read_text(),
                             'run python -m tools.pictures')
