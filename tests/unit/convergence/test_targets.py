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

"""The targets of the verdicts, on recorded and on simulated migrations.

The same evaluation as ``python -m benchmarks.convergence``, which prints it.
"""

import time

import ddt
from oslotest import base

from benchmarks.convergence import __main__ as benchmark
from benchmarks.convergence import baselines
from benchmarks.convergence import evaluation
from benchmarks.convergence import families
from benchmarks.convergence import policies
from benchmarks.convergence import recordings
from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import verdicts


class Always:
    """Says the same of everything."""

    def __init__(self, verdict):
        self.verdict = verdict

    def add(self, sample, now, iteration):
        return assessment.Assessment(sample.time, 'pre-copy', self.verdict,
                                     eta=1000.0)


@ddt.ddt
class RecordedTestCase(base.BaseTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migrations = recordings.load()

    @ddt.data(*evaluation.STEPS)
    def test_targets(self, step):
        summary = benchmark.score(self.migrations, evaluation.Ours, step)
        for target in evaluation.TARGETS:
            if target.step == step:
                self.assertTrue(target.is_met(summary), (target, summary))
        self.assertEqual(1, summary.ends)
        self.assertEqual(0, summary.misled)

    def test_targets_can_be_missed(self):
        for verdict, fields in (
                (verdicts.NOT_CONVERGING, {'wrong', 'decided'}),
                (verdicts.CONVERGING, {'hopeless', 'memory_error'}),
                (verdicts.UNKNOWN, {'hopeless', 'decided'})):
            summary = benchmark.score(self.migrations,
                                      lambda: Always(verdict), 0.5, 2)
            missed = {target.field for target in evaluation.TARGETS
                      if target.step == 0.5 and not target.is_met(summary)}
            self.assertLessEqual(fields, missed, verdict)

    @ddt.data(*evaluation.STEPS)
    def test_better_than_the_baselines(self, step):
        ours = benchmark.score(self.migrations, evaluation.Ours, step, 3)
        for judge in (baselines.NoDecrease, baselines.IterationStall):
            other = benchmark.score(self.migrations, judge, step, 3)
            self.assertGreater(ours.hopeless, other.hopeless + 0.5)
            self.assertLess(ours.misled, other.misled - 0.5)

    @ddt.data(*(name for name, _how in benchmark.DISTURBANCES))
    def test_untidy_looks(self, name):
        disturb = dict(benchmark.DISTURBANCES)[name]
        for step in (0.5, 2):
            summary = benchmark.score(self.migrations, evaluation.Ours, step,
                                      5, disturb=disturb)
            self.assertGreaterEqual(summary.hopeless, 0.85)
            self.assertLessEqual(summary.wrong, 0.01)
            self.assertEqual(0, summary.misled)

    def test_what_the_recorder_writes(self):
        summary, writes = benchmark.score_policy(self.migrations,
                                                 policies.Both(2))
        self.assertLess(writes, 35)
        self.assertGreaterEqual(summary.hopeless, 0.95)
        self.assertEqual(0, summary.wrong)

    def test_steps_longer_than_everything(self):
        for step in (10, 30):
            summary = benchmark.score(self.migrations, evaluation.Ours, step)
            self.assertEqual(0, summary.wrong)
            self.assertEqual(1, summary.ends)

    def test_cost(self):
        views = [recordings.poll(migration, 0.5)
                 for migration in self.migrations]
        start = time.process_time()
        for seen in views:
            follower = estimator.Estimator()
            for view in seen:
                follower.add(view.sample, view.now)
        spent = time.process_time() - start
        # Ten times the target: this may run on anything.
        self.assertLess(spent / sum(len(seen) for seen in views),
                        10 * benchmark.COST / 1e6)


@ddt.ddt
class SimulatedTestCase(base.BaseTestCase):
    """Migrations that nothing was tuned on one by one, with other seeds."""

    SEEDS = 5

    def score(self, name, step):
        migrations = families.migrations(getattr(families, name), self.SEEDS,
                                         first=1000)
        return benchmark.score(migrations, evaluation.Ours, step, 3)

    @ddt.data('converging', 'saturated', 'huge', 'tiny', 'storage',
              'auto_converge', 'compressed', 'multifd', 'faster_link',
              'calmer_guest', 'post_copy', 'nova_downtime', 'uneven_link',
              'periodic_syncs', 'outage')
    def test_completing(self, name):
        for step in (0.5, 2):
            summary = self.score(name, step)
            self.assertLessEqual(summary.wrong, 0.01, step)
            self.assertEqual(1, summary.ends)
            if summary.memory_error is not None:
                self.assertLessEqual(summary.memory_error, 0.1)
            if summary.storage_error is not None:
                self.assertLessEqual(summary.storage_error, 0.5)

    @ddt.data(('hopeless', 0.95), ('hopeless_short', 0.85),
              ('hopeless_random', 0.85), ('slower_link', 0.95),
              ('compressed_hopeless', 0.9), ('periodic_hopeless', 0.8))
    @ddt.unpack
    def test_hopeless(self, name, least):
        for step in (0.5, 2):
            summary = self.score(name, step)
            self.assertGreaterEqual(summary.hopeless, least, step)
            self.assertLessEqual(summary.misled, 0.05, step)

    @ddt.data('suspended', 'aborted', 'failed')
    def test_ends(self, name):
        self.assertEqual(1, self.score(name, 2).ends)

    def test_outage_is_a_stall(self):
        for migration in families.migrations(families.outage, self.SEEDS,
                                             first=1000):
            start, end = (time for time, _label in migration.truth[1:])
            follower = estimator.Estimator()
            for view in recordings.poll(migration, 2):
                said = follower.add(view.sample, view.now)
                stalled = said.verdict == verdicts.STALLED
                if start + 19 < view.now < end:
                    self.assertTrue(stalled, view)
                elif not start + 13 < view.now < end + 2:
                    self.assertFalse(stalled, view)
