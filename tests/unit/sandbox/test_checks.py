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

from nova_migprogress import fields
from sandbox import checks
from sandbox.truth import slow_saves

MIB = 1 << 20


def entry(status='running', sent=None, remaining=0):
    numbers = dict.fromkeys(fields.NAMES)
    if sent is not None:
        numbers.update(
            memory_total=256 * MIB, memory_processed=sent,
            memory_remaining=remaining, disk_total=0, disk_processed=0,
            disk_remaining=0)
    return dict(numbers, status=status, uuid='u')


def reading(time, *args, **kwargs):
    return {'time': time, 'answered': time,
            'migration': entry(*args, **kwargs)}


def sample(time, sent):
    return {'time': time, 'memory_total': 256 * MIB if sent else 0,
            'memory_processed': sent, 'memory_remaining': 0,
            'disk_total': 0, 'disk_processed': 0, 'disk_remaining': 0}


def failed(found):
    return [check.name for check in found if not check.ok]


@ddt.ddt
class ChecksTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.truth = {
            'samples': [sample(10.0, 0)] + [
                sample(11.0 + n, 10 * MIB * (n + 1)) for n in range(5)],
            'completed': None}

    def test_age_is_interpolated(self):
        self.assertAlmostEqual(
            1.0, checks.age(reading(13.5, sent=25 * MIB), self.truth))

    def test_age_ends_with_libvirts_last_sample(self):
        self.assertAlmostEqual(
            1.0, checks.age(reading(40.0, sent=40 * MIB), self.truth))

    def test_running(self):
        readings = [reading(10.5), reading(11.5, sent=10 * MIB),
                    reading(13.5, sent=30 * MIB)]
        self.assertEqual([], failed(checks.running(readings, self.truth)))

    def test_running_late_and_old(self):
        readings = [reading(14.0), reading(14.5, sent=10 * MIB),
                    reading(15.0, sent=10 * MIB)]
        self.assertEqual(
            ['the newest sample is at most 2.5 s old',
             'numbers at the latest 2.5 s after libvirt has some'],
            failed(checks.running(readings, self.truth)))

    def test_running_ahead(self):
        readings = [reading(11.5, sent=10 * MIB),
                    reading(12.5, sent=45 * MIB)]
        self.assertEqual(['never ahead of libvirt'],
                         failed(checks.running(readings, self.truth)))

    def test_shape(self):
        good = [reading(1, status='preparing'), reading(2, sent=MIB)]
        self.assertEqual([], failed(checks.shape(good)))
        half = reading(3, sent=MIB)
        half['migration']['disk_total'] = None
        self.assertEqual(['all six are integers or all are null'],
                         failed(checks.shape(good + [half])))
        zeros = reading(3, sent=0)
        zeros['migration']['memory_total'] = 0
        self.assertEqual(
            ['never the all-zero values of the prepare phase'],
            failed(checks.shape(good + [zeros])))
        self.assertEqual(
            ['null until something is known'],
            failed(checks.shape(good + [
                reading(3, status='preparing', sent=MIB)])))

    @ddt.data((12.0, True), (11.3, True), (11.2, False), (15.0, False))
    @ddt.unpack
    def test_sample_is_old_after_a_slow_save(self, began, right):
        readings = [reading(12.0, sent=20 * MIB), reading(14.8, sent=20 * MIB)]
        saves = [slow_saves.SlowSave(began, 0.28, 2.8)]
        self.assertEqual(['the newest sample is at most 2.5 s old'],
                         failed(checks.running(readings, self.truth)))
        self.assertEqual([] if right else [
            'the newest sample is at most 2.5 s old'],
            failed(checks.running(readings, self.truth, saves)))

    def test_nothing_seen_is_no_success(self):
        self.assertEqual(4, len(failed(checks.shape([]))))
        self.assertNotEqual([], failed(checks.running([], self.truth)))
        self.assertNotEqual([], failed(checks.monotonic([])))

    def test_completed_to_the_byte(self):
        final = entry('completed', sent=300 * MIB)
        self.truth['completed'] = checks.values(final)
        self.assertEqual([], failed(checks.completed(final, self.truth)))
        self.truth['completed'] = dict(checks.values(final),
                                       memory_processed=300 * MIB + 1)
        self.assertEqual(["final memory_processed is JOB_COMPLETED's"],
                         failed(checks.completed(final, self.truth)))

    def test_interrupted(self):
        readings = [reading(12.0, sent=20 * MIB, remaining=5)]
        good = entry('error', sent=50 * MIB, remaining=5)
        self.assertEqual(
            [], failed(checks.interrupted(readings, good, self.truth)))
        zero = entry('error', sent=0, remaining=5)
        self.assertEqual(
            ['the last real numbers stay'],
            failed(checks.interrupted(readings, zero, self.truth)))

    @ddt.data((19, False), (20, True), (50, True), (60, True), (61, False))
    @ddt.unpack
    def test_numbers_that_stay(self, sent, right):
        """libvirt's last 3 s, and what Nova may have seen a moment later."""
        self.assertIs(right, checks.are_right(
            checks.values(entry(sent=sent * MIB)), self.truth))

    def test_numbers_that_stay_of_one_sample(self):
        self.truth['samples'] = self.truth['samples'][:2]
        self.assertTrue(checks.are_right(
            checks.values(entry(sent=10 * MIB)), self.truth))
        self.assertFalse(checks.are_right(
            checks.values(entry(sent=10 * MIB + 1)), self.truth))

    def test_stock(self):
        with_keys = entry(sent=MIB)
        below = {'status': 'running', 'uuid': 'u'}
        self.assertEqual([], failed(checks.stock(with_keys, below)))
        self.assertEqual(2, len(failed(checks.stock(
            with_keys, dict(below, memory_total=1, uuid='v')))))
