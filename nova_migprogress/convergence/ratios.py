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

"""The ratio that decides: memory written again per memory worked off."""

import collections.abc
import math
import typing

from nova_migprogress.convergence import sync_splitter

#: What the guest itself varies from pass to pass, as an error of the ratio.
NOISE = 0.03
#: By how much a ratio becomes less certain with each interval that cannot
#: tell.
FADING = 0.02
#: Bounds no wider than this make a ratio that can be expected to go on.
CERTAIN = 0.2


class Ratio(typing.NamedTuple):
    """Inflow per byte worked off, over some passes."""

    value: float
    #: Bounds within which the value is believed to be.
    low: float
    high: float
    #: Whole passes that were measured.
    passes: int
    #: The time they took in seconds, and the bytes that were worked off.
    seconds: float
    worked: float
    #: The inflow of these passes in bytes.
    inflow: float
    #: Upper bound of the ratio of the passes before these, which do not
    #: agree; None if there are none.
    earlier: typing.Optional[float] = None


def measure(syncs: collections.abc.Iterable[sync_splitter.Sync]
            ) -> typing.Optional[Ratio]:
    """Measure the ratio over the latest passes that agree with each other.

    The latest pass counts most: the guest, the bandwidth and the throttling
    change. Earlier passes are added as long as the ratio with them stays
    within the bounds, which then become narrower.

    :param syncs: oldest first
    :returns: a Ratio, or None if there are fewer than two syncs
    """
    syncs = list(syncs)
    if len(syncs) < 2:
        return None
    newest = syncs[-1]
    inflow = 0.0
    best: typing.Optional[Ratio] = None
    for index in range(len(syncs) - 2, -1, -1):
        inflow += syncs[index + 1].inflow
        oldest = syncs[index]
        worked = newest.place - oldest.place
        error = newest.error + oldest.error
        if worked <= error:
            continue
        passes = len(syncs) - 1 - index
        value = inflow / worked
        noise = NOISE / math.sqrt(passes)
        low = inflow / (worked + error) - noise
        high = inflow / (worked - error) + noise
        if best is not None:
            low = max(low, best.low)
            high = min(high, best.high)
            if not low <= value <= high:
                return best._replace(
                    earlier=_upper_bound(syncs[max(index - 2, 0):index + 2]))
        best = Ratio(value, low, high, passes, newest.time - oldest.time,
                     worked, inflow)
    return best


def renew(known: typing.Optional[Ratio], measured: typing.Optional[Ratio],
          single: bool) -> typing.Optional[Ratio]:
    """Return the better one of what was known and a new measurement.

    A sync that cannot be told from others in its interval measures little;
    then what was known holds as long as it is not contradicted.

    :param single: the newest sync was told apart
    """
    if known is None or measured is None or single:
        return measured
    if (measured.low <= known.value <= measured.high and
            known.high - known.low < measured.high - measured.low):
        return known._replace(low=known.low - FADING,
                              high=known.high + FADING)
    return measured


def expect_next(ratio: Ratio) -> float:
    """Return what the ratio of the next passes will probably be."""
    if ratio.high - ratio.low > CERTAIN:
        return 1.0
    return min(max(ratio.value, 0.5), 1.0)


def _upper_bound(syncs: list[sync_splitter.Sync]) -> float:
    """Return an upper bound of the ratio over all the passes between syncs."""
    worked = syncs[-1].place - syncs[0].place
    error = syncs[-1].error + syncs[0].error
    if worked <= error:
        return math.inf
    inflow = sum(sync.inflow for sync in syncs[1:])
    return inflow / (worked - error) + NOISE / math.sqrt(len(syncs) - 1)


def adjust(ratio: Ratio, rate: typing.Optional[float]) -> Ratio:
    """Widen the bounds of a ratio that was measured at another bandwidth.

    A pass that takes longer collects more, at most in proportion: memory that
    is written twice is sent once.

    :param rate: bytes worked off per second now, None if unknown
    """
    if not rate or ratio.seconds <= 0:
        return ratio
    change = ratio.worked / ratio.seconds / rate
    if 0.8 < change < 1.25:
        return ratio
    return ratio._replace(
        value=ratio.value * (change if change < 1 else 1),
        low=ratio.low * min(change, 1), high=ratio.high * max(change, 1))
