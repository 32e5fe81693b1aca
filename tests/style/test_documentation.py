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

import importlib.metadata
import re

from tests.style import base


class TestDocumentation(base.StyleTestCase):

    def test_builds(self):
        self.skip_without_clone()
        self.assert_succeeds(*base.hook('documentation'))
        # A version of its own would be counted from git's tags.
        page = base.ROOT / 'doc' / 'build' / 'html' / 'index.html'
        self.assertEqual(
            {importlib.metadata.version('nova-migprogress')},
            set(re.findall(r'nova-migprogress (\d[\w.]*)', page.read_text())))


class TestReleaseNotes(base.StyleTestCase):

    def test_reno(self):
        self.skip_without_clone()
        self.assert_succeeds(*base.hook('reno'))
