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


class Bands:
    """Stretches of time with the same phase, verdict and status.

    When there are too many, short ones are counted to those before them.
    """

    def __init__(self):
        #: The moments.Moment at which each begins.
        self.starts = []
        #: Stretches that were left out because they were too short.
        self.left_out = 0
        self._shortest = 0.1

    def add(self, moment, most):
        """Take the next Moment.

        :param moment: a moments.Moment
        :param most: how many stretches to keep
        """
        if not self.starts or _key(moment) != _key(self.starts[-1]):
            self.starts.append(moment._replace(syncs=()))
            if len(self.starts) > most:
                self.shrink(most)

    def shrink(self, most):
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
                elif _key(start) != _key(kept[-1]):
                    kept.append(start)
            self.starts = kept


def _key(moment):
    return (moment.assessment.phase, moment.assessment.verdict,
            moment.row.sample.status)
