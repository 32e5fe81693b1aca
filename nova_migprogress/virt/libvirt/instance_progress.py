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

"""The percentage of a migration that the servers API shows.

instance.progress, as ``GET /servers/{id}`` returns it.
"""

import math
import time
import typing

from nova import exception as nova_exception
from oslo_log import log as logging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)

#: instance.progress is written once in so many intervals. An Instance.save()
#: is two to three times the work of a Migration.save(): more often, and one
#: migration would cost the database more than it does with stock Nova.
PROGRESS_INTERVALS = 10


def to_percent(
        sample: job_stats.ProgressNumbers) -> typing.Optional[int]:
    """Return the percentage for a sample, None if there is nothing to copy.

    It has the meaning of stock Nova's: the share of memory that does not
    remain to be copied; without memory, the share of the disks.
    """
    if sample.memory_total is None or sample.memory_remaining is None:
        total, remaining = sample.disk_total, sample.disk_remaining
    else:
        total, remaining = sample.memory_total, sample.memory_remaining
    if not total:
        return None
    # Rounded as by _live_migration_monitor of
    # nova.virt.libvirt.driver.LibvirtDriver, and not kept from being negative,
    # unlike fields.percent().
    return 100 - round(100 * remaining / total)


class InstanceProgress:
    """Saves the percentage of one migration when it is due.

    To be used by one thread at a time.

    :param instance: the nova.objects.Instance that is migrated; copied
    :param task_state: the instance's while the migration runs
    """

    def __init__(self, instance: 'objects.Instance', task_state: str) -> None:
        # A copy with nothing but our own change, so that a write can neither
        # save nor overwrite anything else.
        self._instance = instance.obj_clone()
        self._instance.obj_reset_changes(recursive=True)
        conductor.make_impatient(self._instance)
        self._log_instance = instance
        self._task_state = task_state
        self._saved = instance.progress
        self._last_write = -math.inf

    def save(self, sample: job_stats.ProgressNumbers, interval: float) -> None:
        """Save the percentage if it has changed and is due.

        Expecting the task state keeps a write that comes late from touching an
        instance whose migration has ended.

        :param interval: seconds between two writes of the migration itself
        """
        now = time.monotonic()
        percent = to_percent(sample)
        if (percent is None or percent == self._saved or
                now - self._last_write < PROGRESS_INTERVALS * interval):
            return
        self._last_write = now
        self._instance.progress = percent
        try:
            self._instance.save(expected_task_state=[self._task_state])
        except nova_exception.UnexpectedTaskStateError:
            LOG.debug('The migration ended before its progress was saved',
                      instance=self._log_instance)
        else:
            self._saved = percent
