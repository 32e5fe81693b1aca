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

"""What the driver has to know of each live migration while there is one.

It is kept by the uuid of the instance, of which Nova runs one live migration
at a time (check_instance_state at nova.compute.api.API.live_migrate).
"""

import threading
import typing

from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import force_request
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import live_observer


class LiveMigration(typing.NamedTuple):
    """One live migration of an instance."""

    #: From before libvirt's job begins until the driver is done with it.
    listener: typing.Optional[job_completed.JobCompletedListener] = None
    #: While Nova's monitor runs.
    observer: typing.Optional[live_observer.LiveObserver] = None
    #: From when Nova's monitor begins until the driver is done with it.
    wait: typing.Optional[conductor_wait.ConductorWait] = None
    #: While Nova's monitor runs.
    force: typing.Optional[force_request.ForceRequest] = None
    #: It was aborted ahead of Nova's own request, which comes when the
    #: conductor is back and may find no job any more. Known until the next
    #: migration of the instance is observed.
    aborted: bool = False


class LiveMigrations:
    """The live migrations of one compute service, and those just over."""

    def __init__(self) -> None:
        #: Held while a record is changed.
        self._lock = threading.Lock()
        self._migrations: dict[str, LiveMigration] = {}

    def get(self, uuid: str) -> LiveMigration:
        """Return what is known of an instance's live migration.

        Where there is none it is a record with nothing in it.
        """
        return self._migrations.get(uuid, LiveMigration())

    def change(self, uuid: str, **values: typing.Any) -> None:
        """Change what is known of an instance's live migration.

        A record with nothing left in it is forgotten.

        :param values: new ones of LiveMigration's fields, by name
        """
        with self._lock:
            self._keep(uuid, self.get(uuid)._replace(**values))

    def end(self, uuid: str, **values: object) -> None:
        """Forget what belongs to one live migration of an instance.

        The next one may have begun: Nova lets the instance go some calls to
        the conductor before it is done with the one that failed
        (_rollback_live_migration of nova.compute.manager.ComputeManager).

        :param values: those of LiveMigration's fields, by name
        """
        with self._lock:
            migration = self.get(uuid)
            gone: dict[str, typing.Any] = {
                name: None for name, value in values.items()
                if getattr(migration, name) is value}
            self._keep(uuid, migration._replace(**gone))

    def _keep(self, uuid: str, migration: LiveMigration) -> None:
        """Keep a record unless there is nothing in it; needs the lock."""
        if migration == LiveMigration():
            self._migrations.pop(uuid, None)
        else:
            self._migrations[uuid] = migration
