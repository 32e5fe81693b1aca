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
import inspect

import ddt
from oslotest import base

from nova_migprogress import fields


class FieldsTestCase(base.BaseTestCase):

    def test_names_are_the_specifications(self):
        self.assertEqual(
            ('memory_total', 'memory_processed', 'memory_remaining',
             'disk_total', 'disk_processed', 'disk_remaining'), fields.NAMES)
        self.assertEqual(fields.NAMES,
                         fields.MEMORY_NAMES + fields.DISK_NAMES)

    def test_every_field_says_what_it_means(self):
        for field in fields.FIELDS:
            self.assertEqual('bytes', field.unit)
            self.assertIn(field.resource, field.meaning)

    def test_imports_nothing_of_nova(self):
        imported = [node for node in ast.walk(ast.parse(
            inspect.getsource(fields)))
            if isinstance(node, (ast.Import, ast.ImportFrom))]
        self.assertEqual(['collections.abc', 'typing'],
                         [alias.name for node in imported
                          for alias in node.names])


@ddt.ddt
class AmountsTest(base.BaseTestCase):

    @ddt.data(0, 1, fields.MAX_VALUE)
    def test_byte_count(self, value):
        self.assertTrue(fields.is_byte_count(value))

    @ddt.data(-1, fields.MAX_VALUE + 1, 1.5, True, False, None, '12', [],
              float('nan'))
    def test_no_byte_count(self, value):
        self.assertFalse(fields.is_byte_count(value))

    @ddt.data(((), False), ((None, None), False), ((0, None, 0), False),
              ((None, 0, 1), True))
    @ddt.unpack
    def test_any_moved(self, numbers, expected):
        self.assertIs(expected, fields.any_moved(numbers))

    @ddt.data((None, None, None), (None, 0, 0), (5, None, 5), (5, 7, 12))
    @ddt.unpack
    def test_sum_known(self, memory, disk, expected):
        self.assertEqual(expected, fields.sum_known(memory, disk))

    @ddt.data((None, 5, None), (0, 0, None), (100, None, None),
              (100, 25, 75.0), (100, 0, 100.0), (100, 300, 0.0))
    @ddt.unpack
    def test_percent(self, total, remaining, expected):
        self.assertEqual(expected, fields.percent(total, remaining))
