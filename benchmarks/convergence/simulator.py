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

"""Make live migrations whose truth is known.

A fluid model of pre-copy: every tick the link sends, the guest writes; when
what remains fits the permitted downtime, the dirty bitmap is synced. The
guest's writes within a pass count as unique pages, by how it writes:
sequentially over its working set, at random in it, or mostly in a hot part.
"""

import random
import typing

from benchmarks.convergence import guests
from benchmarks.convergence import recordings
from nova_migprogress.convergence import samples

MIB = 1024 * 1024


class Plan(typing.NamedTuple):
    """What to simulate. Memory in MiB, rates in MiB/s, times in seconds."""

    name: str
    memory: float = 512
    zero_share: float = 0.5
    working_set: float = 128
    write_rate: float = 10
    #: 'sequential', 'random' or 'hot' (80 % of the writes in 10 % of it).
    pattern: str = 'sequential'
    bandwidth: float = 32
    #: Share by which the bandwidth varies from second to second.
    jitter: float = 0.02
    #: Share by which the guest's writing varies from second to second.
    unsteady: float = 0.05
    #: (time, MiB/s): from then on another bandwidth, or write rate.
    new_bandwidth: typing.Optional[tuple] = None
    new_write_rate: typing.Optional[tuple] = None
    downtime: float = 0.3
    #: Nova's way: a tenth of the downtime, raised in steps so far apart.
    downtime_steps: float = 0
    disk: float = 0
    disk_write_rate: float = 0
    auto_converge: bool = False
    #: Bytes on the wire per byte of memory that was sent before (xbzrle).
    compression: float = 1
    #: Seconds after which the dirty bitmap is synced at the latest, 0: never
    #: within a pass.
    sync_period: float = 0
    #: MiB that are sent before they count as processed (multifd).
    lag: float = 0
    post_copy: typing.Optional[float] = None
    suspend: typing.Optional[float] = None
    abort: typing.Optional[float] = None
    fail: typing.Optional[float] = None
    #: From when to when nothing is sent.
    outage: typing.Optional[tuple] = None
    #: Aborted then at the latest, in seconds.
    limit: float = 300
    #: Seconds between polls of the hypervisor.
    poll: float = 0.1


