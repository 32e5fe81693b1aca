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

"""The calls to the conductor that wait for an answer at this moment.

That a call is not answered in time tells something about the conductor to
everyone who has to make one, also to those whose own waits for a thread.
"""

import collections.abc
import contextlib
import threading
import time

#: A call that takes longer, in seconds, means that something is wrong.
SLOW_CALL = 1


class OpenCalls:
    """The calls of one compute service's recorder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: time.monotonic() when each of them was made. Guarded by the lock.
        self._made: dict[object, float] = {}

    @contextlib.contextmanager
    def one(self) -> collections.abc.Iterator[None]:
        """Within this context one call waits for its answer."""
        call = object()
        with self._lock:
            self._made[call] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._made[call]

    @property
    def slow(self) -> bool:
        """One of them takes longer than it should."""
        with self._lock:
            oldest = min(self._made.values(), default=None)
        return oldest is not None and time.monotonic() - oldest > SLOW_CALL
