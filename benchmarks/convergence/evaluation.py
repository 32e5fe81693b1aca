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

"""Compare what an estimator says with what was true."""

from collections import abc
import statistics
import typing

from benchmarks.convergence import recordings
from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import verdicts
from nova_migprogress import statuses

#: Seconds of error of the time left that the switch-over excuses.
SWITCH_OVER_SLACK = 2.5


class Candidate(typing.Protocol):
    """What is evaluated."""

    def add(self, sample: samples.Sample, now: float,
            iteration: int) -> assessment.Assessment:
        """Take a sample; return what is said of the migration now.

        :param now: when the client polled
        :param iteration: the hypervisor's number of the pass
        """


class Ours:
    """The estimator, with the interface of the baselines."""

    def __init__(self) -> None:
        self._estimator = estimator.Estimator()

    def add(self, sample: samples.Sample, now: float,
            iteration: int) -> assessment.Assessment:
        return self._estimator.add(sample, now)


class Score:
    """Counts over many evaluations; shares are None where there were none."""

    def __init__(self) -> None:
        self.hopeless = [0, 0]
        self.wrong = [0, 0]
        self.decided = [0, 0]
        self.memory_errors: list[float] = []
        self.storage_errors: list[float] = []
        self.ends = [0, 0]
        self.misled = [0, 0]

    def add(self, migration: recordings.KnownMigration,
            polls: abc.Iterable[recordings.PolledSample], candidate: Candidate,
            step: float) -> None:
        """Show polls of a migration to a candidate and count."""
        second = migration.second_pass_end()
        for poll in polls:
            said = candidate.add(poll.sample, poll.now, poll.iteration)
            if said.phase == phases.ENDED:
                right = (verdicts.COMPLETED
                         if poll.sample.status == statuses.COMPLETED
                         else verdicts.FAILED)
                _count(self.ends, said.verdict == right)
                continue
            now = poll.now
            if now >= migration.end:
                continue
            truth = migration.truth_at(now, step)
            if truth == recordings.COMPLETES:
                _count(self.wrong, said.verdict in (
                    verdicts.NOT_CONVERGING, verdicts.STALLED))
                if now >= second and migration.pass_length(now) >= step:
                    _count(self.decided, said.verdict in (
                        verdicts.CONVERGING, verdicts.BORDERLINE))
                self._count_error(said, now, migration.end)
            elif truth == recordings.NEVER and now >= second:
                if now >= second + 2 * step:
                    _count(self.hopeless,
                           said.verdict == verdicts.NOT_CONVERGING)
                _count(self.misled, said.verdict == verdicts.CONVERGING)

    def _count_error(self, said: assessment.Assessment, now: float,
                     end: float) -> None:
        if said.eta is None:
            return
        left = end - now
        error = max(abs(said.eta - left) - SWITCH_OVER_SLACK, 0) / left
        if said.phase == phases.STORAGE:
            self.storage_errors.append(error)
        elif (said.phase == phases.PRE_COPY and
                said.verdict == verdicts.CONVERGING):
            self.memory_errors.append(error)

    def summary(self) -> 'ScoreSummary':
        """Return the shares and medians of all that was counted."""
        return ScoreSummary(
            _share(self.hopeless), _share(self.wrong), _share(self.decided),
            _median(self.memory_errors), _median(self.storage_errors),
            _share(self.ends), _share(self.misled))


class ScoreSummary(typing.NamedTuple):
    """Shares from 0 to 1, None where nothing was counted."""

    #: 'not converging' of those that never converge, from two steps after
    #: the end of the second pass on.
    hopeless: typing.Optional[float]
    #: 'not converging' or 'stalled' of those that complete by themselves.
    wrong: typing.Optional[float]
    #: 'converging' or 'borderline' of those, between the end of the second
    #: pass and the end, where passes are longer than the step.
    decided: typing.Optional[float]
    #: Median error of the time left, beyond the slack, once 'converging' in
    #: the memory phase.
    memory_error: typing.Optional[float]
    #: The same in the storage phase.
    storage_error: typing.Optional[float]
    #: Right verdict on the end.
    ends: typing.Optional[float]
    #: 'converging' of those that never converge.
    misled: typing.Optional[float]


class Target(typing.NamedTuple):
    """A bound of one field of ScoreSummary at one step."""

    field: str
    step: float
    least: typing.Optional[float] = None
    most: typing.Optional[float] = None

    @property
    def bound(self) -> str:
        """The bound, as a text."""
        if self.least is not None:
            return '>= %g %%' % (100 * self.least)
        assert self.most is not None
        return '<= %g %%' % (100 * self.most)

    def is_met(self, summary: ScoreSummary) -> bool:
        """Tell whether a summary meets it; True if nothing was counted."""
        value: typing.Optional[float] = getattr(summary, self.field)
        if value is None:
            return True
        return ((self.least is None or value >= self.least) and
                (self.most is None or value <= self.most))


TARGETS = (
    Target('hopeless', 0.5, least=0.95),
    Target('hopeless', 2, least=0.95),
    Target('hopeless', 5, least=0.95),
    Target('wrong', 0.5, most=0.0),
    Target('wrong', 2, most=0.0),
    Target('wrong', 5, most=0.02),
    Target('decided', 0.5, least=0.70),
    Target('decided', 2, least=0.70),
    Target('memory_error', 0.5, most=0.10),
    Target('memory_error', 2, most=0.10),
    Target('storage_error', 0.5, most=0.50),
    Target('storage_error', 2, most=0.50),
    Target('storage_error', 5, most=0.50),
)

STEPS = (0.5, 2, 5)
OFFSETS = 10


def offsets(step: float, count: int = OFFSETS) -> list[float]:
    """Return when the first poll may be, spread over one step."""
    return [step * n / count for n in range(count)]


def _count(pair: list[int], condition: bool) -> None:
    pair[0] += bool(condition)
    pair[1] += 1


def _share(pair: list[int]) -> typing.Optional[float]:
    return pair[0] / pair[1] if pair[1] else None


def _median(values: list[float]) -> typing.Optional[float]:
    return statistics.median(values) if values else None
