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

"""Sort new samples from repeated, late and impossible ones."""

import enum
import typing

from nova_migprogress.convergence import samples
from nova_migprogress import fields


class Kind(enum.Enum):
    """What a sample is to those before it."""

    #: Something moved.
    NEW = 'new'
    #: The same numbers again: an old row read twice, or nothing moved.
    REPEATED = 'repeated'
    #: Older than what is known already, or without its numbers: ignored.
    LATE = 'late'
    #: Counters that start again: what was learnt is void.
    RESTARTED = 'restarted'


#: So many samples in a row must say that the counters went back: a single one
#: is an old row, from a database replica for example.
RESTART_SAMPLES = 3


class SampleFilter:
    """Compares each sample with the last good one."""

    def __init__(self) -> None:
        #: The last good sample, None before the first one.
        self.last: typing.Optional[samples.Sample] = None
        #: Seconds between two numbers that differ, smoothed; None before.
        self.step: typing.Optional[float] = None
        # When a good sample last came, and when the numbers last changed.
        self._changed: typing.Optional[float] = None
        self._moved: typing.Optional[float] = None
        # Samples in a row whose counters went back.
        self._back = 0

    def classify(self, sample: samples.Sample, now: float) -> Kind:
        """Return the Kind of a sample and remember it if it is good.

        :param now: time of the observation, on the sample's clock
        """
        last = self.last
        if last is None:
            self.last = sample
            self._changed = now
            if fields.any_moved(sample.numbers):
                self._moved = now
            return Kind.NEW
        if sample.numbers == last.numbers:
            if sample.status == last.status:
                self._back = 0
                return Kind.REPEATED
        elif _goes_back(sample, last):
            self._back += 1
            if (self._back >= RESTART_SAMPLES and
                    fields.any_moved(sample.numbers)):
                self._accept(sample, last, now)
                return Kind.RESTARTED
            sample = last._replace(time=sample.time, status=sample.status)
        elif sample.time < last.time and sample.status == last.status:
            return Kind.LATE
        if sample.numbers == last.numbers and sample.status == last.status:
            return Kind.LATE
        # A new status is news even with old numbers.
        back = self._back
        self._accept(sample._replace(time=max(sample.time, last.time)), last,
                     now)
        self._back = back if sample.numbers == last.numbers else 0
        return Kind.NEW

    def unchanged_for(self, now: float) -> float:
        """Return the seconds since something moved."""
        return 0.0 if self._changed is None else now - self._changed

    def _accept(self, sample: samples.Sample, last: samples.Sample,
                now: float) -> None:
        if sample.numbers != last.numbers:
            if self._moved is not None and now > self._moved:
                gap = now - self._moved
                self.step = (gap if self.step is None
                             else 0.7 * self.step + 0.3 * gap)
            self._moved = now
        self._changed = now
        self._back = 0
        self.last = sample


def _goes_back(sample: samples.Sample, last: samples.Sample) -> bool:
    return ((sample.memory_processed or 0) < (last.memory_processed or 0) or
            (sample.disk_processed or 0) < (last.disk_processed or 0))
