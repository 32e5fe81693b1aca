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

import testtools

from nova_migprogress.convergence import verdicts
from nova_migprogress.osc import summary


class SummaryTest(testtools.TestCase):

    def test_counts(self):
        self.assertEqual(
            [(verdicts.NOT_CONVERGING, 1), (verdicts.CONVERGING, 2)],
            summary.counts([verdicts.CONVERGING, verdicts.NOT_CONVERGING,
                            verdicts.CONVERGING]))
        self.assertEqual([], summary.counts([]))
