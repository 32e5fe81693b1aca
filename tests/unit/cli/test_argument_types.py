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

import argparse

import ddt
import testtools

from nova_migprogress.cli import argument_types


@ddt.ddt
class BoundsTest(testtools.TestCase):

    def test_good(self):
        self.assertEqual(7, argument_types.integer(1, 10)('7'))
        self.assertEqual(2.5, argument_types.seconds(1.0, 10.0)('2.5'))
        self.assertEqual(10.0, argument_types.seconds(1.0, 10.0)('10'))

    @ddt.data('0', '11', '1.5', 'many', '', '-1')
    def test_integer(self, value):
        error = self.assertRaises(argparse.ArgumentTypeError,
                                  argument_types.integer(1, 10), value)
        self.assertEqual('%r is not a whole number from 1 to 10' % value,
                         str(error))

    @ddt.data('0.9', '10.1', 'nan', 'inf', 'soon', '')
    def test_seconds(self, value):
        error = self.assertRaises(argparse.ArgumentTypeError,
                                  argument_types.seconds(1.0, 10.0), value)
        self.assertEqual('%r is not a number of seconds from 1 to 10' % value,
                         str(error))
