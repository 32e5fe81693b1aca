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

"""How much of the conductor's time the saves of one compute service take.

A conductor that needs seconds for an answer has too much to do. Stock Nova
goes on to save at the pace that it was configured for; here saves take no more
than a share of the time, of each migration and of all of them together, and
become fewer by themselves.
"""

import math
import threading
import time
import typing

#: A save that took so long is followed by the next one not before so many
#: times that, counted from its beginning.
REST = 10
#: Seconds until one whose turn it is not yet asks again, at the least.
_STEP = 0.05


class Pace:
    """Admits saves: each of a number of slots is in use a tenth of the time.

    Those that wait are admitted in the order in which they came.

    :param slots: how many saves can be under way at a time
    """

    def __init__(self, slots: int) -> None:
        self._lock = threading.Lock()
        #: The times, by time.monotonic() and in order, from which on the slots
        #: that are not in use may be used. Guarded by the lock.
        self._resting = [-math.inf] * slots
        #: Those that wait, the first in the line first. Guarded by the lock.
        self._line: dict[object, None] = {}

    def enter(self, who: object) -> typing.Optional[float]:
        """Take a slot, to be given back by leave(), or a place in the line.

        :param who: asks for it
        :returns: None, or the seconds after which to ask again
        """
        with self._lock:
            self._line.setdefault(who)
            now = time.monotonic()
            for first, since in zip(self._line, self._resting):
                if since > now:
                    break
                if first == who:
                    del self._line[who]
                    self._resting.pop(0)
                    return None
            return max(_STEP, min(self._resting, default=now) - now)

    def leave_line(self, who: object) -> None:
        """Wait no more."""
        with self._lock:
            self._line.pop(who, None)

    def leave(self, began: float, seconds: float) -> None:
        """Give a slot back.

        :param began: time.monotonic() when the save began
        :param seconds: how long it took; 0 for one that took nobody's time
        """
        with self._lock:
            self._resting.append(began + REST * seconds)
            self._resting.sort()
