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

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import disk
from nova_migprogress.convergence import memory
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import sample_filter
from nova_migprogress.convergence import verdicts
from nova_migprogress import statuses

#: Seconds that the switch-over and Nova's own end of a live migration take;
#: 1.2 to 2.1 s were measured with small guests.
SWITCH_OVER = 1.5

_COPYING = (phases.STORAGE, phases.COPYING)


class Estimator:
    """Follows one migration.

    Steps may be irregular, samples may be repeated, missing, late or rounded
    to whole seconds. Memory and the time of one call are bounded, however long
    the migration takes. Not safe for threads.
    """

    def __init__(self):
        self._intake = sample_filter.Intake()
        self._phase = phases.PREPARING
        self._disk = disk.DiskTracker()
        self._memory = memory.MemoryTracker()
        self._unchanged = 0.0

    @property
    def syncs(self):
        """The latest dirty-bitmap syncs of memory, oldest first.

        Each begins a pass; the first pass begins without. passes.Sync objects,
        inferred: those that are there may be replaced by better ones. Not to
        be changed.
        """
        return self._memory.syncs

    def add(self, sample, now=None):
        """Take a sample.

        :param sample: a samples.Sample
        :param now: when it was fetched, on the clock of sample.time, for its
            age and to tell a stall; default: sample.time
        :returns: an assessment.Assessment of the newest good sample
        """
        if now is None:
            now = sample.time
        if None in sample.numbers:
            sample = sample.without_fragments()
        kind = self._intake.sort(sample, now)
        if kind is sample_filter.Kind.RESTARTED:
            self._disk = disk.DiskTracker()
            self._memory = memory.MemoryTracker()
            self._phase = phases.PREPARING
        if kind in (sample_filter.Kind.NEW, sample_filter.Kind.RESTARTED):
            self._advance(self._intake.last)
        self._unchanged = self._intake.unchanged_for(now)
        return self.assess(now)

    def assess(self, now):
        """Judge again without a new sample, for example when none came.

        :param now: on the clock of the samples' time
        :returns: an assessment.Assessment; only the ages and the time left
            differ from the one before
        """
        last = self._intake.last
        if last is None:
            return assessment.Assessment(now, phases.PREPARING,
                                         verdicts.UNKNOWN)
        age = max(now - last.time, 0.0)
        if self._phase == phases.ENDED:
            verdict = (verdicts.FAILED
                       if last.status in statuses.FAILED_STATUSES
                       else verdicts.COMPLETED)
            return assessment.Assessment(
                last.time, self._phase, verdict, sample_age=age)
        if self._phase == phases.PREPARING:
            return assessment.Assessment(
                last.time, self._phase, verdicts.UNKNOWN, sample_age=age)
        if self._phase in _COPYING:
            return self._assess_disk(last, age)
        return self._assess_memory(last, age)

    def _advance(self, sample):
        phase = phases.tell_phase(sample)
        if phase == phases.PREPARING and self._phase != phases.PREPARING:
            # An aborted job loses its numbers before its status says so.
            return
        if phase in _COPYING:
            self._disk.add(sample)
        elif phase == phases.FIRST_PASS:
            self._memory.add(sample)
            if self._memory.past_first:
                phase = phases.PRE_COPY
        elif phase == phases.POST_COPY and sample.memory_total:
            self._memory.add_post_copy(sample)
        self._phase = phase

    def _assess_disk(self, sample, age):
        disk = self._disk
        throughput = disk.throughput()
        left = disk.seconds_left()
        pause = None
        step = self._intake.step
        stalled = verdicts.stalled(self._unchanged, step,
                                   verdicts.STALL_TIME_DISK)
        if self._phase == phases.COPYING:
            # A file server that copies by itself moves in large steps:
            # standing still means nothing.
            verdict = (verdicts.UNKNOWN if stalled or left is None
                       else verdicts.CONVERGING)
            if verdict == verdicts.UNKNOWN:
                left = None
        else:
            verdict = (verdicts.STALLED if stalled
                       else disk.verdict(sample.time))
            if verdict != verdicts.UNKNOWN:
                left = None
            if throughput and left is not None:
                # The memory follows over the same link, once at least.
                memory_left = (sample.memory_remaining or 0) / throughput
                pause = left + memory_left
                left += memory_left + SWITCH_OVER
            else:
                left = None
        if verdict == verdicts.STALLED:
            throughput = 0.0
        return assessment.Assessment(
            sample.time, self._phase, verdict, throughput, disk.growth(),
            None, _from_now(left, age), self._phase == phases.STORAGE and
            left is not None, pause, None, age)

    def _assess_memory(self, sample, age):
        tracked = self._memory
        post_copy = self._phase == phases.POST_COPY
        verdict = tracked.verdict
        least = (verdicts.STALL_TIME_FINISHING
                 if tracked.finishing() and not post_copy
                 else verdicts.STALL_TIME)
        if verdicts.stalled(self._unchanged, self._intake.step, least):
            verdict = verdicts.STALLED
        left = None
        at_least = False
        if verdict in (verdicts.CONVERGING, verdicts.BORDERLINE):
            left = tracked.seconds_left()
        elif verdict == verdicts.UNKNOWN and tracked.throughput():
            left = tracked.pause()[0]
            at_least = left is not None
        if left is not None:
            left += SWITCH_OVER
        pause = most = None
        throughput = tracked.throughput()
        if verdict == verdicts.STALLED:
            throughput = 0.0
        elif not post_copy:
            pause, most = tracked.pause()
        ratio = tracked.ratio
        return assessment.Assessment(
            sample.time, self._phase, verdict, throughput,
            None if post_copy else tracked.dirty_rate(),
            ratio.value if ratio else None, _from_now(left, age), at_least,
            pause, most, age)


def _from_now(left, age):
    return None if left is None else max(left - age, 0.0)