class _Migration:

    def __init__(self, plan, seed):
        self.plan = plan
        self.chance = random.Random('%s %s' % (plan.name, seed))
        self.guest = guests.Guest(plan, self.chance)
        self.rows = []
        self.iterations = []
        self.passes = []
        self.ratios = []
        self.time = 0.0
        self.next_row = 0.0
        self.second = -1
        self.bandwidth = plan.bandwidth * MIB
        self.tick = plan.poll
        self.factor = 1.0
        self.total = plan.memory * MIB
        self.processed = 0.0
        self.remaining = self.total
        self.disk = [plan.disk * MIB, 0.0]
        self.iteration = 0
        self.status = 'preparing'

    def run(self):
        plan = self.plan
        for _ in range(int(self.chance.uniform(5, 20))):
            self._row(None)
            self.time += plan.poll
        self.status = 'running'
        outcome = self._disks() or self._memory()
        if outcome == 'completed':
            self.remaining = 0.0
            self._row(self._numbers(), force=True)
            self.time += self.chance.uniform(1.2, 2.1)
        self.status = outcome
        self._row(self._numbers(), force=True)
        return recordings.Recording(
            plan.name, plan.name, self.rows, self.iterations, self.passes,
            self.time, self._truth(outcome))

    def _truth(self, outcome):
        """Say what would have become of it, by its plan."""
        plan = self.plan
        if plan.abort or plan.fail:
            return [(0, None)]
        changes = [change[0] for change in
                   (plan.new_bandwidth, plan.new_write_rate) if change]
        changes += [t for t in (plan.post_copy, plan.suspend) if t]
        last = 'completes' if outcome == 'completed' else 'never'
        if plan.auto_converge:
            # Hopeless until the throttle first shortened a pass.
            for start, ratio in reversed(self.ratios):
                if ratio > 0.9:
                    changes.append(start + 0.01)
                    break
        if plan.outage and outcome == 'completed':
            return [(0, last), (plan.outage[0], None), (plan.outage[1], last)]
        if not changes:
            return [(0, last)]
        # The pass in which something changed, and the one after it, still
        # show what was before.
        later = [p for p in self.passes if p > max(changes)]
        settled = later[1] if len(later) > 1 else self.time
        if plan.post_copy:
            settled = plan.post_copy
        return [(0, None), (settled, last)]

    def _disks(self):
        total, processed = self.disk
        if not total:
            return None
        tick = self.plan.bandwidth * MIB * self.plan.poll
        while total - processed > tick:
            sent = min(self._send(), total - processed)
            processed += sent
            total += self.plan.disk_write_rate * MIB * self.plan.poll
            self.disk = [total, processed - processed % (4 * MIB)]
            self._row(self._numbers())
            if self.time > self.plan.limit:
                return 'cancelled'
        self.disk = [total, total]
        return None

    def _memory(self):
        self._sync()
        zero_left = self.plan.zero_share * self.total
        stretch = 0.0
        inflow = worked = 0.0
        while True:
            outcome = self._event()
            if outcome:
                return outcome
            # Short passes need short ticks.
            near = self.remaining < 4 * self._level()
            self.tick = self.plan.poll / (10 if near else 1)
            sent = self._send()
            first = self.iteration == 1
            if first and sent and zero_left > 0 and self.remaining > 0:
                # Zero pages lie in stretches that are passed over at once.
                if stretch <= 0 and self.chance.random() < 0.02:
                    stretch = self.chance.uniform(0.1, 0.5) * zero_left
                gone = min(stretch, zero_left,
                           max(self.remaining - sent, 0))
                if (self.remaining - sent - zero_left) < self.total * 0.01:
                    gone = min(zero_left, max(self.remaining - sent, 0))
                zero_left -= gone
                stretch -= gone
                self.remaining -= gone
            wire = 1 if first else self.plan.compression
            pages = min(sent / wire, self.remaining)
            self.remaining -= pages
            self.processed += pages * wire * 1.002
            worked += pages
            if (self.plan.sync_period and
                    self.time - self.passes[-1] > self.plan.sync_period and
                    self.iteration > 1):
                self.remaining += self.guest.take_dirty(self.remaining)
                self._sync()
            elif self.remaining <= self._level() or self.remaining <= 0:
                inflow = self.guest.take_dirty(self.remaining)
                if self.iteration > 1:
                    self.ratios.append((self.time, inflow / max(worked, 1)))
                    self._throttle(inflow, worked)
                worked = 0.0
                self.remaining += inflow
                if self.remaining <= self._level():
                    self.processed += self.remaining * 1.002
                    return 'completed'
                self._sync()
            self._row(self._numbers())

    def _event(self):
        plan = self.plan
        time = self.time
        if plan.abort and time > plan.abort or time > plan.limit:
            return 'cancelled'
        if plan.fail and time > plan.fail:
            return 'failed'
        if plan.suspend and time > plan.suspend:
            self.guest.suspended = True
        if plan.new_write_rate and time > plan.new_write_rate[0]:
            self.guest.rate = plan.new_write_rate[1] * MIB
        if plan.post_copy and time > plan.post_copy:
            self.remaining += self.guest.take_dirty(self.remaining)
            self.status = 'running (post-copy)'
            while self.remaining > 0:
                sent = min(self._send() * 0.5, self.remaining)
                self.remaining -= sent
                self.processed += sent
                self._row(self._numbers())
            return 'completed'
        return None

    def _throttle(self, inflow, worked):
        if self.plan.auto_converge and inflow > worked / 2:
            if len(self.passes) % 2:
                self.guest.throttle = min(
                    self.guest.throttle + 0.1 if self.guest.throttle
                    else 0.2, 0.99)

    def _level(self):
        downtime = self.plan.downtime
        if self.plan.downtime_steps:
            steps = int(self.time / self.plan.downtime_steps)
            downtime *= min(0.1 + 0.1 * steps, 1)
        return downtime * self.bandwidth / self.plan.compression

    def _sync(self):
        self.iteration += 1
        self.passes.append(self.time)

    def _send(self):
        """Let a tick pass.

        :returns: the bytes that the link carried
        """
        tick = self.tick
        new_second = int(self.time) != self.second
        self.second = int(self.time)
        if new_second:
            self.factor = max(self.chance.gauss(1, self.plan.jitter), 0.1)
        change = self.plan.new_bandwidth
        if change and self.time > change[0]:
            self.bandwidth = change[1] * MIB
        self.time += tick
        self.guest.write(tick, new_second)
        outage = self.plan.outage
        if outage and outage[0] <= self.time < outage[1]:
            return 0.0
        return self.bandwidth * tick * self.factor

    def _numbers(self):
        total = int(self.total)
        disk = (int(self.disk[0]), int(self.disk[1]),
                int(self.disk[0] - self.disk[1]))
        if not self.passes:
            return (total, 0, total) + disk
        lag = self.plan.lag * MIB
        processed = self.processed
        if lag and self.remaining:
            processed -= processed % lag
        return (total, int(processed), int(self.remaining)) + disk

    def _row(self, numbers, force=False):
        if not force and self.time < self.next_row:
            return
        self.next_row = self.time + self.plan.poll * 0.99
        self.rows.append(samples.Sample(
            round(self.time, 3), self.status, *(numbers or (None,) * 6)))
        self.iterations.append(self.iteration)


def simulate(plan, seed=0):
    """Simulate a migration.

    :param plan: a Plan
    :param seed: of the random numbers
    :returns: a recordings.Recording
    """
    return _Migration(plan, seed).run()
