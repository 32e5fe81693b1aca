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

from nova_migprogress.report import series


def point(time, remaining, rate=1.0):
    return series.Point(time, remaining, 0, rate, None)


class SeriesTestCase(base.BaseTestCase):

    def fill(self, points, most):
        found = series.Series()
        for each in points:
            found.add(each, most)
        return found

    def test_nothing(self):
        self.assertEqual([], series.Series().points())

    def test_few_points_are_all_kept(self):
        points = [point(number * 0.1, number) for number in range(100)]
        self.assertEqual(points, self.fill(points, 100).points())

    def test_points_of_one_time_have_a_fixed_order(self):
        points = []
        for number in range(50):
            points += [point(float(number), 10), point(float(number), 20)]
        self.assertEqual(points, self.fill(points, 100).points())

    def test_last_of_one_time_is_last(self):
        points = [point(1.0, remaining) for remaining in (20, 30, 10)]
        self.assertEqual(points, self.fill(points, 100).points())

    def test_peaks_are_kept(self):
        # A sawtooth of ten samples, its last passes too.
        points = [point(number * 0.5, 1000 - 100 * (number % 10))
                  for number in range(20000)]
        found = self.fill(points, 200).points()
        self.assertLessEqual(len(found), 402)
        for first, second in zip(found[1:-2], found[2:-1]):
            if first.memory_remaining == second.memory_remaining:
                continue
            self.assertEqual({100, 1000}, {first.memory_remaining,
                                           second.memory_remaining})
        self.assertEqual((points[0], points[-1]), (found[0], found[-1]))

    def test_one_peak_among_many_is_kept(self):
        points = [point(float(number), 5) for number in range(10000)]
        points[5003] = point(5003.0, 99)
        points[7001] = point(7001.0, 1)
        found = self.fill(points, 50).points()
        self.assertIn(points[5003], found)
        self.assertIn(points[7001], found)

    def test_same_density_everywhere(self):
        points = [point(float(number), number % 7) for number in range(10000)]
        times = [each.time for each in self.fill(points, 100).points()]
        halves = (sum(time < 5000 for time in times),
                  sum(time >= 5000 for time in times))
        self.assertLess(max(halves) / min(halves), 1.2)

    def test_huge_gap(self):
        found = self.fill([point(0.0, 1), point(1e11, 2), point(1e11 + 1, 3)],
                          2)
        self.assertEqual(3, len(found.points()))

    def test_all_at_one_time(self):
        found = self.fill([point(1.0, number) for number in range(99)], 5)
        self.assertEqual([0, 98], sorted(each.memory_remaining
                                         for each in found.points()))

    def test_shrink(self):
        found = self.fill([point(float(number), number)
                           for number in range(100)], 100)
        found.shrink(10)
        self.assertLessEqual(len(found.points()), 22)
