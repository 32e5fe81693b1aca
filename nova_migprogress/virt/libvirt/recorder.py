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

"""What records the migrations of one compute service.

A few writer threads serve all its migrations; how they save what each of them
has to write is in progress_writer.py.
"""

import typing

from nova.compute import task_states
import nova.conf
from oslo_config import cfg
from oslo_log import log as logging

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import log_once
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace
from nova_migprogress.virt.libvirt import progress_writer
from nova_migprogress.virt.libvirt import thread_pool

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF

#: At most this many writes are under way at a time, for all migrations.
MAX_THREADS = 8


class Recorder:
    """The writer threads of one compute service and what they have to do."""

    def __init__(self, max_threads: int = MAX_THREADS) -> None:
        self._threads = thread_pool.ThreadPool(max_threads,
                                               'migration-progress-writer')
        self._pace = pace.Pace(max_threads)
        self._calls = open_calls.OpenCalls()
        self._interval = conf.effective_interval(CONF)
        self._log_interval()
        self._log_refused = log_once.LogOnce(
            LOG.error, '%(error)s. The interval of %(seconds)d seconds stays '
            'in force.')

    @property
    def interval(self) -> int:
        """Seconds between two writes of a migration.

        A value out of bounds that came with a reload of the configuration is
        refused: the one before it stays in force.
        """
        try:
            interval = conf.effective_interval(CONF)
            self._log_refused.reset()
        except cfg.ConfigFileValueError as exc:
            self._log_refused(
                {'error': exc, 'seconds': self._interval.seconds},
                reason=str(exc))
        else:
            if interval != self._interval:
                self._interval = interval
                self._log_interval()
        return self._interval.seconds

    def _log_interval(self) -> None:
        LOG.info('The progress of a running migration is saved every '
                 '%(seconds)d seconds: %(reason)s.',
                 self._interval._asdict())

    def start(self, migration: 'objects.Migration',
              instance: 'objects.Instance',
              task_state: str = task_states.MIGRATING,
              ) -> progress_writer.ProgressWriter:
        """Begin to record a migration.

        :param migration: the nova.objects.Migration that Nova works with, or
            one of which only the id is known; it is copied, never saved
        :param instance: the nova.objects.Instance that is migrated; copied
        :param task_state: the instance's while the migration runs
        """
        return progress_writer.ProgressWriter(
            self._threads, lambda: self.interval, migration, instance,
            task_state, self._pace, self._calls)
