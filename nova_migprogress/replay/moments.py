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

import collections.abc
import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import sync_splitter
from nova_migprogress import fields
from nova_migprogress.recording import reader


class Moment(typing.NamedTuple):
    """A migration at one row of a recording."""

    row: reader.RecordedSample
    assessment: assessment.Assessment
    #: Syncs of the current passes, see estimator.Estimator.syncs.
    syncs: collections.abc.Sequence[sync_splitter.Sync]

    @property
    def time(self) -> float:
        """Seconds, of the row."""
        return self.row.sample.time

    @property
    def status(self) -> typing.Optional[str]:
        """Nova's status, None if unknown."""
        return self.row.sample.status

    @property
    def remaining(self) -> typing.Optional[int]:
        """Bytes of memory and disks that remain, None if unknown."""
        sample = self.row.sample
        if not sample.has_total:
            return None
        return fields.sum_known(sample.memory_remaining, sample.disk_remaining)

    @property
    def percent(self) -> typing.Optional[float]:
        """How much does not remain: 0.0 to 100.0, None if unknown.

        It goes back when the guest writes memory again.
        """
        sample = self.row.sample
        return fields.percent(
            fields.sum_known(sample.memory_total, sample.disk_total),
            self.remaining)


class Replayer:
    """Follows each migration of a recording."""

    def __init__(self) -> None:
        # By uuid.
        self._estimators: dict[typing.Optional[str], estimator.Estimator] = {}

    def assess(self, row: reader.RecordedSample) -> Moment:
        """Assess the migration of the next row."""
        follower = self._estimators.get(row.uuid)
        if follower is None:
            follower = self._estimators[row.uuid] = estimator.Estimator()
        return Moment(row, follower.add(row.sample), follower.syncs)
