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

"""What became of a migration, over a whole recording."""

import collections
import collections.abc
import typing

from nova_migprogress.convergence import phases
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import verdicts
from nova_migprogress.replay import moments
from nova_migprogress.replay import pass_starts
from nova_migprogress.text import units
from nova_migprogress.text import wording


class MigrationSummary:
    """Sums up the moments of one migration; bounded memory.

    :param first: the first moment, which is to be added like all others
    """

    def __init__(self, first: moments.Moment) -> None:
        self.first = first
        self.last = first
        #: The last moment at which it had not ended, None if there is none.
        self.last_running: typing.Optional[moments.Moment] = None
        #: The last sample with numbers: an aborted job loses them.
        self.numbers: samples.Sample = first.row.sample
        #: Seconds, when its end was seen; None if it was not.
        self.ended: typing.Optional[float] = None
        self.samples = 0
        #: Seconds by verdict, of those of a migration that has not ended.
        self.seconds: dict[str, float] = collections.defaultdict(float)
        #: When the verdict became what it was last, the end apart.
        self.verdict_since = first.time
        self.passes = pass_starts.PassStarts()

    def add(self, moment: moments.Moment) -> None:
        """Take the next moment."""
        running = self.last_running
        if running is not None and self.ended is None:
            self.seconds[running.assessment.verdict] += (moment.time -
                                                         self.last.time)
        self.last = moment
        self.samples += 1
        if moment.row.sample.has_total:
            self.numbers = moment.row.sample
        self.passes.add(moment.syncs)
        if moment.assessment.phase == phases.ENDED:
            if self.ended is None:
                self.ended = moment.time
            return
        self.ended = None
        if running is None or (running.assessment.verdict !=
                               moment.assessment.verdict):
            self.verdict_since = moment.time
        self.last_running = moment

    @property
    def duration(self) -> float:
        """Seconds from the first sample to the end, or to the last one."""
        end = self.last.time if self.ended is None else self.ended
        return end - self.first.time

    def sentences(self) -> collections.abc.Iterator[str]:
        """Yield what there is to say.

        The first sentence is the result. They may quote the status, control
        characters and all.
        """
        yield self._describe_result()
        sample = self.numbers
        if sample.memory_total:
            memory = _describe_volume(
                'Memory', sample.memory_total, sample.memory_processed,
                sample.memory_remaining)
            if self.passes.count:
                memory += ', in %d passes or more' % (self.passes.count + 1)
            yield memory + '.'
        if sample.disk_total:
            yield _describe_volume(
                'Disk', sample.disk_total, sample.disk_processed,
                sample.disk_remaining) + '.'
        if self.seconds:
            total = sum(self.seconds.values()) or 1
            yield 'Verdicts: %s.' % ', '.join(
                '%s %s (%d %%)' % (verdict, units.seconds(seconds),
                                   round(100 * seconds / total))
                for verdict, seconds in sorted(
                    self.seconds.items(), key=lambda item: -item[1]))
        pause = self._describe_pause()
        if pause:
            yield pause

    def _describe_result(self) -> str:
        after = '%s after the first sample' % units.seconds(self.duration)
        if self.samples == 1:
            after = 'one sample'
        verdict = self.last.assessment.verdict
        status = self.last.status
        if self.ended is None:
            if self.samples > 1:
                verdict += ' for the last %s' % units.seconds(
                    self.last.time - self.verdict_since)
            return ('Not over when the recording ends, %s: %s, status %s.'
                    % (after, verdict, status or 'unknown'))
        if verdict == verdicts.COMPLETED:
            return 'Completed (status %s), %s.' % (status, after)
        before = ''
        if self.last_running is not None:
            before = '; the last verdict was %s' % (
                self.last_running.assessment.verdict)
        return 'Ended with status %s, %s%s.' % (status, after, before)

    def _describe_pause(self) -> typing.Optional[str]:
        moment = self.last_running
        if moment is None or (self.last.assessment.verdict ==
                              verdicts.COMPLETED):
            return None
        pauses = wording.describe_pauses(moment.assessment)
        if not pauses or not moment.remaining:
            return None
        return ('Forced to complete %s, the server would have stood still for '
                '%s.' % ('then' if self.ended is None else 'just before',
                         ' to '.join(pauses)))


def _describe_volume(name: str, total: int, processed: typing.Optional[int],
                     remaining: typing.Optional[int]) -> str:
    return '%s: %s, %s sent%s, %s remained' % (
        name, units.size(total), units.size(processed),
        '' if not processed else ' (%.2f times)' % (processed / total),
        units.size(remaining))
