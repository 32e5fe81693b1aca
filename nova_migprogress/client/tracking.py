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

"""One migration that is followed, with its assessment."""

import dataclasses
import typing

from nova_migprogress.client import migration_record
from nova_migprogress.convergence import assessment as convergence_assessment
from nova_migprogress.convergence import estimator


@dataclasses.dataclass(frozen=True)
class Tracked:
    """A migration at the last poll."""

    record: migration_record.MigrationRecord
    assessment: convergence_assessment.Assessment
    #: What they were at the poll before; None at the first one.
    previous_status: typing.Optional[str] = None
    previous_verdict: typing.Optional[str] = None
    #: It is no longer there although it had not ended when last seen: it was
    #: purged, or its cell is down.
    vanished: bool = False

    @property
    def ended(self) -> bool:
        """It has ended, and the record is its last."""
        return self.record.ended


class MigrationTracker:
    """Keeps the estimator of one migration as long as it is needed.

    :param record: what the first poll has found
    :param now: seconds, on the server's clock
    :ivar tracked: a Tracked, replaced at each poll
    """

    def __init__(self, record: migration_record.MigrationRecord,
                 now: float) -> None:
        self._estimator: typing.Optional[estimator.Estimator] = None
        #: The last poll saw the numbers of the one before.
        self._is_unchanged = False
        self.tracked = Tracked(record, self._assess(record, now))

    def update(self, record: migration_record.MigrationRecord,
               now: float) -> typing.Optional[float]:
        """Take what a further poll has found.

        :param now: seconds, on the server's clock
        :returns: the seconds between the two latest writes of its numbers, if
            this poll is the first to see the newer one and an earlier poll
            saw no change; else None
        """
        last = self.tracked
        if last.ended and last.record == record:
            self._replace(record, last.assessment)
            return None
        gap = None
        if last.record.has_progress:
            gap = self._measure_gap(last.record, record)
        self._replace(record, self._assess(record, now))
        return gap

    def reassess(self, now: float) -> None:
        """Judge again without a new record: only time has passed.

        :param now: seconds, on the server's clock
        """
        last = self.tracked
        self._replace(last.record, last.assessment if self._estimator is None
                      else self._estimator.assess(now))

    def mark_vanished(self) -> None:
        """Note that it is gone and nobody knows why."""
        self._replace(self.tracked.record, self.tracked.assessment,
                      vanished=True)

    def _assess(self, record: migration_record.MigrationRecord,
                now: float) -> convergence_assessment.Assessment:
        if self._estimator is None:
            # It is new, or had ended and goes on, as a resize does.
            self._estimator = estimator.Estimator()
        sample = record.to_sample(now)
        assessment = self._estimator.add(sample, max(now, sample.time))
        if record.ended:
            self._estimator = None
        return assessment

    def _replace(self, record: migration_record.MigrationRecord,
                 assessment: convergence_assessment.Assessment,
                 vanished: bool = False) -> None:
        last = self.tracked
        self.tracked = Tracked(record, assessment, last.record.status,
                               last.assessment.verdict, vanished)

    def _measure_gap(self, last: migration_record.MigrationRecord,
                     record: migration_record.MigrationRecord
                     ) -> typing.Optional[float]:
        if last.numbers == record.numbers:
            self._is_unchanged = True
            return None
        gap = None
        if self._is_unchanged and record.updated_at and last.updated_at:
            gap = (record.updated_at - last.updated_at).total_seconds()
        self._is_unchanged = False
        return gap
