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
import testtools

from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts
from nova_migprogress.osc.watch import exit_code
from tests.unit.osc import fakes

RUNNING = fakes.a_tracked(1)
COMPLETED = fakes.a_tracked(2, verdicts.COMPLETED, status='completed')
FAILED = fakes.a_tracked(3, verdicts.FAILED, status='error')
CANCELLED = fakes.a_tracked(4, verdicts.FAILED, status='cancelled')
VANISHED = fakes.a_tracked(5, verdicts.CONVERGING, vanished=True)
HOPELESS = fakes.a_tracked(6, verdicts.NOT_CONVERGING)
STALLED = fakes.a_tracked(7, verdicts.STALLED)


@ddt.ddt
class ExitCodeTest(testtools.TestCase):

    def after(self, *snapshots):
        result = exit_code.ExitCode()
        for tracked in snapshots:
            result.add(follow.Snapshot(1.0, 0.0, tuple(tracked), None, None))
        return result

    @ddt.data(
        ([], False, False, 0, 0),
        ([RUNNING], True, False, 0, 130),
        ([COMPLETED], False, False, 0, 0),
        ([RUNNING, COMPLETED], True, False, 0, 130),
        ([COMPLETED, FAILED], False, False, 2, 2),
        ([RUNNING, CANCELLED], True, False, 2, 2),
        ([VANISHED], False, False, 2, 2),
        ([HOPELESS], True, True, 0, 130),
        ([RUNNING, STALLED], True, True, 0, 130))
    @ddt.unpack
    def test_one(self, tracked, running, stalled, code, interrupted):
        result = self.after(tracked)
        self.assertEqual((running, stalled, code, interrupted),
                         (result.in_progress, result.stalled, result.code(),
                          result.code(interrupted=True)))

    def test_a_failure_is_not_forgotten(self):
        result = self.after([RUNNING, FAILED], [RUNNING], [COMPLETED])
        self.assertFalse(result.in_progress)
        self.assertEqual(exit_code.FAILED, result.code())

    def test_a_stall_that_passes_is(self):
        result = self.after([HOPELESS], [RUNNING])
        self.assertFalse(result.stalled)

    def test_nothing_at_all(self):
        self.assertEqual(exit_code.COMPLETED, self.after().code(True))
