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

import typing

import ddt
from oslotest import base

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import verdicts
from nova_migprogress.text import changes


class State(typing.NamedTuple):
    assessment: assessment.Assessment
    status: str
    percent: typing.Optional[float]


BEFORE = State(
    assessment.Assessment(1, phases.FIRST_PASS, verdicts.UNKNOWN, 5.0),
    'running', 49.0)
RULES = {'WATCHED', 'REPLAYED', 'REPORTED'}


@ddt.ddt
class RuleTestCase(base.BaseTestCase):

    def check(self, before, after, expected):
        self.assertEqual(expected, {
            name for name in RULES
            if getattr(changes, name).is_change(before, after)})

    def say(self, before=BEFORE, **words):
        return before._replace(
            assessment=before.assessment._replace(**words))

    def test_first(self):
        self.check(None, BEFORE, RULES)

    def test_nothing(self):
        self.check(BEFORE, self.say(time=2, throughput=7.0, eta=9.0), set())

    def test_phase(self):
        self.check(BEFORE, self.say(phase=phases.PRE_COPY), RULES)

    def test_verdict(self):
        self.check(BEFORE, self.say(verdict=verdicts.STALLED), RULES)

    def test_status(self):
        self.check(BEFORE, BEFORE._replace(status='post-migrating'),
                   {'WATCHED', 'REPORTED'})

    @ddt.data((49.9, False), (40.0, False), (50.0, True), (39.9, True),
              (None, True))
    @ddt.unpack
    def test_percent(self, percent, expected):
        self.check(BEFORE, BEFORE._replace(percent=percent),
                   {'WATCHED'} if expected else set())

    def test_first_throughput(self):
        unknown = self.say(throughput=None)
        self.check(unknown, BEFORE, {'REPLAYED'})
        self.check(BEFORE, unknown, set())
