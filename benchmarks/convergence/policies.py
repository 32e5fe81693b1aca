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

"""When the recorder writes, and what a client can know from that.

nova-compute polls libvirt every 0.5 s whatever the policy; the policy decides
which of these samples become visible.
"""

import typing

from benchmarks.convergence import pulled
from benchmarks.convergence import recordings

#: Seconds between two polls of nova-compute.
POLL = 0.5


class Interval:
    """Every so many seconds."""

    def __init__(self, interval: float) -> None:
        self.name = 'every %g s' % interval
        self.interval = interval
        self._next: typing.Optional[float] = None

    def start(self) -> None:
        """Forget the last write."""
        self._next = None

    def is_due(self, now: float, pass_ended: bool) -> bool:
        """Tell whether to write, and note that it was done."""
        if self._next is not None and now < self._next - 0.01:
            return False
        self._next = now + self.interval
        return True


class PassEnds(Interval):
    """At the end of each pass, and at the start."""

    def __init__(self, gap: float = pulled.MINIMUM_GAP) -> None:
        super().__init__(gap)
        self.name = 'pass ends, %g s apart at least' % gap

    def is_due(self, now: float, pass_ended: bool) -> bool:
        if self._next is None or pass_ended and now >= self._next - 0.01:
            self._next = now + self.interval
            return True
        return False


class Both(Interval):
    """The interval, pulled forward by the end of a pass."""

    def __init__(self, interval: float) -> None:
        super().__init__(interval)
        self.name = 'every %g s, pulled forward' % interval

    def start(self) -> None:
        self._schedule = pulled.WriteSchedule()

    def is_due(self, now: float, pass_ended: bool) -> bool:
        if not self._schedule.is_due(now, self.interval, pass_ended):
            return False
        self._schedule.note_write(now, self.interval)
        return True


class Either(Interval):
    """Every so many seconds and in addition at the end of each pass."""

    def __init__(self, interval: float,
                 gap: float = pulled.MINIMUM_GAP) -> None:
        super().__init__(interval)
        self.name = 'every %g s and at pass ends' % interval
        self.gap = gap

    def is_due(self, now: float, pass_ended: bool) -> bool:
        due = self._next is None or now >= self._next - 0.01 or (
            pass_ended and now >= self._next - self.interval + self.gap - 0.01)
        if due:
            self._next = now + self.interval
        return due


POLICIES = (Interval(1), Interval(2), Interval(5), PassEnds(), Both(2),
            Either(2), Both(5), Either(5))


def write_times(migration: recordings.KnownMigration, policy: Interval,
                offset: float = 0.0) -> list[float]:
    """Return the times of the samples that a policy writes.

    :param policy: one of POLICIES
    :param offset: seconds until the first poll
    """
    policy.start()
    times: list[float] = []
    index = 0
    iteration = 0
    now = migration.samples[0].time + offset
    last = len(migration.samples) - 1
    while True:
        while index < last and migration.samples[index + 1].time <= now:
            index += 1
        sample = migration.samples[index]
        if index == last:
            # Nova itself saves the end.
            times.append(sample.time)
            return times
        passed = migration.iterations[index] > max(iteration, 1)
        iteration = migration.iterations[index]
        if sample.memory_total is not None and policy.is_due(now, passed):
            if not times or times[-1] != sample.time:
                times.append(sample.time)
        now += POLL
