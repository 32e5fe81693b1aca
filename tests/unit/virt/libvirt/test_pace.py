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

import types

import fixtures
from nova import test

from nova_migprogress.virt.libvirt import pace


class PaceTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.now = 100.0
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.pace.time',
            types.SimpleNamespace(monotonic=lambda: self.now)))
        self.pace = pace.Pace(2)

    def test_as_many_as_there_are_slots(self):
        self.assertIsNone(self.pace.enter('a'))
        self.assertIsNone(self.pace.enter('b'))
        self.assertLess(0, self.pace.enter('c'))
        self.pace.leave(self.now, 0)
        self.assertIsNone(self.pace.enter('c'))

    def test_rest(self):
        self.pace.enter('a')
        self.pace.enter('b')
        self.now += 2
        self.pace.leave(100, 2)
        self.pace.leave(100, 1)
        # Ten seconds after the beginning of the one that took one.
        self.assertEqual(8, self.pace.enter('c'))
        self.now = 109.9
        self.assertLess(0, self.pace.enter('c'))
        self.now = 110
        self.assertIsNone(self.pace.enter('c'))
        self.assertEqual(10, self.pace.enter('d'))
        self.now = 120
        self.assertIsNone(self.pace.enter('d'))

    def test_first_come_first_served(self):
        for who in 'ab':
            self.pace.enter(who)
            self.pace.leave(100, 1)
        for who in 'cdef':
            self.assertEqual(10, self.pace.enter(who))
        self.now = 110
        self.assertEqual(0.05, self.pace.enter('new'))
        self.assertEqual(0.05, self.pace.enter('f'))
        self.assertLess(0, self.pace.enter('e'))
        # The second of two.
        self.assertIsNone(self.pace.enter('d'))
        self.assertIsNone(self.pace.enter('c'))

    def test_who_left_the_line_keeps_nobody_waiting(self):
        for who in 'ab':
            self.pace.enter(who)
            self.pace.leave(100, 1)
        for who in 'cdef':
            self.pace.enter(who)
        for who in 'cde':
            self.pace.leave_line(who)
        self.pace.leave_line('unknown')
        self.now = 110
        self.assertIsNone(self.pace.enter('f'))
