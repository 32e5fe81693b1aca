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

"""Which changes of a migration are worth a line.

A new phase or verdict always is, and the first that is seen of a migration.
What else counts depends on where the lines go, on purpose:

* :data:`WATCHED`, lines of ``watch`` as they come: the status, which is in
  them, and every ten percent, because nothing else shows that it moves;
* :data:`REPLAYED`, lines of ``nova-migprogress-replay``: no status, which is
  not in them, and no percent, because all come at once; but the first
  throughput of a phase, which is not known yet in the phase's first line;
* :data:`REPORTED`, rows of the report's table and stretches of its strips: the
  status, which is in the rows; the curves show all numbers.
"""

import typing

from nova_migprogress.convergence import assessment


class State(typing.Protocol):
    """A migration at one moment, as replay.moments.Moment has it."""

    @property
    def assessment(self) -> assessment.Assessment:
        """What convergence says."""

    @property
    def status(self) -> typing.Optional[str]:
        """Nova's status, None if unknown."""

    @property
    def percent(self) -> typing.Optional[float]:
        """How much does not remain, None if unknown."""


class Rule(typing.NamedTuple):
    """What is worth a line beside a new phase or verdict."""

    #: A new status.
    status: bool = False
    #: Every so many percent, either way; None for no such lines.
    percent_step: typing.Optional[int] = None
    #: The first throughput.
    first_throughput: bool = False

    def is_change(self, before: typing.Optional[State],
                  after: State) -> bool:
        """Tell whether a change is worth a line.

        :param before: None if the migration was not seen before
        """
        if before is None:
            return True
        old, new = before.assessment, after.assessment
        if new.phase != old.phase or new.verdict != old.verdict:
            return True
        if self.status and after.status != before.status:
            return True
        if self.percent_step is not None and (
                self._count_steps(after) != self._count_steps(before)):
            return True
        return (self.first_throughput and old.throughput is None and
                new.throughput is not None)

    def _count_steps(self, state: State) -> typing.Optional[int]:
        percent = state.percent
        if percent is None or self.percent_step is None:
            return None
        return int(percent // self.percent_step)


WATCHED = Rule(status=True, percent_step=10)
REPLAYED = Rule(first_throughput=True)
REPORTED = Rule(status=True)
