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

"""Two simpler rules, to compare the estimator with.

Both have the interface of estimator.Estimator as far as the evaluation uses
it. Both divide what remains by the throughput to tell the time left.
"""

import collections
import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import verdicts
from nova_migprogress import fields
from nova_migprogress import statuses


class _Baseline:

    def __init__(self) -> None:
        self._points: collections.deque[tuple[float, int]] = (
            collections.deque(maxlen=200))

    def add(self, sample: samples.Sample, now: float,
            iteration: int) -> assessment.Assessment:
        """Take a sample; return what is said of the migration now."""
        phase = phases.tell_phase(sample)
        if phase == phases.ENDED:
            verdict = (verdicts.FAILED
                       if sample.status in statuses.FAILED_STATUSES
                       else verdicts.COMPLETED)
            return assessment.Assessment(sample.time, phase, verdict)
        processed = fields.sum_known(sample.memory_processed,
                                     sample.disk_processed)
        remaining = fields.sum_known(sample.memory_remaining,
                                     sample.disk_remaining)
        if phase == phases.PREPARING or processed is None or remaining is None:
            return assessment.Assessment(sample.time, phase, verdicts.UNKNOWN)
        rate = self._rate(sample.time, processed)
        not_converging = (
            phase == phases.FIRST_PASS and
            sample.memory_remaining is not None and
            self._is_not_converging(sample.time, sample.memory_remaining,
                                    iteration))
        eta = None
        if rate and not not_converging:
            eta = remaining / rate
        if phase == phases.FIRST_PASS and iteration > 1:
            phase = phases.PRE_COPY
        return assessment.Assessment(
            sample.time, phase, verdicts.NOT_CONVERGING if not_converging
            else verdicts.CONVERGING, throughput=rate, eta=eta)

    def _rate(self, time: float, processed: int) -> typing.Optional[float]:
        points = self._points
        if not points or points[-1][0] < time:
            points.append((time, processed))
        while len(points) > 2 and time - points[0][0] > 5:
            points.popleft()
        span = points[-1][0] - points[0][0]
        return (points[-1][1] - points[0][1]) / span if span else None

    def _is_not_converging(self, time: float, remaining: int,
                           iteration: int) -> bool:
        """Tell by the memory that remains, during pre-copy."""
        raise NotImplementedError


class NoDecrease(_Baseline):
    """Not converging: remaining reached no new minimum for 60 s.

    Nova's former live_migration_progress_timeout, at 60 s.
    """

    TIME = 60

    def __init__(self) -> None:
        super().__init__()
        self._lowest: typing.Optional[int] = None
        self._since = 0.0

    def _is_not_converging(self, time: float, remaining: int,
                           iteration: int) -> bool:
        if self._lowest is None or remaining < self._lowest:
            self._lowest = remaining
            self._since = time
        return time - self._since >= self.TIME


class IterationStall(_Baseline):
    """Not converging: no progress of whole passes, as KubeVirt decides.

    What remains at a pass's boundary (after the dirty-bitmap sync) is not 4 %
    below the smallest of those older than 60 s. It is given the hypervisor's
    number of the pass, which clients of the API do not have.
    """

    TIME = 60
    MARGIN = 0.04

    def __init__(self) -> None:
        super().__init__()
        self._iteration: typing.Optional[int] = None
        #: Of each pass the time of its end and what remained then.
        self._ends: list[tuple[float, int]] = []
        self._stalled = False

    def _is_not_converging(self, time: float, remaining: int,
                           iteration: int) -> bool:
        if iteration != self._iteration:
            self._iteration = iteration
            older = [value for end, value in self._ends
                     if time - end > self.TIME]
            self._stalled = bool(older) and (
                remaining >= (1 - self.MARGIN) * min(older))
            self._ends.append((time, remaining))
        return self._stalled
