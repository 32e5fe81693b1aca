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

from nova_migprogress.convergence import rates
from nova_migprogress.convergence import verdicts

#: A mirror whose disk grows by this share of what is copied never finishes.
NOT_CONVERGING_GROWTH = 0.96
#: Seconds for which that must have been so: disks are counted in lumps.
GROWTH_TIME = 15.0


class DiskTracker:
    """The disk numbers of one migration; bounded memory.

    The guest of a live migration goes on writing: ``disk_total`` grows by what
    must be copied again.
    """

    def __init__(self):
        self._processed = rates.RateMeter()
        self._total = rates.RateMeter()
        self._remaining = None
        self._growing_since = None

    def add(self, sample):
        """Add a sample whose disk numbers are not None."""
        self._processed.add(sample.time, sample.disk_processed)
        self._total.add(sample.time, sample.disk_total)
        self._remaining = sample.disk_remaining
        throughput = self.throughput()
        if (throughput and
                self.growth() >= NOT_CONVERGING_GROWTH * throughput):
            if self._growing_since is None:
                self._growing_since = sample.time
        else:
            self._growing_since = None

    def throughput(self):
        """Return bytes copied per second, None if unknown."""
        return self._processed.rate()

    def growth(self):
        """Return bytes per second by which the copy grows, None if unknown."""
        return self._total.rate()

    def seconds_left(self):
        """Return seconds until the disks are copied, None if unknown."""
        if not self._remaining:
            return 0.0
        throughput = self.throughput()
        if not throughput or throughput <= self.growth():
            return None
        return self._remaining / (throughput - self.growth())

    def verdict(self, time):
        """Judge a mirror: NOT_CONVERGING or UNKNOWN.

        That it will be complete says nothing of the memory, which follows.
        """
        if (self._growing_since is not None and
                time - self._growing_since >= GROWTH_TIME):
            return verdicts.NOT_CONVERGING
        return verdicts.UNKNOWN
