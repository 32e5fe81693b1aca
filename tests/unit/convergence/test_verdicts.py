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

from nova_migprogress.convergence import ratios
from nova_migprogress.convergence import verdicts


def ratio(value, low=None, high=None, passes=3, earlier=None):
    return ratios.Ratio(value, value - 0.02 if low is None else low,
                        value + 0.02 if high is None else high, passes, 10,
                        100, value * 100, earlier)


@ddt.ddt
class JudgeRatioTestCase(base.BaseTestCase):

    @ddt.data(
        (None, verdicts.UNKNOWN),
        (ratio(0.1), verdicts.CONVERGING),
        (ratio(0.9), verdicts.CONVERGING),
        (ratio(0.91), verdicts.BORDERLINE),
        (ratio(0.95), verdicts.BORDERLINE),
        (ratio(0.96), verdicts.NOT_CONVERGING),
        (ratio(1.0), verdicts.NOT_CONVERGING),
        # One pass, the first one that was measured.
        (ratio(0.95, passes=1), verdicts.NOT_CONVERGING),
        (ratio(0.93, passes=1), verdicts.BORDERLINE),
        # Growth of one pass is doubted.
        (ratio(1.3, passes=1), verdicts.BORDERLINE),
        (ratio(1.3, passes=2), verdicts.NOT_CONVERGING),
        # Earlier passes said otherwise.
        (ratio(0.97, passes=1, earlier=0.8), verdicts.BORDERLINE),
        (ratio(0.97, passes=2, earlier=0.8), verdicts.BORDERLINE),
        (ratio(0.97, passes=3, earlier=0.8), verdicts.NOT_CONVERGING),
        (ratio(1.01, passes=2, earlier=0.8), verdicts.NOT_CONVERGING),
        (ratio(0.97, passes=1, earlier=0.97), verdicts.NOT_CONVERGING),
        # Slowly, but surely shorter.
        (ratio(0.965, low=0.95, high=0.98, passes=8), verdicts.BORDERLINE),
        (ratio(0.965, low=0.95, high=1.01, passes=8),
         verdicts.NOT_CONVERGING),
        (ratio(0.99, low=0.98, high=0.995, passes=8),
         verdicts.NOT_CONVERGING),
        # At the bounds.
        (ratio(0.95, low=0.93, passes=1, earlier=0.97), verdicts.BORDERLINE),
        (ratio(0.95, low=0.875, passes=1), verdicts.NOT_CONVERGING),
        (ratio(0.95, low=0.87, passes=1), verdicts.BORDERLINE),
        (ratio(0.97, low=0.90), verdicts.NOT_CONVERGING),
        (ratio(0.97, low=0.89), verdicts.BORDERLINE),
        (ratio(1.1, passes=1), verdicts.NOT_CONVERGING),
        (ratio(1.11, passes=1), verdicts.BORDERLINE),
        (ratio(1.0, passes=1, earlier=0.8), verdicts.BORDERLINE),
        (ratio(1.0, passes=2, earlier=0.8), verdicts.NOT_CONVERGING),
        (ratio(0.97, passes=1, earlier=0.96), verdicts.NOT_CONVERGING),
        (ratio(0.965, high=1.0, passes=8), verdicts.NOT_CONVERGING),
        (ratio(0.9, low=0.8, high=0.96), verdicts.CONVERGING),
        (ratio(0.9, low=0.8, high=0.97), verdicts.BORDERLINE),
        (ratio(1.0, low=0.75, high=0.9375), verdicts.BORDERLINE),
        # Nothing is known well enough.
        (ratio(0.8, low=0.5, high=1.1), verdicts.UNKNOWN),
        (ratio(1.0, low=0.7, high=1.4), verdicts.UNKNOWN),
        (ratio(0.6, low=0.3, high=0.9), verdicts.CONVERGING),
    )
    @ddt.unpack
    def test_verdict(self, measured, verdict):
        self.assertEqual(verdict, verdicts.judge_ratio(measured, 5))

    # Seconds that a pass takes.
    @ddt.data((0.5, verdicts.BORDERLINE), (0.6, verdicts.BORDERLINE),
              (0.7, verdicts.NOT_CONVERGING), (1.5, verdicts.NOT_CONVERGING))
    @ddt.unpack
    def test_short_enough_for_a_higher_downtime(self, seconds, verdict):
        self.assertEqual(verdict, verdicts.judge_ratio(ratio(1.0), seconds))


class ConfirmationTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.confirm = verdicts.Confirmation().confirm

    def test_second_one_counts(self):
        unsure = ratio(0.96, low=0.92)
        said = verdicts.NOT_CONVERGING
        self.assertEqual(verdicts.BORDERLINE, self.confirm(said, unsure))
        self.assertEqual(said, self.confirm(said, unsure))
        self.assertEqual(verdicts.CONVERGING,
                         self.confirm(verdicts.CONVERGING, unsure))
        self.assertEqual(verdicts.BORDERLINE, self.confirm(said, unsure))

    def test_sure_at_once(self):
        said = verdicts.NOT_CONVERGING
        self.assertEqual(said, self.confirm(said, ratio(1.0)))

    def test_just_sure(self):
        said = verdicts.NOT_CONVERGING
        self.assertEqual(said, self.confirm(said, ratio(1.0, low=0.94)))

    def test_just_unsure(self):
        self.assertEqual(
            verdicts.BORDERLINE,
            self.confirm(verdicts.NOT_CONVERGING, ratio(1.0, low=0.93)))


@ddt.ddt
class StalledTestCase(base.BaseTestCase):

    @ddt.data((239, None, False), (240, None, True), (14, 2, False),
              (15, 2, True), (39, 10, False), (40, 10, True))
    @ddt.unpack
    def test_stalled(self, unchanged, step, expected):
        self.assertIs(expected, verdicts.is_stalled(
            unchanged, step, verdicts.STALL_TIME))


@ddt.ddt
class JudgeTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.judge = verdicts.Judge()

    @ddt.data(('completed', verdicts.COMPLETED),
              ('finished', verdicts.COMPLETED), ('failed', verdicts.FAILED),
              ('cancelled', verdicts.FAILED), ('error', verdicts.FAILED))
    @ddt.unpack
    def test_end(self, status, verdict):
        self.assertEqual(verdict, verdicts.judge_end(status))

    def test_cold_copy(self):
        self.assertEqual(verdicts.CONVERGING,
                         verdicts.judge_cold_copy(59, 2, 9.0))
        self.assertEqual(verdicts.UNKNOWN,
                         verdicts.judge_cold_copy(60, 2, 9.0))
        self.assertEqual(verdicts.UNKNOWN,
                         verdicts.judge_cold_copy(0, 2, None))

    def test_storage(self):
        self.judge.note_disk(0, 100, 96)
        self.judge.note_disk(9, 100, 120)
        self.assertEqual(verdicts.UNKNOWN, self.judge.judge_storage(14, 0, 2))
        self.assertEqual(verdicts.NOT_CONVERGING,
                         self.judge.judge_storage(15, 0, 2))
        self.assertEqual(verdicts.STALLED,
                         self.judge.judge_storage(15, 60, 2))
        self.judge.note_disk(16, 100, 95)
        self.assertEqual(verdicts.UNKNOWN, self.judge.judge_storage(99, 0, 2))
        self.judge.note_disk(100, None, None)
        self.assertEqual(verdicts.UNKNOWN, self.judge.judge_storage(99, 0, 2))

    def test_memory(self):
        self.assertEqual(verdicts.UNKNOWN,
                         self.judge.judge_memory(0, 2, False))
        self.judge.note_pre_copy(ratio(1.0), 5, 100)
        self.assertEqual(verdicts.NOT_CONVERGING,
                         self.judge.judge_memory(14, 2, False))
        self.assertEqual(verdicts.STALLED,
                         self.judge.judge_memory(15, 2, False))
        self.assertEqual(verdicts.NOT_CONVERGING,
                         self.judge.judge_memory(15, 2, True))
        self.judge.note_pre_copy(ratio(1.0), 5, 0)
        self.assertEqual(verdicts.CONVERGING,
                         self.judge.judge_memory(0, 2, True))

    def test_post_copy(self):
        self.judge.note_pre_copy(ratio(1.0), 5, 100)
        self.judge.note_post_copy()
        self.assertEqual(verdicts.CONVERGING,
                         self.judge.judge_memory(0, 2, False))

    # Nothing remains, so that the switch-over may take its time.
    @ddt.data((119, verdicts.UNKNOWN), (120, verdicts.STALLED))
    @ddt.unpack
    def test_finishing(self, unchanged, verdict):
        self.assertEqual(verdict,
                         self.judge.judge_memory(unchanged, 2, True))

    # Seconds for which the disk has grown as fast as it is copied.
    @ddt.data((14, verdicts.UNKNOWN), (15, verdicts.NOT_CONVERGING))
    @ddt.unpack
    def test_outgrown_since(self, seconds, verdict):
        self.judge.note_disk(1000, 100, 96)
        self.assertEqual(
            verdict, self.judge.judge_storage(1000 + seconds, 0, 2))
