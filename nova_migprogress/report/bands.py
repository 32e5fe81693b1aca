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

"""How long each phase and each verdict lasted."""

from nova_migprogress.replay import moments
from nova_migprogress.text import changes


class Bands:
    """Stretches of time with the same phase, verdict and status.

    When there are too many, short ones are counted to those before them.
    """

    def __init__(self) -> None:
        #: The moment at which each begins.
        self.starts: list[moments.Moment] = []
        #: Stretches that were left out because they were too short.
        self.left_out = 0
        self._shortest = 0.1

    def add(self, moment: moments.Moment, most: int) -> None:
        """Take the next moment.

        :param most: how many stretches to keep
        """
        last = self.starts[-1] if self.starts else None
        if changes.REPORTED.is_change(last, moment):
            self.starts.append(moment._replace(syncs=()))
            if len(self.starts) > most:
                self.shrink(most)

    def shrink(self, most: int) -> None:
        """Keep no more than so many stretches."""
        most = max(most, 2)
        while len(self.starts) > most:
            self._shortest *= 2
            starts = self.starts
            # The last one may still become longer.
            ends = [start.time for start in starts[1:]] + [float('inf')]
            kept = [starts[0]]
            for start, end in zip(starts[1:], ends[1:]):
                if end - start.time < self._shortest:
                    self.left_out += 1
                elif changes.REPORTED.is_change(kept[-1], start):
                    kept.append(start)
            self.starts = kept
