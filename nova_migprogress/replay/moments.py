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

"""Assess a recording as if its migrations ran now."""

import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import estimator
from nova_migprogress import fields
from nova_migprogress.recording import reader


class Moment(typing.NamedTuple):
    """A migration at one row of a recording."""

    row: reader.RecordedSample
    assessment: assessment.Assessment
    #: Syncs of the current passes, see estimator.Estimator.syncs.
    syncs: typing.Sequence

    @property
    def time(self):
        """Seconds, of the row."""
        return self.row.sample.time

    @property
    def remaining(self):
        """Bytes of memory and disks that remain, None if unknown."""
        sample = self.row.sample
        if not sample.memory_total and not sample.disk_total:
            # Zeros before the start and after an abort mean nothing.
            return None
        return fields.sum_known(sample.memory_remaining, sample.disk_remaining)

    @property
    def percent(self):
        """How much does not remain: 0.0 to 100.0, None if unknown.

        It goes back when the guest writes memory again.
        """
        sample = self.row.sample
        return fields.percent(
            fields.sum_known(sample.memory_total, sample.disk_total),
            self.remaining)


class Replayer:
    """Follows each migration of a recording."""

    def __init__(self):
        self._estimators = {}

    def assess(self, row):
        """Take the next reader.RecordedSample.

        :returns: a Moment
        """
        follower = self._estimators.get(row.uuid)
        if follower is None:
            follower = self._estimators[row.uuid] = estimator.Estimator()
        return Moment(row, follower.add(row.sample), follower.syncs)
