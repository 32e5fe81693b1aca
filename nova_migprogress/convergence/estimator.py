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

"""Samples of one migration in, an assessment after each of them out."""

import collections.abc
import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import disk
from nova_migprogress.convergence import memory
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import sample_filter
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import sync_splitter
from nova_migprogress.convergence import verdicts

#: Seconds that the switch-over and Nova's own end of a live migration take;
#: 1.2 to 2.1 s were measured with small guests.
SWITCH_OVER = 1.5


class Estimator:
    """Follows one migration.

    Steps may be irregular, samples may be repeated, missing, late or rounded
    to whole seconds. Memory and the time of one call are bounded, however long
    the migration takes. Not safe for threads.
    """

    def __init__(self) -> None:
        self._filter = sample_filter.SampleFilter()
        self._unchanged = 0.0
        self._restart()

    def _restart(self) -> None:
        self._phase = phases.PREPARING
        self._disk = disk.DiskTracker()
        self._memory = memory.MemoryTracker()
        self._judge = verdicts.Judge()

    @property
    def syncs(self) -> collections.abc.Sequence[sync_splitter.Sync]:
        """The latest dirty-bitmap syncs of memory, oldest first.

        Each begins a pass; the first pass begins without. They are inferred:
        those that are there may be replaced by better ones. Not to be changed.
        """
        return self._memory.syncs

    def add(self, sample: samples.Sample,
            now: typing.Optional[float] = None) -> assessment.Assessment:
        """Take a sample.

        :param now: when it was fetched, on the clock of sample.time, for its
            age and to tell a stall; default: sample.time
        :returns: the assessment of the newest good sample
        """
        if now is None:
            now = sample.time
        if None in sample.numbers:
            sample = sample.without_fragments()
        kind = self._filter.classify(sample, now)
        if kind is sample_filter.Kind.RESTARTED:
            self._restart()
        last = self._filter.last
        if last is not None and kind in (sample_filter.Kind.NEW,
                                         sample_filter.Kind.RESTARTED):
            self._advance(last)
        self._unchanged = self._filter.unchanged_for(now)
        return self.assess(now)

    def assess(self, now: float) -> assessment.Assessment:
        """Judge again without a new sample, for example when none came.

        :param now: on the clock of the samples' time
        :returns: only the ages and the time left differ from the assessment
            before
        """
        last = self._filter.last
        if last is None:
            return assessment.Assessment(now, phases.PREPARING,
                                         verdicts.UNKNOWN)
        age = max(now - last.time, 0.0)
        if self._phase == phases.ENDED:
            return assessment.Assessment(
                last.time, self._phase, verdicts.judge_end(last.status),
                sample_age=age)
        if self._phase == phases.PREPARING:
            return assessment.Assessment(
                last.time, self._phase, verdicts.UNKNOWN, sample_age=age)
        if self._phase == phases.COPYING:
            return self._assess_cold_copy(last, age)
        if self._phase == phases.STORAGE:
            return self._assess_storage(last, age)
        return self._assess_memory(last, age)

    def _advance(self, sample: samples.Sample) -> None:
        phase = phases.tell_phase(sample)
        if phase == phases.PREPARING and self._phase != phases.PREPARING:
            # An aborted job loses its numbers before its status says so.
            return
        if phase in (phases.STORAGE, phases.COPYING):
            numbers = sample.disk
            if numbers is not None:
                self._disk.add(sample.time, numbers)
                self._judge.note_disk(sample.time, self._disk.throughput,
                                      self._disk.growth)
        elif phase in (phases.FIRST_PASS, phases.POST_COPY):
            phase = self._advance_memory(phase, sample)
        self._phase = phase

    def _advance_memory(self, phase: str, sample: samples.Sample) -> str:
        """Take a sample of memory and return the phase that it shows."""
        numbers = sample.memory
        if numbers is None or not numbers.total:
            return phase
        tracked = self._memory
        if phase == phases.POST_COPY:
            tracked.add_post_copy(sample.time, numbers)
            self._judge.note_post_copy()
            return phase
        measured = tracked.add(sample.time, numbers)
        if measured and tracked.ratio is not None:
            self._judge.note_pre_copy(tracked.ratio, tracked.pass_seconds,
                                      numbers.remaining)
        return phases.PRE_COPY if tracked.past_first else phase

    def _assess_cold_copy(self, sample: samples.Sample,
                          age: float) -> assessment.Assessment:
        tracked = self._disk
        left = tracked.seconds_left()
        verdict = verdicts.judge_cold_copy(self._unchanged, self._filter.step,
                                           left)
        if verdict == verdicts.UNKNOWN:
            left = None
        return assessment.Assessment(
            sample.time, self._phase, verdict, tracked.throughput,
            tracked.growth, eta=_count_from_now(left, age), sample_age=age)

    def _assess_storage(self, sample: samples.Sample,
                        age: float) -> assessment.Assessment:
        tracked = self._disk
        throughput = tracked.throughput
        verdict = self._judge.judge_storage(sample.time, self._unchanged,
                                            self._filter.step)
        left = pause = None
        if verdict == verdicts.UNKNOWN and throughput:
            left = tracked.seconds_left()
        if left is not None and throughput:
            # The memory follows over the same link, once at least.
            memory_left = (sample.memory_remaining or 0) / throughput
            pause = left + memory_left
            left += memory_left + SWITCH_OVER
        if verdict == verdicts.STALLED:
            throughput = 0.0
        return assessment.Assessment(
            sample.time, self._phase, verdict, throughput, tracked.growth,
            None, _count_from_now(left, age), left is not None, pause, None,
            age)

    def _assess_memory(self, sample: samples.Sample,
                       age: float) -> assessment.Assessment:
        tracked = self._memory
        throughput = tracked.throughput
        post_copy = self._phase == phases.POST_COPY
        verdict = self._judge.judge_memory(
            self._unchanged, self._filter.step,
            not post_copy and tracked.finishing())
        pause, most = tracked.pause()
        left = None
        at_least = False
        if verdict in (verdicts.CONVERGING, verdicts.BORDERLINE):
            left = tracked.seconds_left()
        elif verdict == verdicts.UNKNOWN and throughput:
            left = pause
            at_least = left is not None
        if left is not None:
            left += SWITCH_OVER
        if verdict == verdicts.STALLED:
            throughput = 0.0
        if verdict == verdicts.STALLED or post_copy:
            pause = most = None
        ratio = tracked.ratio
        return assessment.Assessment(
            sample.time, self._phase, verdict, throughput,
            None if post_copy else tracked.dirty_rate(),
            ratio.value if ratio else None, _count_from_now(left, age),
            at_least, pause, most, age)


def _count_from_now(left: typing.Optional[float],
                    age: float) -> typing.Optional[float]:
    return None if left is None else max(left - age, 0.0)
