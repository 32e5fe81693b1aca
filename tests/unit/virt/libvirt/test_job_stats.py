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
from nova_migprogress.virt.libvirt import job_stats

GUEST = 1000


def stats(*values, **others):
    return dict(zip(fields.NAMES, values), **others)


@ddt.ddt
class FromStatisticsTestCase(base.BaseTestCase):

    def test_values(self):
        self.assertEqual((1, 2, 3, 4, 5, 6), job_stats.from_statistics(
            stats(1, 2, 3, 4, 5, 6, type=2, memory_bps='x')))

    def test_missing_keys_are_zero(self):
        self.assertEqual((0, 0, 0, 0, 0, 0),
                         job_stats.from_statistics({'type': 0}))

    def test_largest_value(self):
        self.assertEqual(2 ** 63 - 1, job_stats.from_statistics(
            {'disk_total': 2 ** 63 - 1}).disk_total)

    @ddt.data(({}, True), ({'operation': 0}, True), ({'operation': 5}, True),
              (None, True), ({'operation': 4}, False),
              ({'operation': 8}, False), ({'operation': 9}, False))
    @ddt.unpack
    def test_is_of_migration(self, statistics, expected):
        self.assertIs(expected, job_stats.is_of_migration(statistics))

    def test_what_is_not_needed_may_be_invalid(self):
        self.assertEqual((1, 2, 0, 4, 5, 6), job_stats.from_statistics(
            stats(1, 2, 2 ** 64 - 4096, 4, 5, 6), ('memory_remaining',)))
        self.assertEqual((1, 2, 3, 4, 5, 6), job_stats.from_statistics(
            stats(1, 2, 3, 4, 5, 6), ('memory_remaining',)))

    @ddt.data(-1, 2 ** 63, '1', 1.5, None, True, [])
    def test_invalid(self, value):
        error = self.assertRaises(
            job_stats.InvalidStatistics, job_stats.from_statistics,
            {'disk_total': value})
        self.assertIn('disk_total is %r' % (value,), str(error))

    @ddt.data((-1, 'between 0 and 9223372036854775807'),
              (2 ** 63, 'between 0 and 9223372036854775807'),
              (True, 'an integer'), ('1', 'an integer'))
    @ddt.unpack
    def test_says_what_is_expected(self, value, expected):
        error = self.assertRaises(
            job_stats.InvalidStatistics, job_stats.from_statistics,
            {'disk_total': value})
        self.assertIn('which is not ' + expected, str(error))


class LiveSamplerTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.sampler = job_stats.LiveSampler(GUEST)

    def test_nothing_known(self):
        self.assertIsNone(self.sampler.observe({'type': 0}))
        self.assertIsNone(self.sampler.observe(stats(0, 0, 0, 0, 0, 0)))
        self.assertIsNone(self.sampler.newest)
        self.assertIsNone(self.sampler.final_sample())

    def test_memory(self):
        self.assertEqual((1001, 10, 990, 0, 0, 0),
                         self.sampler.observe(stats(1001, 10, 990, 0, 0, 0)))

    def test_storage_phase_reports_the_memory_to_come(self):
        self.assertEqual((GUEST, 0, GUEST, 50, 10, 40),
                         self.sampler.observe(stats(0, 0, 0, 50, 10, 40)))

    def test_memory_phase_keeps_the_storage_numbers(self):
        self.sampler.observe(stats(0, 0, 0, 50, 48, 2))
        self.assertEqual((1001, 10, 990, 50, 48, 0), self.sampler.observe(
            stats(1001, 10, 990, 50, 48, 2)))
        # libvirt repeats what it was asked last.
        self.assertEqual((1001, 15, 985, 50, 48, 0), self.sampler.observe(
            stats(1001, 15, 985, 50, 48, 2)))
        self.assertEqual((1001, 20, 980, 50, 48, 0), self.sampler.observe(
            stats(1001, 20, 980, 0, 0, 0)))

    def test_zeros_of_an_aborted_job_are_dropped(self):
        last = self.sampler.observe(stats(1001, 10, 990, 50, 50, 0))
        self.assertIsNone(self.sampler.observe(stats(0, 0, 0, 50, 50, 0)))
        self.assertIsNone(self.sampler.observe(stats(0, 0, 0, 0, 0, 0)))
        self.assertEqual(last, self.sampler.newest)

    def test_processed_never_goes_back(self):
        self.sampler.observe(stats(0, 0, 0, 50, 30, 20))
        self.assertEqual((GUEST, 0, GUEST, 60, 30, 31), self.sampler.observe(
            stats(0, 0, 0, 60, 29, 31)))
        self.sampler.observe(stats(1001, 10, 990, 60, 60, 0))
        self.assertEqual((1001, 10, 995, 60, 60, 0), self.sampler.observe(
            stats(1001, 9, 995, 60, 60, 0)))

    def test_remaining_may_rise(self):
        self.sampler.observe(stats(1001, 10, 20, 0, 0, 0))
        self.assertEqual((1001, 11, 500, 0, 0, 0), self.sampler.observe(
            stats(1001, 11, 500, 0, 0, 0)))

    def test_junk_is_dropped_and_logged_once(self):
        last = self.sampler.observe(stats(1001, 10, 990, 0, 0, 0))
        with self.assertLogs('nova_migprogress') as logs:
            self.assertIsNone(self.sampler.observe(
                stats(1001, -5, 990, 0, 0, 0)))
            self.assertIsNone(self.sampler.observe(
                stats(1001, 'x', 990, 0, 0, 0)))
        self.assertEqual(1, len(logs.output))
        self.assertIn('memory_processed is -5', logs.output[0])
        self.assertEqual(last, self.sampler.newest)

    def test_remaining_below_zero(self):
        # QEMU, when a block of memory was resized during the migration.
        below_zero = 2 ** 64 - 4096
        last = self.sampler.observe(stats(1001, 10, 990, 0, 0, 0))
        with self.assertLogs('nova_migprogress') as logs:
            for processed in (20, 30):
                self.assertIsNone(self.sampler.observe(
                    stats(1001, processed, below_zero, 0, 0, 0)))
        self.assertEqual(1, len(logs.output))
        self.assertIn('WARNING', logs.output[0])
        self.assertEqual(last, self.sampler.newest)
        # In the end it does not matter what remains.
        self.assertEqual((1001, 40, 0, 0, 0, 0), self.sampler.final_sample(
            stats(1001, 40, below_zero, 0, 0, below_zero)))

    def test_remaining_below_zero_of_disks_that_are_complete(self):
        below_zero = 2 ** 64 - 4096
        self.sampler.observe(stats(0, 0, 0, 50, 48, 2))
        self.assertIsNone(self.sampler.observe(
            stats(0, 0, 0, 50, 49, below_zero)))
        self.assertEqual((1001, 20, 980, 50, 49, 0), self.sampler.observe(
            stats(1001, 20, 980, 50, 49, below_zero)))

    def test_disks_and_memory_at_once(self):
        # VIR_MIGRATE_TUNNELLED
        for sample in ((1001, 0, 1001, 50, 10, 40),
                       (1001, 0, 1001, 50, 30, 20),
                       (1001, 90, 911, 50, 30, 20),
                       (1001, 95, 906, 50, 50, 0),
                       (1001, 99, 902, 52, 51, 1)):
            self.assertEqual(sample, self.sampler.observe(stats(*sample)))

    def test_disks_begin_before_the_memory(self):
        self.sampler.observe(stats(0, 0, 0, 50, 10, 40))
        self.assertEqual((1001, 1, 1000, 50, 20, 0), self.sampler.observe(
            stats(1001, 1, 1000, 50, 20, 30)))
        # They are still being copied.
        self.assertEqual((1001, 2, 999, 50, 25, 25), self.sampler.observe(
            stats(1001, 2, 999, 50, 25, 25)))

    def test_completed_never_goes_back(self):
        self.sampler.observe(stats(1001, 300, 5, 240, 240, 0))
        self.assertEqual((1001, 300, 0, 240, 240, 0),
                         self.sampler.final_sample(
                             stats(1001, 299, 0, 192, 192, 0)))

    def test_completed_disks_never_go_back(self):
        self.sampler.observe(stats(1001, 300, 5, 192, 200, 0))
        self.assertEqual((1001, 301, 0, 192, 200, 0),
                         self.sampler.final_sample(
                             stats(1001, 301, 0, 192, 192, 0)))
        self.assertEqual((1001, 301, 0, 250, 250, 0),
                         self.sampler.final_sample(
                             stats(1001, 301, 0, 250, 249, 1)))

    def test_completed_takes_the_event(self):
        self.sampler.observe(stats(1001, 10, 990, 0, 0, 0))
        self.assertEqual((1001, 2005, 0, 0, 0, 0), self.sampler.final_sample(
            stats(1001, 2005, 0, 0, 0, 0, downtime=70)))

    def test_completed_without_a_sample_before(self):
        self.assertEqual((1001, 2005, 0, 50, 50, 0), self.sampler.final_sample(
            stats(1001, 2005, 0, 50, 50, 0)))

    def test_completed_event_lost(self):
        self.sampler.observe(stats(1001, 10, 990, 50, 40, 10))
        self.assertEqual((1001, 10, 0, 50, 50, 0), self.sampler.final_sample())

    def test_completed_event_is_junk(self):
        self.sampler.observe(stats(1001, 10, 990, 0, 0, 0))
        self.assertEqual((1001, 10, 0, 0, 0, 0), self.sampler.final_sample(
            stats('x', 10, 0, 0, 0, 0)))
        self.assertEqual((1001, 10, 0, 0, 0, 0),
                         self.sampler.final_sample({'type': 0}))

    def test_completed_event_without_disks(self):
        # After a post-copy migration libvirt may leave them out.
        self.sampler.observe(stats(1001, 10, 990, 50, 50, 0))
        self.assertEqual((1001, 900, 0, 50, 50, 0), self.sampler.final_sample(
            stats(1001, 900, 0, 0, 0, 0)))

    def test_completed_keeps_its_own_disks(self):
        self.sampler.observe(stats(1001, 10, 990, 50, 50, 0))
        self.assertEqual((1001, 900, 0, 60, 60, 0), self.sampler.final_sample(
            stats(1001, 900, 0, 60, 60, 0)))

    def test_completed_at_once_without_disks(self):
        self.assertEqual((1001, 900, 0, 0, 0, 0), self.sampler.final_sample(
            stats(1001, 900, 0, 0, 0, 0)))
