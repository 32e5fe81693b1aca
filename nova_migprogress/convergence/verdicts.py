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

"""What is said of a migration, and how it is decided.

All verdicts are decided here, from what the trackers have measured:

* :func:`judge_end`, once it has ended;
* :func:`judge_cold_copy`, while disks of a cold migration are copied;
* :class:`Judge`, while a live migration copies disks or memory.
"""

import typing

from nova_migprogress.convergence import ratios
from nova_migprogress import statuses

UNKNOWN = 'unknown'
CONVERGING = 'converging'
BORDERLINE = 'borderline'
NOT_CONVERGING = 'not converging'
STALLED = 'stalled'
COMPLETED = 'completed'
FAILED = 'failed'

#: Every verdict.
ALL = (UNKNOWN, CONVERGING, BORDERLINE, NOT_CONVERGING, STALLED, COMPLETED,
       FAILED)

#: From this ratio of memory written again to memory worked off on, a
#: migration does not converge. It is below 1 because the ratio counts unique
#: pages: a guest that writes ever so much reads just below 1.
NOT_CONVERGING_RATIO = 0.96
#: The same when only one pass was measured: the first ones of a guest that
#: does not converge read a little lower.
NOT_CONVERGING_RATIO_ONE_PASS = 0.947
LOW_ONE_PASS = 0.875
#: Passes that became shorter by this factor altogether, over those that were
#: measured, and the upper bound of whose ratio is below 1, go on becoming
#: shorter, be it slowly.
SHRUNK = 0.85
#: Passes that must agree on it when earlier ones said otherwise (one less
#: when the ratio is 1 or more): one pass can be a guest's passing mood.
PASSES_AFTER_CHANGE = 3
#: One pass that brought more than this times the one before is doubted.
GROWTH = 1.1
#: A lower bound that needs no second sample to agree.
SURE_RATIO = 0.94
#: Up to this ratio a migration converges: at most 10 times the current pass
#: remains to be sent.
CONVERGING_RATIO = 0.90
#: Bounds of the ratio wider than this say nothing.
WIDEST = 0.2

#: A mirror whose disk grows by this share of what is copied never finishes.
NOT_CONVERGING_GROWTH = 0.96
#: Seconds for which that must have been so: disks are counted in lumps.
GROWTH_TIME = 15.0

#: A migration stalls when nothing moved for so many seconds, and for so many
#: times the usual time between changes.
STALL_TIME = 15.0
STALL_STEPS = 4
#: Seconds between changes as long as they are not known: a long one of the
#: intervals at which nova-compute is told to write.
STALL_UNKNOWN_STEP = 60.0
#: The same where little or nothing remains and the switch-over, which moves
#: no number, has begun; and for disks, which are counted in lumps.
STALL_TIME_FINISHING = 120.0
STALL_TIME_DISK = 60.0

#: A pass that takes no longer than this can end in a switch-over once Nova
#: has raised the permitted downtime to its default limit
#: (live_migration_downtime, 0.5 s).
SWITCHABLE = 0.6


def judge_end(status: typing.Optional[str]) -> str:
    """Judge a migration that has ended, by its status: COMPLETED or FAILED."""
    return FAILED if status in statuses.FAILED_STATUSES else COMPLETED


def judge_cold_copy(unchanged: float, step: typing.Optional[float],
                    seconds_left: typing.Optional[float]) -> str:
    """Judge the copy of a cold migration: CONVERGING or UNKNOWN.

    A file server that copies by itself moves in large steps: standing still
    means nothing.

    :param unchanged: seconds since a number changed
    :param step: usual seconds between changes, None if unknown
    :param seconds_left: until the disks are copied, None if unknown
    """
    if (seconds_left is None or
            is_stalled(unchanged, step, STALL_TIME_DISK)):
        return UNKNOWN
    return CONVERGING


