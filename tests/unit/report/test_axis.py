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

import ddt
from oslotest import base

from nova_migprogress.report import axis

MIB = 1024 ** 2


@ddt.ddt
class ByteMarksTestCase(base.BaseTestCase):

    @ddt.data(
        (0, ['0', '1'], 'B', 1),
        (3, ['0', '1', '2', '3'], 'B', 3),
        (1000, ['0', '250', '500', '750', '1000'], 'B', 1000),
        (513 * MIB, ['0', '200', '400', '600'], 'MiB', 600 * MIB),
        (31.5 * MIB, ['0', '10', '20', '30', '40'], 'MiB', 40 * MIB),
        (1.1 * 1024 ** 3, ['0.0', '0.5', '1.0', '1.5'], 'GiB',
         1.5 * 1024 ** 3),
        (2 ** 63 - 1, ['0', '2', '4', '6', '8'], 'EiB', 2 ** 63))
    @ddt.unpack
    def test_marks(self, highest, labels, unit, top):
        found_top, marks, found_unit = axis.byte_marks(highest)
        self.assertEqual((labels, unit),
                         ([label for _value, label in marks], found_unit))
        self.assertEqual(top, found_top)
        self.assertEqual(found_top, marks[-1][0])

    def test_any_value_is_below_the_top(self):
        value = 1.0
        while value < 2 ** 63:
            top, marks, _unit = axis.byte_marks(value)
            self.assertGreaterEqual(top, value * (1 - 1e-6))
            self.assertLessEqual(top, value * 2.6 + 1)
            self.assertLessEqual(len(marks), 6)
            self.assertEqual(len(marks), len({label for _v, label in marks}))
            value *= 1.37


@ddt.ddt
class TimeMarksTestCase(base.BaseTestCase):

    @ddt.data(
        (0.5, ['0.0 s', '0.1 s', '0.2 s', '0.3 s', '0.4 s', '0.5 s']),
        (39, ['0:00', '0:05', '0:10', '0:15', '0:20', '0:25', '0:30',
              '0:35']),
        (3600, ['0:00', '10:00', '20:00', '30:00', '40:00', '50:00',
                '1:00:00']),
        (86400 * 3, ['0:00', '12:00:00', '24:00:00', '36:00:00', '2d 00h',
                     '2d 12h', '3d 00h']))
    @ddt.unpack
    def test_marks(self, length, labels):
        self.assertEqual(labels, [label for _value, label in
                                  axis.time_marks(length)])

    def test_any_length(self):
        length = 0.1
        while length < 1e12:
            marks = axis.time_marks(length)
            self.assertLessEqual(len(marks), 9)
            self.assertGreaterEqual(len(marks), 2)
            self.assertLessEqual(marks[-1][0], length * (1 + 1e-6))
            self.assertEqual(len(marks), len({label for _v, label in marks}))
            length *= 1.7
