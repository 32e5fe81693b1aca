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

from oslotest import base

import sandbox


class MapTestCase(base.BaseTestCase):

    def test_names_every_module_once(self):
        root = pathlib.Path(sandbox.__file__).parent
        modules = sorted(
            '.'.join(path.relative_to(root).with_suffix('').parts)
            for path in root.rglob('*.py') if path.name != '__init__.py')
        named = re.findall(r'^\* ``([\w.]+)`` +\S', sandbox.__doc__,
                           re.MULTILINE)
        self.assertEqual(modules, sorted(named))
