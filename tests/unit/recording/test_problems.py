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

from oslotest import base

from nova_migprogress.recording import problems


class ProblemsTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.told = []
        self.problems = problems.Problems(self.told.append, shown=2)

    def add(self, kind, *lines):
        for line in lines:
            self.problems.add(problems.Problem(kind, line, 'is %s' % kind))

    def test_none(self):
        self.problems.close()
        self.assertEqual([], self.told)
        self.assertFalse(self.problems)

    def test_as_they_come(self):
        self.add('odd', 7)
        self.assertEqual(['line 7: is odd'], self.told)
        self.assertEqual(1, len(self.problems))

    def test_whole_recording(self):
        self.add('empty', 0)
        self.assertEqual(['is empty'], self.told)

    def test_too_many_of_a_kind(self):
        self.add('odd', 1, 3, 5, 7)
        self.add('even', 2, 4, 6)
        self.add('prime', 5)
        self.assertEqual(5, len(self.told))
        self.problems.close()
        self.assertEqual(
            ['2 more lines like that, the last: line 7: is odd',
             'line 6: is even'], self.told[5:])
        self.assertEqual(self.told, self.problems.told)
        self.assertEqual(8, len(self.problems))
