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

"""Saves against a conductor that is slow, with back-pressure and without.

Many migrations of one compute service are polled twice a second, by the real
recorder; each save takes as long as a slow conductor does to answer. Counted
is how many saves arrive there in a while, once with the recorder's own pace
and once without it: what the interval alone makes of it.

Run from the checkout::

    .venv/bin/python -m benchmarks.back_pressure
"""

import argparse
import sys
import threading
import time
import types
import typing

from nova.compute import task_states

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace
from nova_migprogress.virt.libvirt import progress_writer
from nova_migprogress.virt.libvirt import recorder
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import objects

#: Seconds between two polls of one migration by Nova's monitor.
POLL = 0.5
#: The default of [migration_progress] interval.
INTERVAL = 2


class Conductor:
    """Answers every save after the same time."""

    def __init__(self, answer: float) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._saves = 0
        self._busy = 0.0

    def save(self) -> None:
        with self._lock:
            self._saves += 1
        time.sleep(self._answer)
        with self._lock:
            self._busy += self._answer

    def figures(self) -> tuple[int, float]:
        """How many saves came, and for how many seconds they took."""
        with self._lock:
            return self._saves, self._busy


class Migration:
    """What a ProgressWriter needs of a Migration; saved in the Conductor."""

    def __init__(self, conductor: Conductor, number: int) -> None:
        self.id = number
        self._conductor = conductor
        for name in fields.NAMES:
            setattr(self, name, None)

    def obj_clone(self) -> 'Migration':
        return self

    def obj_reset_changes(self) -> None:
        pass

    def obj_attr_is_set(self, name: str) -> bool:
        return hasattr(self, name)

    def save(self) -> None:
        self._conductor.save()


class NoPace(pace.Pace):
    """Admits every save at once."""

    def enter(self, who: object) -> typing.Optional[float]:
        return None

    def leave(self, began: float, seconds: float) -> None:
        pass


def measure(migrations: int, answer: float, seconds: float,
            pressure: bool) -> tuple[float, float]:
    """Count for some seconds.

    :returns: saves a minute, and how many were under way on average
    """
    threads = thread_pool.ThreadPool(recorder.MAX_THREADS, 'writer')
    conductor = Conductor(answer)
    admit = (pace.Pace if pressure else NoPace)(recorder.MAX_THREADS)
    calls = open_calls.OpenCalls()
    # No percentage is due: there is no server to write it to.
    instance = typing.cast('objects.Instance',
                           types.SimpleNamespace(progress=None))
    writers = [
        progress_writer.ProgressWriter(
            threads, lambda: INTERVAL,
            typing.cast('objects.Migration', Migration(conductor, number)),
            instance, task_states.MIGRATING, admit, calls)
        for number in range(migrations)]
    began = time.monotonic()
    polls = 0
    while time.monotonic() < began + seconds:
        polls += 1
        for writer in writers:
            writer.put(job_stats.ProgressNumbers(0, polls, 0, 0, polls, 0))
        time.sleep(max(0, began + polls * POLL - time.monotonic()))
    saves, busy = conductor.figures()
    elapsed = time.monotonic() - began
    for writer in writers:
        writer.end()
    return 60 * saves / elapsed, busy / elapsed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--migrations', type=int, default=1000,
                        help='default: %(default)s')
    parser.add_argument('--answer', type=float, default=2,
                        help='seconds (default: %(default)s)')
    parser.add_argument('--seconds', type=float, default=120,
                        help='length of each count (default: %(default)s)')
    args = parser.parse_args()
    rates = []
    for label, pressure in (('without', False), ('with', True)):
        # The threads of the one do not disturb the other.
        rest, pace.REST = pace.REST, pace.REST if pressure else 0
        try:
            rate, under_way = measure(args.migrations, args.answer,
                                      args.seconds, pressure)
        finally:
            pace.REST = rest
        rates.append(rate)
        print('%-8s back-pressure: %7.1f saves/min, %.2f under way'
              % (label, rate, under_way), flush=True)
    print('ratio: %.3f' % (rates[1] / rates[0]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
