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
from nova_migprogress.text import severity


class SeverityTest(testtools.TestCase):

    def test_every_verdict_has_a_place_and_a_colour(self):
        self.assertEqual(set(verdicts.ALL), set(severity.ORDER))
        self.assertEqual(len(verdicts.ALL), len(severity.ORDER))
        self.assertEqual(set(verdicts.ALL), set(severity.STYLES))

    def test_rank(self):
        self.assertEqual(0, severity.rank(verdicts.NOT_CONVERGING))
        self.assertLess(severity.rank(verdicts.FAILED),
                        severity.rank(verdicts.COMPLETED))
