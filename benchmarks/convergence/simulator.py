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
from benchmarks.convergence import model as model_mod
from benchmarks.convergence import recordings
from nova_migprogress.convergence import samples
from nova_migprogress import statuses

MIB = guests.MIB

#: memory_total to disk_remaining.
_Numbers = tuple[int, int, int, int, int, int]


class _Migration:

    def __init__(self, model: model_mod.Model, seed: int) -> None:
        self.model = model
        self.chance = random.Random('%s %s' % (model.name, seed))
        self.guest = guests.Guest(model, self.chance)
        self.samples: list[samples.Sample] = []
        self.iterations: list[int] = []
        self.passes: list[float] = []
        #: Of each pass but the first: its end, and what was written again
        #: per what was worked off.
        self.ratios: list[tuple[float, float]] = []
        self.time = 0.0
        self.next_sample = 0.0
        self.second = -1
        self.bandwidth = model.bandwidth * MIB
        self.tick = model.poll
        self.factor = 1.0
        self.total = model.memory * MIB
        self.processed = 0.0
        self.remaining = self.total
        self.disk_total = model.disk * MIB
        self.disk_processed = 0.0
        self.iteration = 0
        self.status = statuses.PREPARING

    def run(self) -> recordings.KnownMigration:
        model = self.model
        for _ in range(int(self.chance.uniform(5, 20))):
            self._add_sample(None)
            self.time += model.poll
        self.status = statuses.RUNNING
        outcome = self._copy_disks() or self._copy_memory()
        if outcome == statuses.COMPLETED:
            self.remaining = 0.0
            self._add_sample(self._numbers(), force=True)
            self.time += self.chance.uniform(1.2, 2.1)
        self.status = outcome
        self._add_sample(self._numbers(), force=True)
        return recordings.KnownMigration(
            model.name, model.name, self.samples, self.iterations, self.passes,
            self.time, self._truth(outcome))

    def _truth(
            self,
            outcome: str) -> list[tuple[float, typing.Optional[str]]]:
        """Say what would have become of it, by its model."""
        model = self.model
        if model.abort or model.fail:
            return [(0, None)]
        changes = [change[0] for change in
                   (model.new_bandwidth, model.new_write_rate) if change]
        changes += [t for t in (model.post_copy, model.suspend) if t]
        last = (recordings.COMPLETES if outcome == statuses.COMPLETED
                else recordings.NEVER)
        if model.auto_converge:
            # Hopeless until the throttle first shortened a pass.
            for start, ratio in reversed(self.ratios):
                if ratio > 0.9:
                    changes.append(start + 0.01)
                    break
        if model.outage and outcome == statuses.COMPLETED:
            start, end = model.outage
            return [(0, last), (start, None), (end, last)]
        if not changes:
            return [(0, last)]
        # The pass in which something changed, and the one after it, still
        # show what was before.
        later = [p for p in self.passes if p > max(changes)]
        settled = later[1] if len(later) > 1 else self.time
        if model.post_copy:
            settled = model.post_copy
        return [(0, None), (settled, last)]

    def _copy_disks(self) -> typing.Optional[str]:
        """Return the migration's status if it ends meanwhile."""
        total, processed = self.disk_total, self.disk_processed
        if not total:
            return None
        tick = self.model.bandwidth * MIB * self.model.poll
        while total - processed > tick:
            sent = min(self._send(), total - processed)
            processed += sent
            total += self.model.disk_write_rate * MIB * self.model.poll
            self.disk_total = total
            self.disk_processed = processed - processed % (4 * MIB)
            self._add_sample(self._numbers())
            if self.time > self.model.limit:
                return statuses.CANCELLED
        self.disk_total = self.disk_processed = total
        return None

    def _copy_memory(self) -> str:
        """Return the status with which the migration ends."""
        self._start_pass()
        zero_left = self.model.zero_share * self.total
        stretch = 0.0
        inflow = worked = 0.0
        while True:
            outcome = self._apply_events()
            if outcome:
                return outcome
            # Short passes need short ticks.
            near = self.remaining < 4 * self._switch_over_level()
            self.tick = self.model.poll / (10 if near else 1)
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
            wire = 1 if first else self.model.compression
            pages = min(sent / wire, self.remaining)
            self.remaining -= pages
            self.processed += pages * wire * 1.002
            worked += pages
            if (self.model.sync_period and
                    self.time - self.passes[-1] > self.model.sync_period and
                    self.iteration > 1):
                self.remaining += self.guest.take_dirty(self.remaining)
                self._start_pass()
            elif (self.remaining <= self._switch_over_level() or
                    self.remaining <= 0):
                inflow = self.guest.take_dirty(self.remaining)
                if self.iteration > 1:
                    self.ratios.append((self.time, inflow / max(worked, 1)))
                    self._throttle(inflow, worked)
                worked = 0.0
                self.remaining += inflow
                if self.remaining <= self._switch_over_level():
                    self.processed += self.remaining * 1.002
                    return statuses.COMPLETED
                self._start_pass()
            self._add_sample(self._numbers())

    def _apply_events(self) -> typing.Optional[str]:
        """Return the migration's status if it ends by one of them."""
        model = self.model
        time = self.time
        if model.abort and time > model.abort or time > model.limit:
            return statuses.CANCELLED
        if model.fail and time > model.fail:
            return statuses.FAILED
        if model.suspend and time > model.suspend:
            self.guest.suspended = True
        if model.new_write_rate and time > model.new_write_rate[0]:
            self.guest.rate = model.new_write_rate[1] * MIB
        if model.post_copy and time > model.post_copy:
            self.remaining += self.guest.take_dirty(self.remaining)
            self.status = statuses.POST_COPY
            while self.remaining > 0:
                sent = min(self._send() * 0.5, self.remaining)
                self.remaining -= sent
                self.processed += sent
                self._add_sample(self._numbers())
            return statuses.COMPLETED
        return None

    def _throttle(self, inflow: float, worked: float) -> None:
        if self.model.auto_converge and inflow > worked / 2:
            if len(self.passes) % 2:
                self.guest.throttle = min(
                    self.guest.throttle + 0.1 if self.guest.throttle
                    else 0.2, 0.99)

    def _switch_over_level(self) -> float:
        """Return the bytes that fit into the permitted downtime."""
        downtime = self.model.downtime
        if self.model.downtime_steps:
            steps = int(self.time / self.model.downtime_steps)
            downtime *= min(0.1 + 0.1 * steps, 1)
        return downtime * self.bandwidth / self.model.compression

    def _start_pass(self) -> None:
        self.iteration += 1
        self.passes.append(self.time)

    def _send(self) -> float:
        """Let a tick pass.

        :returns: the bytes that the link carried
        """
        tick = self.tick
        new_second = int(self.time) != self.second
        self.second = int(self.time)
        if new_second:
            self.factor = max(self.chance.gauss(1, self.model.jitter), 0.1)
        change = self.model.new_bandwidth
        if change and self.time > change[0]:
            self.bandwidth = change[1] * MIB
        self.time += tick
        self.guest.write(tick, new_second)
        outage = self.model.outage
        if outage and outage[0] <= self.time < outage[1]:
            return 0.0
        return self.bandwidth * tick * self.factor

    def _numbers(self) -> _Numbers:
        total = int(self.total)
        disk = (int(self.disk_total), int(self.disk_processed),
                int(self.disk_total - self.disk_processed))
        if not self.passes:
            return (total, 0, total) + disk
        lag = self.model.lag * MIB
        processed = self.processed
        if lag and self.remaining:
            processed -= processed % lag
        return (total, int(processed), int(self.remaining)) + disk

    def _add_sample(self, numbers: typing.Optional[_Numbers],
                    force: bool = False) -> None:
        if not force and self.time < self.next_sample:
            return
        self.next_sample = self.time + self.model.poll * 0.99
        self.samples.append(samples.Sample(
            round(self.time, 3), self.status, *(numbers or (None,) * 6)))
        self.iterations.append(self.iteration)


def simulate(model: model_mod.Model,
             seed: int = 0) -> recordings.KnownMigration:
    """Simulate a migration.

    :param seed: of the random numbers
    """
    return _Migration(model, seed).run()
