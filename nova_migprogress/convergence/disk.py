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

"""Rates and time left of copies of disks, live and cold."""

import typing

from nova_migprogress.convergence import rates
from nova_migprogress.convergence import samples


class DiskTracker:
    """The disk numbers of one migration; bounded memory.

    The guest of a live migration goes on writing: ``disk_total`` grows by what
    must be copied again.
    """

    def __init__(self) -> None:
        self._processed = rates.RateMeter()
        self._total = rates.RateMeter()
        self._remaining = 0
        #: Bytes copied per second, None if unknown.
        self.throughput: typing.Optional[float] = None
        #: Bytes per second by which the copy grows; None if unknown, which it
        #: is as long as the throughput is.
        self.growth: typing.Optional[float] = None

    def add(self, time: float, disk: samples.Amounts) -> None:
        """Add the numbers of a sample.

        :param time: seconds
        """
        self._processed.add(time, disk.processed)
        self._total.add(time, disk.total)
        self._remaining = disk.remaining
        self.throughput = self._processed.rate()
        self.growth = self._total.rate()

    def seconds_left(self) -> typing.Optional[float]:
        """Return seconds until the disks are copied, None if unknown."""
        if not self._remaining:
            return 0.0
        if not self.throughput:
            return None
        net = self.throughput - (self.growth or 0.0)
        return self._remaining / net if net > 0 else None
