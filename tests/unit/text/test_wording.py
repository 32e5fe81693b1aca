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

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import verdicts
from nova_migprogress.text import wording


def assessed(verdict=verdicts.CONVERGING, **values):
    return assessment.Assessment(0.0, phases.PRE_COPY, verdict, **values)


@ddt.ddt
class WordingTest(testtools.TestCase):

    @ddt.data((verdicts.NOT_CONVERGING, None, False, 'never'),
              (verdicts.UNKNOWN, None, False, '-'),
              (verdicts.UNKNOWN, 65.0, True, '>=1m05s'),
              (verdicts.CONVERGING, 65.0, False, '1m05s'))
    @ddt.unpack
    def test_eta(self, verdict, eta, at_least, shown):
        self.assertEqual(shown, wording.describe_eta(assessed(
            verdict, eta=eta, eta_at_least=at_least)))

    def test_eta_at_least(self):
        self.assertEqual('>17s', wording.describe_eta(assessed(
            eta=17.0, eta_at_least=True), '>'))

    @ddt.data((None, None, ()), (None, 5.0, ()), (3.0, None, ('3.0s',)),
              (20.0, 20.2, ('20s',)), (3.0, 60.0, ('3.0s', '1m00s')),
              (60.0, 3.0, ('3.0s', '1m00s')))
    @ddt.unpack
    def test_pauses(self, pause, most, shown):
        self.assertEqual(shown, wording.describe_pauses(assessed(
            pause=pause, pause_most=most)))
