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

from nova_migprogress.convergence import sync_splitter
from nova_migprogress.replay import pass_starts


def syncs(*times):
    return [sync_splitter.Sync(time, 0, time, 1.0, False, True) for time in times]


class PassStartsTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.starts = pass_starts.PassStarts()

    def test_none(self):
        self.starts.add([])
        self.assertEqual((0, []), (self.starts.count, self.starts.starts()))

    def test_one_after_the_other(self):
        every = syncs(5, 8, 10, 11)
        for count in range(1, 5):
            self.starts.add(every[:count])
            self.starts.add(every[:count])
        self.assertEqual(4, self.starts.count)
        self.assertEqual([(2, 5), (3, 8), (4, 10), (5, 11)],
                         self.starts.starts())

    def test_forgotten_by_the_estimator(self):
        every = syncs(*range(100))
        for end in range(1, 101):
            self.starts.add(every[max(end - 24, 0):end])
        self.assertEqual([(number + 2, number) for number in range(100)],
                         self.starts.starts())

    def test_replaced_by_a_better_one(self):
        self.starts.add(syncs(5, 8))
        self.starts.add(syncs(7, 9))
        self.assertEqual([(2, 5), (3, 7), (4, 9)], self.starts.starts())

    def test_bounded(self):
        every = syncs(*range(10000))
        for end in range(1, 10001):
            self.starts.add(every[max(end - 24, 0):end])
        self.assertEqual(10000, self.starts.count)
        found = self.starts.starts()
        self.assertLessEqual(len(found), pass_starts.KEPT + 24)
        self.assertTrue(all(number == time + 2 for number, time in found))
        settled = found[:-24]
        self.assertEqual({32}, {
            after - before for (_n, before), (_m, after)
            in zip(settled, settled[1:])})
