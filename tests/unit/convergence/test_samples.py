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

import math

import ddt
from oslotest import base

from nova_migprogress.convergence import samples
from nova_migprogress import fields


@ddt.ddt
class FromMappingTestCase(base.BaseTestCase):

    def test_everything(self):
        row = dict(zip(fields.NAMES, range(1, 7)), time=3.5,
                   status='running', uuid='ignored')
        sample = samples.from_mapping(row)
        self.assertEqual((3.5, 'running', 1, 2, 3, 4, 5, 6), sample)
        self.assertEqual((1, 2, 3, 4, 5, 6), sample.numbers)

    def test_missing_keys_are_none(self):
        sample = samples.from_mapping({}, time=1)
        self.assertEqual((1,) + (None,) * 7, sample)

    def test_given_time_wins(self):
        self.assertEqual(7, samples.from_mapping({'time': 'x'}, time=7).time)

    def test_fragments(self):
        whole = samples.Sample(1.0, 'running', 1, 2, 3, 4, 5, 6)
        self.assertIs(whole, whole.without_fragments())
        self.assertEqual(
            (1.0, 'running', None, None, None, 4, 5, 6),
            whole._replace(memory_processed=None).without_fragments())
        self.assertEqual(
            (1.0, 'running', 1, 2, 3, None, None, None),
            whole._replace(disk_total=None,
                           disk_remaining=None).without_fragments())
        unknown = samples.Sample(1.0)
        self.assertIs(unknown, unknown.without_fragments())

    @ddt.data(None, 'now', True, math.nan, math.inf, [])
    def test_bad_time(self, time):
        exc = self.assertRaises(samples.InvalidSample, samples.from_mapping,
                                {'time': time})
        self.assertIn('time is %r' % (time,), str(exc))

    @ddt.data(-1, fields.MAX_VALUE + 1)
    def test_number_out_of_bounds(self, value):
        exc = self.assertRaises(
            samples.InvalidSample, samples.from_mapping,
            {'time': 0, 'memory_remaining': value})
        self.assertIn('memory_remaining is %d' % value, str(exc))
        self.assertIn(str(fields.MAX_VALUE), str(exc))

    @ddt.data('5', 1.5, False, [], {})
    def test_no_number(self, value):
        exc = self.assertRaises(
            samples.InvalidSample, samples.from_mapping,
            {'time': 0, 'disk_total': value})
        self.assertIn('disk_total is %r' % (value,), str(exc))

    def test_bad_status(self):
        exc = self.assertRaises(
            samples.InvalidSample, samples.from_mapping,
            {'time': 0, 'status': 5})
        self.assertIn('status is 5', str(exc))


@ddt.ddt
class SampleTestCase(base.BaseTestCase):

    def test_groups(self):
        sample = samples.Sample(1.0, 'running', 1, 2, 3, 4, 5, 6)
        self.assertEqual(samples.Amounts(total=1, processed=2, remaining=3),
                         sample.memory)
        self.assertEqual(samples.Amounts(total=4, processed=5, remaining=6),
                         sample.disk)

    @ddt.data('total', 'processed', 'remaining')
    def test_part_of_a_group_is_none(self, name):
        whole = samples.Sample(1.0, 'running', 1, 2, 3, 4, 5, 6)
        sample = whole._replace(**{'memory_' + name: None})
        self.assertIsNone(sample.memory)
        self.assertEqual(whole.disk, sample.disk)
        sample = whole._replace(**{'disk_' + name: None})
        self.assertIsNone(sample.disk)
        self.assertEqual(whole.memory, sample.memory)

    @ddt.data((1, 0, True), (0, 1, True), (None, 1, True), (1, None, True),
              (0, 0, False), (None, None, False), (0, None, False))
    @ddt.unpack
    def test_has_total(self, memory, disk, expected):
        sample = samples.Sample(1.0, memory_total=memory, memory_processed=5,
                                disk_total=disk, disk_processed=5)
        self.assertIs(expected, sample.has_total)
