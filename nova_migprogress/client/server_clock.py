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

"""The clock of a cloud, for the ages of what it shows."""

from collections import abc
import typing

#: Seconds by which the server's Date must differ from what it should be
#: before its clock is set anew: it is in whole seconds.
_DRIFT = 1.0


class ServerClock:
    """Ours, moved by what is known of the difference to the server's.

    :param clock: ours: returns seconds since 1970
    """

    def __init__(self, clock: abc.Callable[[], float]) -> None:
        self._clock = clock
        #: Seconds that the server's clock is ahead of ours.
        self._ahead = 0.0

    def now(self) -> float:
        """Return the seconds since 1970 on the server's clock."""
        return self.translate(self._clock())

    def translate(self, moment: float) -> float:
        """Return what the server's clock shows when ours shows a moment."""
        return moment + self._ahead

    def set(self, date: typing.Optional[float], newest: float) -> None:
        """Take what an answer of the server tells.

        :param date: its Date, in seconds since 1970, None without one
        :param newest: when the newest of its rows was written, on its clock;
            0.0 if that is not known either
        """
        if date is None:
            # The newest row is no newer than the server's clock.
            self._ahead = max(self._ahead, newest - self._clock())
        elif abs(date + 0.5 - self.now()) > _DRIFT:
            self._ahead = date + 0.5 - self._clock()
