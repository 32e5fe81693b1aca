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

"""How fast a counter grows."""

import collections
import typing

#: Seconds over which a steady rate is averaged at most.
LONG = 20.0
#: Seconds, and steps, over which a rate is measured at least, so that one
#: timestamp rounded to a second or one lump of data does not count for much.
SHORT = 4.0
SHORT_STEPS = 2
#: A rate over SHORT that differs from the one over LONG by more than this
#: share (and by more than rounding explains) is a change of the rate.
CHANGE = 0.15
#: Points closer together than this are not all kept, in seconds.
SPACING = 0.45


class RateMeter:
    """Growth of one counter over the last seconds; bounded memory."""

    def __init__(self) -> None:
        # Of (seconds, bytes).
        self._points: collections.deque[tuple[float, float]] = (
            collections.deque(maxlen=64))
        self._newest: typing.Optional[tuple[float, float]] = None
        self._whole_seconds = True
        # The rate over SHORT, and over how many seconds it is.
        self._recent: typing.Optional[tuple[float, float]] = None

    def add(self, time: float, value: float) -> None:
        """Add the counter's value (bytes) at a time (seconds)."""
        points = self._points
        if self._whole_seconds and time != int(time):
            self._whole_seconds = False
        if self._newest is None or self._newest[0] - points[-1][0] >= SPACING:
            if self._newest is not None:
                points.append(self._newest)
            else:
                points.append((time, value))
        self._newest = (time, value)
        while len(points) > SHORT_STEPS + 1 and time - points[1][0] > LONG:
            points.popleft()
        self._recent = self._measure_recent(time, value)

    def rate(self) -> typing.Optional[float]:
        """Return bytes per second over the last seconds, None if unknown.

        The longest time over which the rate was steady, up to LONG.
        """
        if self._recent is None or self._newest is None:
            return None
        short, span = self._recent
        oldest = self._points[0]
        whole = self._newest[0] - oldest[0]
        if whole <= span:
            return short
        long_rate = (self._newest[1] - oldest[1]) / whole
        slack = CHANGE + (1.0 / span if self._whole_seconds else 0)
        if abs(short - long_rate) <= slack * long_rate:
            return long_rate
        return short

    def recent_rate(self) -> typing.Optional[float]:
        """Return bytes per second over SHORT, None if that is unknown."""
        return None if self._recent is None else self._recent[0]

    def _measure_recent(
            self, time: float,
            value: float) -> typing.Optional[tuple[float, float]]:
        seconds = 2 * SHORT if self._whole_seconds else SHORT
        steps = 0
        chosen = (time, value)
        for point in reversed(self._points):
            chosen = point
            if point[0] < time:
                steps += 1
            if time - point[0] >= seconds and steps >= SHORT_STEPS:
                break
        span = time - chosen[0]
        if span <= 0:
            return None
        return (value - chosen[1]) / span, span
