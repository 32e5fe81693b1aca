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

"""Save the progress in one migration's record, and log what came of it."""

import time
import typing

from oslo_log import log as logging

from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import late_overwrites

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)


class ProgressRecord:
    """Saves samples of one migration, for one thread at a time.

    :param migration: the nova.objects.Migration that Nova works with, or one
        of which only the id is known; it is copied, never saved
    :param instance: the nova.objects.Instance that is migrated
    """

    def __init__(self, migration: 'objects.Migration',
                 instance: 'objects.Instance') -> None:
        self._instance = instance
        #: Nova's own, which tells what Nova has saved last.
        self._stock = migration
        #: A copy with nothing but our own changes, so that a write can neither
        #: save nor overwrite anything else.
        self._migration = migration.obj_clone()
        self._migration.obj_reset_changes()
        conductor.make_impatient(self._migration)
        #: time.monotonic() of the first of the saves that fail, or None.
        self._failing_since: typing.Optional[float] = None

    @property
    def failing(self) -> bool:
        """What was noted last is a failure."""
        return self._failing_since is not None

    def ping(self) -> None:
        """Return when a conductor answers; see conductor.ping()."""
        conductor.ping(self._migration._context)

    def save(self, sample: job_stats.ProgressNumbers, final: bool) -> None:
        """Save a sample; what is None in it stays as it is in the record.

        :param final: Nova saves no more; what a late save of something else
            has spoilt is put right as well
        :raises nova.exception.MigrationNotFound: there is no such record
        :raises Exception: whatever Nova's save() does
        """
        for name, value in zip(fields.NAMES, sample):
            if value is not None:
                setattr(self._migration, name, value)
        self._migration.save()
        if final and late_overwrites.correct(self._migration, self._stock):
            self._migration.save()

    def note_failure(self, exc: Exception) -> None:
        """Log that it could not be saved, the first time."""
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            LOG.warning(
                'Cannot save the progress of migration %(uuid)s: '
                '%(type)s: %(error)s. The migration is not affected; the '
                'newest progress is saved as soon as possible.',
                {'uuid': self._name, 'type': type(exc).__name__,
                 'error': exc},
                instance=self._instance)
        else:
            LOG.debug('Still cannot save migration progress: %s', exc,
                      instance=self._instance)

    def note_success(self) -> None:
        """Log that it could be saved again, if it could not."""
        if self._failing_since is not None:
            LOG.info('The progress of migration %(uuid)s is saved again, '
                     'after %(seconds)d seconds',
                     {'uuid': self._name,
                      'seconds': time.monotonic() - self._failing_since},
                     instance=self._instance)
            self._failing_since = None

    def note_gone(self) -> None:
        """Log that there is no such record any more."""
        LOG.warning('The record of migration %s is gone, its progress is '
                    'not saved any more', self._name, instance=self._instance)

    @property
    def _name(self) -> typing.Union[str, int]:
        if self._migration.obj_attr_is_set('uuid'):
            return self._migration.uuid
        return self._migration.id
