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

from benchmarks.convergence import recordings
from nova_migprogress.convergence import samples
from nova_migprogress.recording import reader
from nova_migprogress.replay import moments
from nova_migprogress.replay import summary

MIB = 1024 * 1024


def summed(some):
    player = moments.Replayer()
    found = None
    for line, sample in enumerate(some, 1):
        moment = player.assess(reader.RecordedSample(line, 'a', sample, {}))
        found = found or summary.MigrationSummary(moment)
        found.add(moment)
    return found


def recorded(name):
    return next(each.samples for each in recordings.load()
                if each.name == name)


class SummaryTestCase(base.BaseTestCase):

    def test_completed(self):
        found = summed(recorded('border'))
        self.assertEqual(359, found.samples)
        self.assertEqual(30, found.passes.count)
        self.assertAlmostEqual(37.46, found.duration, 2)
        self.assertAlmostEqual(37.46, sum(found.seconds.values()), 2)
        said = list(found.sentences())
        self.assertEqual(
            ['Completed (status completed), 37s after the first sample.',
             'Memory: 513 MiB, 1.08 GiB sent (2.15 times), 0 B remained, in '
             '31 passes or more.',
             'Verdicts: converging 21s (57 %), unknown 12s (31 %), '
             'borderline 4.5s (12 %).'], said)

    def test_cancelled(self):
        said = list(summed(recorded('nonconv')).sentences())
        self.assertEqual(
            'Ended with status cancelled, 39s after the first sample; the '
            'last verdict was not converging.', said[0])
        self.assertEqual(
            'Forced to complete just before, the server would have stood '
            'still for 3.6s to 4.1s.', said[-1])

    def test_not_over(self):
        said = list(summed(recorded('nonconv')[:300]).sentences())
        self.assertEqual(
            'Not over when the recording ends, 30s after the first sample: '
            'not converging for the last 18s, status running.', said[0])
        self.assertIn('Forced to complete then', said[-1])

    def test_disk(self):
        said = list(summed(recorded('block1')).sentences())
        self.assertIn('Disk: 192 MiB, 192 MiB sent (1.00 times), 0 B '
                      'remained.', said)

    def test_numbers_are_lost_by_an_abort(self):
        some = recorded('nonconv')
        some = some[:-2] + [each._replace(
            memory_total=0, memory_processed=0, memory_remaining=0)
            for each in some[-2:]]
        self.assertIn('Memory: 513 MiB, 1.05 GiB sent (2.10 times), 112 MiB '
                      'remained, in 9 passes or more.',
                      list(summed(some).sentences()))

    def test_nothing_known(self):
        said = list(summed([samples.Sample(1, 'queued')]).sentences())
        self.assertEqual(
            ['Not over when the recording ends, one sample: unknown, status '
             'queued.'], said)

    def test_rows_after_the_end_do_not_count(self):
        some = [samples.Sample(time, 'running') for time in range(5)]
        some += [samples.Sample(time, 'failed') for time in (5, 50, 500)]
        found = summed(some)
        self.assertEqual(5, found.ended)
        self.assertEqual(5, found.duration)
        self.assertEqual({'unknown': 5}, found.seconds)
