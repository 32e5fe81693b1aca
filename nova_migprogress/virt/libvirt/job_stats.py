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

"""Turn libvirt's job statistics into samples of the six progress fields.

Sources: virDomainGetJobStats (VIR_DOMAIN_JOB_MEMORY_TOTAL and its siblings,
VIR_DOMAIN_JOB_DISK_TOTAL and its siblings, all in bytes) and the event
VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, which carries the same statistics.
"""

import collections.abc
import typing

from oslo_log import log as logging

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import log_once

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)

#: What libvirt says of a job: numbers and strings, by name.
Statistics = collections.abc.Mapping[str, typing.Any]

#: The key VIR_DOMAIN_JOB_OPERATION, and two of its values: libvirt-python is
#: not there wherever this is imported.
_OPERATION = 'operation'
_OPERATION_UNKNOWN = 0
_OPERATION_MIGRATION_OUT = 5
#: What nobody asks of a migration that has succeeded: nothing remains.
_REMAINING = ('memory_remaining', 'disk_remaining')


class ProgressNumbers(typing.NamedTuple):
    """The six fields at one moment, in bytes; order of fields.NAMES.

    The memory fields are None when only disks are copied.
    """

    memory_total: typing.Optional[int]
    memory_processed: typing.Optional[int]
    memory_remaining: typing.Optional[int]
    disk_total: int
    disk_processed: int
    disk_remaining: int


class InvalidStatistics(ValueError):
    """libvirt reported a value that is no number of bytes."""


def is_of_migration(statistics: typing.Optional[Statistics]) -> bool:
    """Tell whether statistics are those of an outgoing migration.

    A domain has one job at a time, but not only migrations are jobs: saving,
    dumping, a snapshot and a backup are others. libvirt before 3.3 does not
    tell; what does not tell is taken for a migration.
    """
    operation = (statistics or {}).get(_OPERATION, _OPERATION_UNKNOWN)
    return operation in (_OPERATION_UNKNOWN, _OPERATION_MIGRATION_OUT)


def from_statistics(
        statistics: Statistics,
        unneeded: collections.abc.Container[str] = (),
) -> ProgressNumbers:
    """Read the six values from a mapping of job statistics.

    :param statistics: mapping with the keys of fields.NAMES; a missing key
        counts as 0, as in Nova's nova.virt.libvirt.guest.JobInfo
    :param unneeded: names of values that count as 0 if they are invalid
    :returns: ProgressNumbers of the raw values
    :raises InvalidStatistics: a value is not an integer from 0 to
        fields.MAX_VALUE
    """
    values = []
    for name in fields.NAMES:
        value = statistics.get(name, 0)
        if not fields.is_byte_count(value):
            if name in unneeded:
                values.append(0)
                continue
            expected = 'an integer'
            if isinstance(value, int) and not isinstance(value, bool):
                expected = 'between 0 and %d' % fields.MAX_VALUE
            raise InvalidStatistics('%s is %r, which is not %s'
                                    % (name, value, expected))
        values.append(value)
    return ProgressNumbers(*values)


class LiveSampler:
    """Makes the reportable samples of one live migration.

    It knows where libvirt's numbers lie (all zeros while the job is prepared
    and again after an abort; no memory numbers while disks are copied: seen
    with libvirt 9.0) and keeps ``processed`` and ``disk_total`` from ever
    going back, the final numbers included.

    There are two ways to migrate disks. With QEMU's mirror they are copied
    before the memory, and from then on libvirt repeats the last numbers that
    were asked for before. With a tunnel (VIR_MIGRATE_TUNNELLED) they are in
    the same stream as the memory: all six numbers are there from the first
    sample on, and the disks' go on moving.

    :param guest_memory: memory of the guest in bytes; reported as the total
        while libvirt copies disks and does not know the memory yet
    :param instance: the instance, for log messages only
    """

    def __init__(self, guest_memory: int,
                 instance: typing.Optional['objects.Instance'] = None) -> None:
        self._guest_memory = guest_memory
        # The same poll repeats it twice a second.
        self._log_dropped = log_once.LogOnce(
            LOG.warning, 'Dropped migration statistics from libvirt: %s',
            instance=instance)
        self._memory_seen = False
        #: The disks were copied before the memory.
        self._disks_first = False
        #: The newest real sample, or None while nothing is known.
        self.newest: typing.Optional[ProgressNumbers] = None

    def observe(self,
                statistics: Statistics) -> typing.Optional[ProgressNumbers]:
        """Take the statistics of a running job.

        :param statistics: mapping as for from_statistics
        :returns: the new sample, or None when the statistics say nothing
        """
        unneeded: tuple[str, ...] = ()
        if self._disks_first and statistics.get('memory_total'):
            unneeded = ('disk_remaining',)
        raw = self._read(statistics, unneeded)
        if raw is None or not fields.any_moved(raw):
            return None
        if not raw.memory_total:
            if self._memory_seen:
                # An aborted job loses its memory numbers first.
                return None
            self._disks_first = True
            raw = raw._replace(memory_total=self._guest_memory,
                               memory_processed=0,
                               memory_remaining=self._guest_memory)
        else:
            if (self._memory_seen and self.newest is not None and
                    raw.disk_processed > self.newest.disk_processed):
                self._disks_first = False
            self._memory_seen = True
            if self._disks_first:
                # They are complete and only mirrored from here on.
                raw = raw._replace(disk_remaining=0)
        self.newest = self._never_back(raw)
        return self.newest

    def final_sample(
            self, statistics: typing.Optional[Statistics] = None,
    ) -> typing.Optional[ProgressNumbers]:
        """Make the final sample of a migration that succeeded.

        It is what libvirt says in the end, except that nothing remains, that
        all of the disks is processed, and that neither processed nor
        ``disk_total`` is less than in a sample before: what was reported
        stands. After post-copy, for one, libvirt leaves the disks out.

        :param statistics: those of JOB_COMPLETED, None if that event was lost
        :returns: the final sample, None when neither the event nor any
            earlier sample told anything
        """
        final = self._read(statistics, _REMAINING) if statistics else None
        if final is None or not final.memory_total:
            final = self.newest
        if final is None:
            return None
        final = self._never_back(final)
        return self._never_back(final._replace(
            memory_remaining=0, disk_processed=final.disk_total,
            disk_remaining=0))

    def _never_back(self, sample: ProgressNumbers) -> ProgressNumbers:
        """Return a sample in which nothing is less that may only grow."""
        if self.newest is None:
            return sample
        return sample._replace(
            memory_processed=max(sample.memory_processed or 0,
                                 self.newest.memory_processed or 0),
            disk_total=max(sample.disk_total, self.newest.disk_total),
            disk_processed=max(sample.disk_processed,
                               self.newest.disk_processed))

    def _read(self, statistics: Statistics,
              unneeded: collections.abc.Container[str] = (),
              ) -> typing.Optional[ProgressNumbers]:
        try:
            return from_statistics(statistics, unneeded)
        except InvalidStatistics as exc:
            self._log_dropped(exc)
            return None
