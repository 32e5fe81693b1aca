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

"""Thin out a recording, as if a client had looked less often."""

import math

#: Seconds between two looks.
MIN_STEP = 0.1
MAX_STEP = 3600.0


class Thinner:
    """Keeps one row of each migration every step.

    A change of the status is always kept, and the last row of each migration.

    :param step: seconds
    """

    def __init__(self, step):
        self._step = step
        # By uuid: [time of the next look, last status, row in between].
        self._looks = {}

    def take(self, row):
        """Tell whether a reader.RecordedSample is kept.

        :returns: True if so
        """
        time = row.sample.time
        look = self._looks.get(row.uuid)
        if look is None:
            self._looks[row.uuid] = [time + self._step, row.sample.status,
                                     None]
            return True
        if time < look[0] and row.sample.status == look[1]:
            look[2] = row
            return False
        if time >= look[0]:
            # Looks stay on their grid, or rows that come a little late would
            # make the step longer and longer.
            look[0] += self._step * (
                math.floor((time - look[0]) / self._step) + 1)
        look[1:] = row.sample.status, None
        return True

    def rest(self):
        """Return the last rows of those migrations that end between looks."""
        rows = [look[2] for look in self._looks.values() if look[2]]
        self._looks.clear()
        return sorted(rows, key=lambda row: row.line)