class Judge:
    """Judges one live migration, sample by sample.

    What its trackers have measured is noted after each good sample; the
    verdict may be asked for at any time.
    """

    def __init__(self) -> None:
        self._outgrown_since: typing.Optional[float] = None
        self._memory = UNKNOWN
        self._confirmation = Confirmation()

    def note_disk(self, time: float, throughput: typing.Optional[float],
                  growth: typing.Optional[float]) -> None:
        """Note a sample of the storage phase.

        :param time: seconds
        :param throughput: bytes copied per second, None if unknown
        :param growth: bytes per second by which the copy grows, likewise
        """
        if not (throughput and growth is not None and
                growth >= NOT_CONVERGING_GROWTH * throughput):
            self._outgrown_since = None
        elif self._outgrown_since is None:
            self._outgrown_since = time

    def note_pre_copy(self, ratio: ratios.Ratio, pass_seconds: float,
                      remaining: int) -> None:
        """Note a sample of pre-copy up to which the ratio was measured.

        :param pass_seconds: how long sending the latest inflow takes
        :param remaining: bytes of memory; none when it has switched over
        """
        if not remaining:
            self._memory = CONVERGING
        else:
            self._memory = self._confirmation.confirm(
                judge_ratio(ratio, pass_seconds), ratio)

    def note_post_copy(self) -> None:
        """Note a sample of post-copy, in which nothing is written again."""
        self._memory = CONVERGING

    def judge_storage(self, time: float, unchanged: float,
                      step: typing.Optional[float]) -> str:
        """Judge a mirror of disks: STALLED, NOT_CONVERGING or UNKNOWN.

        That it will be complete says nothing of the memory, which follows.

        :param time: of the latest good sample, in seconds
        :param unchanged: seconds since a number changed
        :param step: usual seconds between changes, None if unknown
        """
        if is_stalled(unchanged, step, STALL_TIME_DISK):
            return STALLED
        if (self._outgrown_since is not None and
                time - self._outgrown_since >= GROWTH_TIME):
            return NOT_CONVERGING
        return UNKNOWN

    def judge_memory(self, unchanged: float, step: typing.Optional[float],
                     finishing: bool) -> str:
        """Judge the copy of memory.

        :param unchanged: seconds since a number changed
        :param step: usual seconds between changes, None if unknown
        :param finishing: the switch-over may have begun
        """
        if is_stalled(unchanged, step, STALL_TIME_FINISHING if finishing
                      else STALL_TIME):
            return STALLED
        return self._memory


def judge_ratio(ratio: typing.Optional[ratios.Ratio],
                pass_seconds: float) -> str:
    """Judge pre-copy by its ratio.

    :param ratio: None before it was measured
    :param pass_seconds: how long sending the latest inflow takes
    """
    if ratio is None:
        return UNKNOWN
    if ratio.passes == 1 and ratio.earlier is None:
        bound, low = NOT_CONVERGING_RATIO_ONE_PASS, LOW_ONE_PASS
    else:
        bound, low = NOT_CONVERGING_RATIO, CONVERGING_RATIO
    trusted = (ratio.passes > 1 or ratio.value <= GROWTH) and (
        ratio.earlier is None or ratio.earlier >= NOT_CONVERGING_RATIO or
        ratio.passes >= PASSES_AFTER_CHANGE or
        ratio.passes > 1 and ratio.value >= 1)
    slowly = ratio.high < 1 and ratio.value ** ratio.passes < SHRUNK
    if (ratio.value >= bound and ratio.low >= low and trusted and
            not slowly):
        if pass_seconds <= SWITCHABLE:
            return BORDERLINE
        return NOT_CONVERGING
    if ratio.value <= CONVERGING_RATIO and ratio.high <= NOT_CONVERGING_RATIO:
        return CONVERGING
    if ratio.high - ratio.low <= WIDEST:
        return BORDERLINE
    return UNKNOWN


class Confirmation:
    """Holds back a first NOT_CONVERGING until a second sample agrees."""

    def __init__(self) -> None:
        self._pending = False

    def confirm(self, verdict: str, ratio: ratios.Ratio) -> str:
        """Return the verdict to give for a new sample.

        :param verdict: what judge_ratio said
        :param ratio: of which it said so
        """
        if verdict == NOT_CONVERGING and ratio.low >= SURE_RATIO:
            self._pending = True
        if verdict != NOT_CONVERGING:
            self._pending = False
            return verdict
        if self._pending:
            return verdict
        self._pending = True
        return BORDERLINE


def is_stalled(unchanged: float, step: typing.Optional[float],
               least: float) -> bool:
    """Tell whether a migration stands still.

    :param unchanged: seconds since a number changed
    :param step: usual seconds between changes, None if unknown
    :param least: seconds, one of the STALL_TIME constants
    """
    if step is None:
        step = STALL_UNKNOWN_STEP
    return unchanged >= max(least, STALL_STEPS * step)
