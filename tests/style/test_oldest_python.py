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

"""The packages keep to the Python that their metadata promises.

Nova 34, with which the tests run, needs a newer one.
"""

import ast

from tests.style import base

_PACKAGES = ('nova_migprogress', 'db_migrations', 'api_schema')


#: What is a type wherever it stands.
_TYPES = ('None', 'bool', 'bytes', 'dict', 'float', 'frozenset', 'int', 'list',
          'object', 'set', 'str', 'tuple')


def _annotations(tree):
    """Generate the annotations of a module, which are evaluated."""
    for node in ast.walk(tree):
        for attribute in ('annotation', 'returns'):
            annotation = getattr(node, attribute, None)
            if annotation is not None:
                yield annotation


def _unions(tree):
    """Generate what joins types with an operator, in annotations or not."""
    for annotation in _annotations(tree):
        for node in ast.walk(annotation):
            if isinstance(node, ast.BinOp):
                yield node
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            if any(ast.unparse(side).partition('[')[0] in _TYPES
                   for side in (node.left, node.right)):
                yield node


class TestOldestPython(base.StyleTestCase):

    def test_vermin(self):
        self.assert_succeeds(*base.hook('vermin'))

    def test_no_union_operator(self):
        # vermin cannot tell it from that of numbers.
        found = []
        for package in _PACKAGES:
            for path in sorted((base.ROOT / package).rglob('*.py')):
                tree = ast.parse(path.read_text(), path,
                                 feature_version=(3, 9))
                found += [
                    '%s:%d' % (path.relative_to(base.ROOT), node.lineno)
                    for node in _unions(tree)]
        self.assertEqual([], found)
