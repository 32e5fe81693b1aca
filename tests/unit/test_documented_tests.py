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

import ast
import pathlib
import re

import ddt
from oslotest import base

ROOT = pathlib.Path(__file__).parents[2]


def documented():
    """Return the names of tests that the documentation refers to."""
    names = set()
    for path in (ROOT / 'doc' / 'source').rglob('*.rst'):
        names.update(re.findall(r'``(tests\.[\w.]+)``', path.read_text()))
    return sorted(names)


@ddt.ddt
class DocumentedTestsTestCase(base.BaseTestCase):

    @ddt.data(*documented())
    def test_exists(self, name):
        module, class_name, method = re.fullmatch(
            r'([a-z0-9_.]+)(?:\.([A-Z]\w+)(?:\.(test_\w+))?)?', name).groups()
        path = ROOT / module.replace('.', '/')
        if class_name is None:
            self.assertTrue(path.is_dir() or path.with_suffix('.py').exists(),
                            name)
            return
        path = path.with_suffix('.py')
        classes = [node for node in ast.parse(path.read_text()).body
                   if isinstance(node, ast.ClassDef) and
                   node.name == class_name]
        self.assertEqual(1, len(classes), name)
        if method is not None:
            self.assertIn(method, [node.name for node in classes[0].body
                                   if isinstance(node, ast.FunctionDef)])

    def test_there_are_some(self):
        self.assertTrue(documented())
