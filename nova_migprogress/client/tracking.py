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
from nova_migprogress.convergence import samples
from nova_migprogress import fields


@dataclasses.dataclass(frozen=True)
class Tracked:
    """A migration at the last look."""

    record: migration_record.MigrationRecord
    assessment: convergence_assessment.Assessment
    #: What they were at the look before; None at the first one.
    previous_status: typing.Optional[str] = None
    previous_verdict: typing.Optional[str] = None
    #: It is no longer there although it had not ended when last seen: it was
    #: purged, or its cell is down.
    vanished: bool = False

    @property
    def ended(self):
        """It has ended, and the record is its last."""
        return self.record.ended


class MigrationTracker:
    """Keeps the estimator of one migration as long as it is needed."""

    def __init__(self):
        self.tracked = None
        self._estimator = estimator.Estimator()
        self._changed_at = None
        self._in_vain = 0

    def update(self, record, now):
        """Take what a look has found.

        :param record: a MigrationRecord
        :param now: seconds, on the server's clock
        :returns: the seconds between the two latest writes of its numbers, if
            this look is the first to see the newer one and an earlier look
            saw no change; else None
        """
        last = self.tracked
        if last is not None and last.ended and last.record == record:
            self._keep(record, last.assessment)
            return None
        if self._estimator is None:
            # What had ended goes on, as a resize does.
            self._estimator = estimator.Estimator()
        gap = None
        if last is not None and last.record.has_progress:
            gap = self._gap(last.record, record)
        sampled_at = record.sampled_at
        assessment = self._estimator.add(
            samples.from_mapping(
                record.mapping,
                time=now if sampled_at is None else sampled_at),
            now if sampled_at is None else max(now, sampled_at))
        self._keep(record, assessment)
        if record.ended:
            self._estimator = None
        return gap

    def age(self, now):
        """Nothing new is known: only time has passed."""
        if self._estimator is None:
            self._keep(self.tracked.record, self.tracked.assessment)
        else:
            self._keep(self.tracked.record, self._estimator.assess(now))

    def mark_vanished(self):
        """It is gone, nobody knows why."""
        self._keep(self.tracked.record, self.tracked.assessment, vanished=True)
        self._estimator = None

    def _keep(self, record, assessment, vanished=False):
        last = self.tracked
        self.tracked = Tracked(
            record, assessment, last and last.record.status,
            last and last.assessment.verdict, vanished)

    def _gap(self, last, record):
        if _numbers(last) == _numbers(record):
            self._in_vain += 1
            return None
        gap = None
        if self._in_vain and record.updated_at and last.updated_at:
            gap = (record.updated_at - last.updated_at).total_seconds()
        self._in_vain = 0
        return gap


def _numbers(record):
    return [getattr(record, name) for name in fields.NAMES]
