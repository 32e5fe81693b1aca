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
from nova import objects
from oslo_log import log as logging
import oslo_messaging

from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once

LOG = logging.getLogger(__name__)

#: instance.progress is written once in so many intervals. An Instance.save()
#: is two to three times the work of a Migration.save(): more often, and one
#: migration would cost the database more than it does with stock Nova.
PROGRESS_INTERVALS = 10
#: But once in so many seconds at the latest, if the interval itself is not
#: longer: stock Nova saves it as often as the migration.
PROGRESS_PERIOD = 60


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

    :param instance: the nova.objects.Instance that is migrated; only its
        identity is used
    :param task_state: the instance's while the migration runs
    """

    def __init__(self, instance: 'objects.Instance', task_state: str) -> None:
        self._log_instance = instance
        self._task_state = task_state
        self._saved = instance.progress
        self._last_write = -math.inf
        self._log_failure = log_once.LogOnce(
            LOG.warning, 'Cannot save the percentage that the server shows: '
            '%(type)s: %(error)s. The migration is not affected, nor are its '
            'own numbers.', instance=instance)

    def save(self, sample: job_stats.ProgressNumbers, interval: float) -> bool:
        """Save the percentage if it has changed and is due.

        Expecting the task state keeps a write that comes late from touching an
        instance whose migration has ended.

        A failure is logged, and the next percentage is tried again: it says
        nothing about the migration's own record. An outage is not logged here,
        because that record's next save meets it too.

        :param interval: seconds between two writes of the migration itself
        :returns: False if the conductor did not answer
        """
        now = time.monotonic()
        percent = to_percent(sample)
        if (percent is None or percent == self._saved or
                now - self._last_write < _period(interval)):
            return True
        self._last_write = now
        try:
            self._write(percent)
        except nova_exception.UnexpectedTaskStateError:
            LOG.debug('The migration ended before its progress was saved',
                      instance=self._log_instance)
        except oslo_messaging.MessagingException as exc:
            LOG.debug('Cannot save the percentage now: %s', exc,
                      instance=self._log_instance)
            return not isinstance(exc, oslo_messaging.MessagingTimeout)
        except Exception as exc:
            self._log_failure({'type': type(exc).__name__, 'error': exc})
        else:
            self._saved = percent
            self._log_failure.reset()
        return True

    def _write(self, percent: int) -> None:
        # Not a copy of the whole instance: Instance.save() of
        # nova.objects.instance writes the PCI requests of every instance that
        # has them loaded, changed or not, and before it looks at the task
        # state. Late, that is what another migration has since replaced. Nor
        # the same object twice: a save fills it with what it finds.
        instance = objects.Instance(
            self._log_instance._context, id=self._log_instance.id,
            uuid=self._log_instance.uuid)
        instance.obj_reset_changes()
        conductor.make_impatient(instance)
        instance.progress = percent
        instance.save(expected_task_state=[self._task_state])


def _period(interval: float) -> float:
    """Return the seconds between two writes of the percentage."""
    return max(interval, min(PROGRESS_INTERVALS * interval, PROGRESS_PERIOD))
