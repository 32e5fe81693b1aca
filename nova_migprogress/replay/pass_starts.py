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

"""When the passes of a migration's memory began."""

import collections.abc
import typing

from nova_migprogress.convergence import sync_splitter

#: Starts that are kept; of more, every second one, and so on.
KEPT = 512


class PassStarts:
    """Collects the estimator's syncs; bounded memory.

    Several passes between two samples are told apart only if they can be: the
    number is a lower bound.
    """

    def __init__(self) -> None:
        # Seconds. The syncs may still be replaced by better ones while the
        # estimator has them.
        self._recent: list[float] = []
        # The number of a pass and its start in seconds.
        self._settled: list[tuple[int, float]] = []
        self._count = 0
        self._stride = 1
        self._newest: typing.Optional[sync_splitter.Sync] = None

    def add(self, syncs: collections.abc.Sequence[sync_splitter.Sync]
            ) -> None:
        """Take the syncs of an estimator after a sample.

        :param syncs: oldest first
        """
        if not syncs or syncs[-1] is self._newest:
            return
        self._newest = syncs[-1]
        oldest = syncs[0].time
        for time in self._recent:
            if time < oldest:
                self._settle(time)
        self._recent = [sync.time for sync in syncs]

    @property
    def count(self) -> int:
        """How many passes began after the first."""
        return self._count + len(self._recent)

    def starts(self) -> list[tuple[int, float]]:
        """Return [(number of the pass, its start in seconds)].

        The first pass, number 1, is not among them: it begins with the
        memory phase.
        """
        return self._settled + [
            (self._count + position, time)
            for position, time in enumerate(self._recent, 2)]

    def _settle(self, time: float) -> None:
        if self._count % self._stride == 0:
            self._settled.append((self._count + 2, time))
        self._count += 1
        if len(self._settled) > KEPT:
            del self._settled[1::2]
            self._stride *= 2
