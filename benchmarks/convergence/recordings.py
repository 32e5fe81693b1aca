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
import json
import os
import random
import typing

from nova_migprogress.convergence import samples

DIRECTORY = os.path.join(os.path.dirname(__file__), '..', '..', 'tests',
                         'data', 'recordings')


class Recording(typing.NamedTuple):
    """One migration from its start to its end."""

    name: str
    what: str
    #: samples.Sample objects, about 0.1 s apart.
    samples: list
    #: Iteration (pass) of each sample; 0 outside of the memory phase.
    iterations: list
    #: Times at which the passes began.
    passes: list
    #: Time of the migration's end.
    end: float
    #: [(from time, 'completes', 'never' or None)]: what would have become of
    #: it, had nobody interfered after that time; None where that is open.
    truth: list

    def second_pass_end(self):
        """Return the time, infinity if it had no third pass."""
        return self.passes[2] if len(self.passes) > 2 else float('inf')

    def truth_at(self, time, seen=0.0):
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

    def pass_length(self, time):
        """Return the seconds the pass that runs at a time takes, 0 if none."""
        index = bisect.bisect_right(self.passes, time)
        if not index or index >= len(self.passes):
            return 0.0
        return self.passes[index] - self.passes[index - 1]


def load(directory=DIRECTORY):
    """Return the recordings of a directory, by name."""
    with open(os.path.join(directory, 'index.json')) as index_file:
        index = json.load(index_file)
    found = []
    for name, about in sorted(index.items()):
        with open(os.path.join(directory, name + '.jsonl')) as lines:
            rows = [json.loads(line) for line in lines]
        found.append(Recording(
            name, about['what'], [samples.from_mapping(r) for r in rows],
            [r.get('iteration', 0) for r in rows], about['passes'],
            about['end'], about['truth']))
    return found


class View(typing.NamedTuple):
    """One look of a client at a migration."""

    #: When the client looked.
    now: float
    sample: samples.Sample
    iteration: int


def look(recording, step, offset=0.0, times=None):
    """Look at the newest statistics every step.

    :param recording: a Recording
    :param step: seconds
    :param offset: seconds until the first look
    :param times: times at which numbers became visible (when they were
        written, for example); default: all
    :returns: a list of View, until the end is seen
    """
    all_times = [s.time for s in recording.samples]
    visible = all_times if times is None else times
    views = []
    now = all_times[0] + offset
    while True:
        index = bisect.bisect_right(visible, now) - 1
        if index >= 0:
            if times is not None:
                index = bisect.bisect_right(all_times, visible[index]) - 1
            views.append(View(now, recording.samples[index],
                              recording.iterations[index]))
            if index == len(all_times) - 1:
                return views
        now += step


def disturb(views, seed, jitter=0.0, missing=0.0, whole_seconds=False):
    """Make views as they are in an untidy world.

    :param views: a list of View
    :param seed: of the random numbers
    :param jitter: share of the step by which looks come late
    :param missing: share of the looks that fail; the last never does
    :param whole_seconds: timestamps are cut to seconds
    """
    chance = random.Random(seed)
    step = views[1].now - views[0].now if len(views) > 1 else 0
    found = []
    for position, view in enumerate(views):
        if position < len(views) - 1 and chance.random() < missing:
            continue
        now = view.now + chance.random() * jitter * step
        sample = view.sample
        if whole_seconds:
            sample = sample._replace(time=float(int(sample.time)))
        found.append(view._replace(now=now, sample=sample))
    return found
