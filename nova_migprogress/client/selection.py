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

"""Which migrations are wanted, and how Nova is asked for them."""

from collections import abc
import datetime
import typing

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.client import rest
from nova_migprogress import timestamps

#: Below it os-migrations knows no project_id, user_id.
FIRST_PROJECTS = '2.80'
#: Below it os-migrations knows no changes-since and does not page.
FIRST_CHANGES = '2.59'

_NEEDED = (('project_id', FIRST_PROJECTS), ('user_id', FIRST_PROJECTS),
           ('changes-since', FIRST_CHANGES))


class Selection:
    """All that a list of migrations is narrowed by, but for the status.

    The parameters are those of cloud.Cloud.migrations.

    :ivar params: the query parameters
    """

    def __init__(
            self, *, host: typing.Optional[str] = None,
            source_compute: typing.Optional[str] = None,
            dest_compute: typing.Optional[str] = None,
            server: typing.Union[str, abc.Iterable[str], None] = None,
            project: typing.Optional[str] = None,
            user: typing.Optional[str] = None,
            migration_type: typing.Optional[str] = None,
            changes_since: typing.Union[
                datetime.datetime, str, None] = None) -> None:
        if isinstance(changes_since, datetime.datetime):
            changes_since = timestamps.format_utc_datetime(changes_since)
        wanted = {'host': host, 'source_compute': source_compute,
                  'migration_type': migration_type, 'project_id': project,
                  'user_id': user, 'changes-since': changes_since}
        self._uuids: typing.Optional[set[str]] = None
        if server is not None:
            self._uuids = {server} if isinstance(server, str) else set(server)
            if len(self._uuids) == 1:
                wanted['instance_uuid'], = self._uuids
        self._dest_compute = dest_compute
        if dest_compute is not None and host is None:
            # Nova has no filter for the destination alone.
            wanted['host'] = dest_compute
        self.params: list[rest.Param] = [
            (name, value) for name, value in wanted.items()
            if value is not None]

    @property
    def names_project(self) -> bool:
        """The migrations of one project are wanted."""
        return 'project_id' in dict(self.params)

    def check(self, capabilities: discovery.Capabilities) -> None:
        """Check that a cloud can be asked for it.

        :raises Unsupported: this Nova is too old for one of the filters
        """
        names = dict(self.params)
        for name, needed in _NEEDED:
            if name in names and not capabilities.supports(needed):
                raise errors.Unsupported(
                    'migrations cannot be selected by %s: this Nova knows '
                    'microversions up to %s, and that needs %s'
                    % (name, capabilities.microversion, needed))

    def matches(self, record: migration_record.MigrationRecord) -> bool:
        """Tell whether a migration that Nova has listed is wanted.

        Nova takes one server and no destination: the rest is up to us.
        """
        return ((self._uuids is None or record.instance_uuid in self._uuids)
                and self._dest_compute in (None, record.dest_compute))
