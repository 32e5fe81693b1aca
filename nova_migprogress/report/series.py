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

"""The curves of one migration, thinned while they grow."""

import operator
import typing

from nova_migprogress.replay import moments

#: Seconds that the first buckets last.
FIRST_WIDTH = 0.05


class Point(typing.NamedTuple):
    """One point of all curves. None where there is no curve."""

    time: float
    #: Bytes.
    memory_remaining: typing.Optional[int]
    disk_remaining: typing.Optional[int]
    #: Bytes per second.
    throughput: typing.Optional[float]
    dirty_rate: typing.Optional[float]

    @property
    def height(self) -> int:
        """Bytes that remain."""
        return (self.memory_remaining or 0) + (self.disk_remaining or 0)


_get_height = operator.attrgetter('height')


def make_point(moment: moments.Moment) -> Point:
    """Return the point of a moment."""
    sample = moment.row.sample
    found = moment.assessment
    memory, disk = sample.memory_remaining, sample.disk_remaining
    if not sample.has_total:
        memory = disk = None
    return Point(moment.time, memory, disk, found.throughput,
                 found.dirty_rate)


class Series:
    """Points in buckets of equal time, at most a number of them.

    Each bucket keeps its highest and its lowest point, so that neither the
    peaks nor the ends of the passes are lost. When there are too many buckets,
    they become twice as wide.
    """

    def __init__(self) -> None:
        self._width = FIRST_WIDTH
        # By number: (lowest, highest) point.
        self._buckets: dict[int, tuple[Point, Point]] = {}
        self._first: typing.Optional[Point] = None
        self._last: typing.Optional[Point] = None
        # Seconds, of the first point.
        self._start = 0.0

    def add(self, new: Point, most: int) -> None:
        """Add a point.

        :param new: no earlier than the one before
        :param most: how many buckets to keep
        """
        if self._first is None:
            self._first = new
            self._start = new.time
        self._last = new
        self._put(new, new)
        if len(self._buckets) > most:
            self.shrink(most)

    def shrink(self, most: int) -> None:
        """Keep no more than so many buckets."""
        while len(self._buckets) > most:
            self._width *= 2
            buckets = self._buckets
            self._buckets = {}
            for low, high in buckets.values():
                self._put(low, high)

    def points(self) -> list[Point]:
        """Return the points that are kept, in order of time."""
        if self._first is None or self._last is None:
            return []
        # A set would put points of the same time in an order of its own, anew
        # in each process.
        found: dict[Point, None] = {self._first: None}
        for bucket in self._buckets.values():
            found.update(dict.fromkeys(bucket))
        # The last one comes last, also among others of its time.
        found.pop(self._last, None)
        found[self._last] = None
        return sorted(found, key=lambda point: point.time)

    def _put(self, low: Point, high: Point) -> None:
        number = int((low.time - self._start) / self._width)
        known = self._buckets.get(number)
        if known is not None:
            low = min(known[0], low, key=_get_height)
            high = max(known[1], high, key=_get_height)
        self._buckets[number] = (low, high)
