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

"""A guest and a link that behave exactly, to compare what is measured with.

Pages are worked off at one rate. A pass ends when what can be sent in 0.3 s
remains; what the guest has written by then comes in at once.
"""

from collections import abc

from nova_migprogress.convergence import samples

MIB = 1024 * 1024
#: Seconds of transfer that remain when a pass ends.
LEVEL = 0.3


class ExactGuest:
    """The numbers of one migration at any moment.

    :param total: MiB of memory
    :param rate: MiB per second worked off
    :param inflows: MiB that each sync brings, the first one first
    :param compression: bytes worked off per byte sent, after the first pass
    """

    def __init__(self, total: float, rate: float,
                 inflows: abc.Iterable[float],
                 compression: float = 1) -> None:
        self.total = total
        self.rate = rate
        self.compression = compression
        #: (MiB worked off up to it, MiB that it brings) of each sync.
        self.syncs: list[tuple[float, float]] = []
        place = total - LEVEL * rate
        for inflow in inflows:
            self.syncs.append((place, inflow))
            place += inflow
        #: MiB worked off when the last pass ends.
        self.end = place

    def seconds_at(self, place: float) -> float:
        """Return when so many MiB have been worked off."""
        return place / self.rate

    def remaining(self, time: float) -> float:
        """Return MiB."""
        worked = time * self.rate
        return self.total - worked + sum(
            inflow for place, inflow in self.syncs if place <= worked)

    def memory(self, time: float) -> samples.Amounts:
        """Return the numbers after so many seconds."""
        worked = time * self.rate
        first = min(worked, self.syncs[0][0] if self.syncs else worked)
        sent = first + (worked - first) / self.compression
        return samples.Amounts(
            self.total * MIB, round(sent * MIB),
            round(self.remaining(time) * MIB))

    def sample(self, time: float, status: str = 'running') -> samples.Sample:
        """Return a sample of a live migration without disks."""
        return samples.Sample(time, status, *self.memory(time), 0, 0, 0)
