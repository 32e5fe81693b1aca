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

"""Migrations with a known truth, and how a client would have seen them.

tests/data/recordings/README.rst describes the files.
"""

import bisect
from collections import abc
import json
import os
import random
import typing

from nova_migprogress.convergence import samples as samples_mod

#: What becomes of a migration that nobody interferes with.
COMPLETES = 'completes'
NEVER = 'never'

DIRECTORY = os.path.join(os.path.dirname(__file__), '..', '..', 'tests',
                         'data', 'recordings')


class KnownMigration(typing.NamedTuple):
    """One migration from its start to its end, recorded or simulated."""

    name: str
    what: str
    #: About 0.1 s apart.
    samples: list[samples_mod.Sample]
    #: Iteration (pass) of each sample; 0 outside of the memory phase.
    iterations: list[int]
    #: Times at which the passes began.
    passes: list[float]
    #: Time of the migration's end.
    end: float
    #: [(from time, COMPLETES, NEVER or None)]: what would have become of it,
    #: had nobody interfered after that time; None where that is open.
    truth: list[tuple[float, typing.Optional[str]]]

    def second_pass_end(self) -> float:
        """Return the time, infinity if it had no third pass."""
        return self.passes[2] if len(self.passes) > 2 else float('inf')

    def truth_at(self, time: float,
                 seen: float = 0.0) -> typing.Optional[str]:
        """Return what would have become of it.

        :param time: seconds
        :param seen: seconds until a client can see a change of the truth;
            None is returned for so long
        """
        found = None
        for start, label in self.truth:
            if time < start:
                break
            found = label if not start or time >= start + seen else None
        return found

    def pass_length(self, time: float) -> float:
        """Return the seconds the pass that runs at a time takes, 0 if none."""
        index = bisect.bisect_right(self.passes, time)
        if not index or index >= len(self.passes):
            return 0.0
        return self.passes[index] - self.passes[index - 1]


def load(directory: str = DIRECTORY) -> list[KnownMigration]:
    """Return the recorded migrations of a directory, by name."""
    with open(os.path.join(directory, 'index.json')) as index_file:
        index = json.load(index_file)
    found = []
    for name, about in sorted(index.items()):
        with open(os.path.join(directory, name + '.jsonl')) as lines:
            rows = [json.loads(line) for line in lines]
        found.append(KnownMigration(
            name, about['what'], [samples_mod.from_mapping(r) for r in rows],
            [r.get('iteration', 0) for r in rows], about['passes'],
            about['end'], about['truth']))
    return found


class PolledSample(typing.NamedTuple):
    """What a client found when it polled a migration once."""

    #: When it did.
    now: float
    sample: samples_mod.Sample
    iteration: int


def poll(
        migration: KnownMigration, step: float, offset: float = 0.0,
        times: typing.Optional[abc.Sequence[float]] = None,
) -> list[PolledSample]:
    """Poll the newest statistics every step, until the end is seen.

    :param step: seconds
    :param offset: seconds until the first poll
    :param times: times at which numbers became visible (when they were
        written, for example); default: all
    """
    all_times = [s.time for s in migration.samples]
    visible = all_times if times is None else times
    polls = []
    now = all_times[0] + offset
    while True:
        index = bisect.bisect_right(visible, now) - 1
        if index >= 0:
            if times is not None:
                index = bisect.bisect_right(all_times, visible[index]) - 1
            polls.append(PolledSample(now, migration.samples[index],
                                      migration.iterations[index]))
            if index == len(all_times) - 1:
                return polls
        now += step


def disturb(polls: abc.Sequence[PolledSample], seed: int,
            jitter: float = 0.0, missing: float = 0.0,
            whole_seconds: bool = False) -> list[PolledSample]:
    """Make polls as they are in an untidy world.

    :param seed: of the random numbers
    :param jitter: share of the step by which polls come late
    :param missing: share of the polls that fail; the last never does
    :param whole_seconds: timestamps are cut to seconds
    """
    chance = random.Random(seed)
    step = polls[1].now - polls[0].now if len(polls) > 1 else 0
    found = []
    for position, one in enumerate(polls):
        if position < len(polls) - 1 and chance.random() < missing:
            continue
        now = one.now + chance.random() * jitter * step
        sample = one.sample
        if whole_seconds:
            sample = sample._replace(time=float(int(sample.time)))
        found.append(one._replace(now=now, sample=sample))
    return found
