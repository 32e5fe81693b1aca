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

"""How many dirty-bitmap syncs brought the inflow of one interval.

With steps longer than a pass, several syncs fall between two samples, which
show only the sum of their inflows. Sometimes their number can be told: because
a second would not have fitted, because it goes on as before, or because all
are alike. Otherwise it stays open.
"""

import collections
import math
import typing

#: Syncs that one interval between samples can hold.
MAX_SYNCS = 8
#: Two explanations whose ratios deviate from the expected one by logarithms
#: that differ by less than this are equally good.
AMBIGUOUS = 0.1
#: An inflow larger than the one before by this factor is rather that of
#: several syncs, where several would fit.
GROWTH = 1.04
#: Passes do not grow: of two syncs, the second brings at most this times what
#: the first did.
LARGEST_SECOND = 1.05
#: The same of the first two, which follow the long first pass.
LARGEST_SECOND_FIRST = 0.95
#: The first pass that is measured was so much longer than the second inflow
#: would be, if there were two, that two would say the same as one: the passes
#: become much shorter.
MUCH_LONGER = 0.6
#: How far places may be wrong, as a share of an inflow.
SLACK = 0.06
#: The same per sync whose inflow is inferred.
INFERRED = 0.03
#: Inflows of three intervals, or of two, that differ by no more than this
#: share from multiples of one amount are multiples of it.
REPEATED = 0.02
REPEATED_TWICE = 0.006
#: Many short passes bring about what is worked off, interval by interval:
#: such inflows are alike whether the passes are or not.
TELLING = 0.15


class Sync(typing.NamedTuple):
    """One fetch of the dirty bitmap."""

    #: Bytes worked off up to it, and how far that may be wrong, in bytes.
    place: float
    error: float
    #: Inferred time, in seconds.
    time: float
    #: Bytes that it added to remaining.
    inflow: float
    #: It did not end a pass by itself.
    early: bool
    #: The inflow is that of this sync alone.
    single: bool


class Split(typing.NamedTuple):
    """The syncs of one interval."""

    #: Inflow of each, in bytes.
    inflows: tuple[float, ...]
    #: They are told apart.
    single: bool = True
    #: Bytes by which the place is later than given, and uncertain.
    shift: float = 0.0
    #: Error of the next place, as a share of the inflow.
    error: float = 0.0
    #: The inflow of every sync, if they are all alike and those before were
    #: not told apart; else None.
    unit: typing.Optional[float] = None


def fits(inflow: float, rest: float, largest: float = LARGEST_SECOND) -> bool:
    """Tell whether a second sync may have been in an interval.

    :param inflow: bytes that came in; at least those of the last sync
    :param rest: bytes worked off in the interval after the first sync
    :param largest: what the second can bring, as a share of the first
    """
    return rest >= inflow / (1 + largest)


class Splitter:
    """Splits the inflows of one migration; bounded memory."""

    def __init__(self) -> None:
        # Of (inflow, bytes worked off in the interval).
        self._latest: collections.deque[tuple[float, float]] = (
            collections.deque(maxlen=3))

    def split(self, previous: typing.Optional[Sync],
              before: typing.Optional[float], expected: float, place: float,
              worked: float, inflow: float, rest: float) -> Split:
        """Tell how many syncs there were.

        :param previous: the last sync, None if there was none
        :param before: bytes of the first measured pass that are known to be
            worked off in it, None in later passes
        :param expected: ratio of an inflow to the one before, as far as known
        :param place: bytes worked off up to the first sync
        :param worked: bytes worked off in the interval
        :param inflow: bytes that came in
        :param rest: bytes worked off in the interval after the first sync
        """
        self._latest.append((inflow, worked))
        several = fits(inflow, rest, LARGEST_SECOND if previous is not None
                       else LARGEST_SECOND_FIRST)
        if previous is not None and not previous.single:
            unit = self._find_unit()
            if unit is not None:
                count = round(inflow / unit)
                if count == 1 or several:
                    unit = inflow / count
                    return Split((unit,) * count, unit=unit)
        if not several or before is not None and before > MUCH_LONGER * inflow:
            return Split((inflow,))
        choices = _find_choices(previous, expected, place, place + rest,
                                inflow)
        if (previous is None or not choices or
                choices[0][1][0] > GROWTH * previous.inflow or
                len(choices) > 1 and
                choices[1][0] < choices[0][0] + AMBIGUOUS):
            # One, or many: only a longer time will tell.
            return Split((inflow,), False, rest / 2)
        parts = choices[0][1]
        return Split(tuple(parts), error=INFERRED if len(parts) > 1 else 0.0)

    def _find_unit(self) -> typing.Optional[float]:
        latest = list(self._latest)
        unit = _find_unit(latest[-2:], REPEATED_TWICE)
        if unit is None and len(latest) > 2:
            unit = _find_unit(latest, REPEATED)
        return unit


def _find_choices(previous: typing.Optional[Sync], expected: float,
                  place: float, end: float, inflow: float
                  ) -> list[tuple[float, list[float]]]:
    """Return (deviation, parts) for each number of syncs that fits.

    The parts are a geometric series that goes on from the last inflow; the
    deviation is how far its ratio is from the expected one, smallest first.
    """
    if previous is None or previous.early or not previous.single:
        return []
    choices = []
    for count in range(1, MAX_SYNCS + 1):
        ratio = (inflow / (count * previous.inflow)) ** (2 / (count + 1))
        parts = [previous.inflow * ratio ** n for n in range(1, count + 1)]
        # A geometric series has not quite the sum that was asked for.
        scale = inflow / sum(parts)
        parts = [part * scale for part in parts]
        last = place + sum(parts[:-1])
        slack = SLACK * parts[-1]
        if last - slack <= end < last + parts[-1] + slack:
            choices.append((abs(math.log(ratio / expected)), parts))
    choices.sort()
    return choices


def _find_unit(inflows: list[tuple[float, float]],
               tolerance: float) -> typing.Optional[float]:
    """Return the amount of which all inflows are small multiples, or None.

    :param inflows: (inflow, bytes worked off in the interval)
    :param tolerance: share by which they may differ from multiples
    """
    if len(inflows) < 2:
        return None
    unit = min(inflows)[0]
    telling = False
    for value, during in inflows:
        count = round(value / unit)
        if (count > len(inflows) or
                abs(value - count * unit) > tolerance * value):
            return None
        telling |= abs(value - during) > TELLING * value
    return unit if telling else None
