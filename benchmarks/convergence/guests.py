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

"""How the guests of simulated migrations write."""

import math
import random

from benchmarks.convergence import model as model_mod

MIB = 1024 * 1024


class Guest:
    """What was written since the last sync, as unique bytes."""

    def __init__(self, model: model_mod.Model,
                 chance: random.Random) -> None:
        self.model = model
        self.rate = model.write_rate * MIB
        self.throttle = 0.0
        self.suspended = False
        self._written = 0.0
        self._mood = 1.0
        self._chance = chance

    def write(self, seconds: float, new_second: bool) -> None:
        if new_second:
            self._mood = max(
                self._chance.gauss(1, self.model.unsteady), 0.1)
        if not self.suspended:
            self._written += (self.rate * seconds * self._mood *
                              (1 - self.throttle))

    def take_dirty(self, remaining: float) -> float:
        """Return the unique bytes since the last time, not in remaining."""
        written, self._written = self._written, 0.0
        size = self.model.working_set * MIB
        if self.model.pattern == 'sequential':
            return max(min(written, size - remaining), 0.0)
        if self.model.pattern == 'random':
            unique = _unique(written, size)
        else:
            unique = (_unique(0.8 * written, 0.1 * size) +
                      _unique(0.2 * written, 0.9 * size))
        return unique * (1 - min(remaining / size, 1))


def _unique(written: float, size: float) -> float:
    return size * (1 - math.exp(-written / size))
