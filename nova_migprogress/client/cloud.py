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

"""Every migration of a cloud, in one request."""

from collections import abc
import dataclasses
import datetime
import typing

from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import session as ksa_session

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import fallback
from nova_migprogress.client import migration_record
from nova_migprogress.client import paging
from nova_migprogress.client import rest
from nova_migprogress.client import selection
from nova_migprogress.client import servers
from nova_migprogress import statuses as migration_statuses

if typing.TYPE_CHECKING:
    from openstack import connection as sdk_connection

_Records = list[migration_record.MigrationRecord]

_PATH = '/os-migrations'

#: Pages of a list after which it is left: 1000 migrations each by default.
_PAGES = 1000


class Cloud:
    """The compute service of one region, as one user sees it.

    Not safe for threads.

    :param adapter: a keystoneauth1 Adapter for the compute service, or a
        Session
    :param timeout: seconds without a byte from the server after which a
        request fails
    """

    def __init__(self, adapter: typing.Union[ksa_adapter.Adapter,
                                             ksa_session.Session],
                 timeout: float = rest.TIMEOUT) -> None:
        self._rest = rest.Rest(adapter, timeout)
        self._servers = servers.Servers(self._rest)
        self._scope = paging.ProjectScope([], self._find_own_project)
        self._capabilities: typing.Optional[discovery.Capabilities] = None
        #: Sentences about what a policy hides, by what is hidden.
        self._hidden: dict[str, str] = {}

    @classmethod
    def from_session(cls, session: ksa_session.Session,
                     timeout: float = rest.TIMEOUT,
                     **adapter: typing.Any) -> 'Cloud':
        """Make one of a keystoneauth1 Session.

        :param adapter: more for keystoneauth1's Adapter, such as region_name,
            interface or endpoint_override
        """
        adapter.setdefault('service_type', 'compute')
        return cls(ksa_adapter.Adapter(session, **adapter), timeout)

    @classmethod
    def from_sdk(cls, connection: 'sdk_connection.Connection',
                 timeout: float = rest.TIMEOUT) -> 'Cloud':
        """Make one of an openstack.connection.Connection."""
        compute = connection.compute
        # Not the proxy itself: it may answer from a cache.
        return cls(ksa_adapter.Adapter(
            compute.session, auth=compute.auth,
            service_type=compute.service_type,
            service_name=compute.service_name, interface=compute.interface,
            region_name=compute.region_name,
            endpoint_override=compute.endpoint_override,
            version=compute.version, min_version=compute.min_version,
            max_version=compute.max_version), timeout)

    @property
    def server_date(self) -> typing.Optional[float]:
        """The server's clock as of the last answer, seconds since 1970.

        None when its answers do not tell.
        """
        return self._rest.date

    def capabilities(self) -> discovery.Capabilities:
        """Return what the cloud offers.

        Asked once and remembered. What a policy leaves out is known, and in
        ``missing``, only after a list of migrations.

        :raises ClientError: the cloud does not answer
        """
        known = self._discover()
        return dataclasses.replace(
            known, missing=known.missing + tuple(self._hidden.values()))

    def migrations(
            self,
            statuses: typing.Optional[abc.Iterable[str]] = (
                migration_statuses.IN_PROGRESS_STATUSES),
            host: typing.Optional[str] = None,
            source_compute: typing.Optional[str] = None,
            dest_compute: typing.Optional[str] = None,
            server: typing.Union[str, abc.Iterable[str], None] = None,
            project: typing.Optional[str] = None,
            user: typing.Optional[str] = None,
            migration_type: typing.Optional[str] = None,
            changes_since: typing.Union[datetime.datetime, str, None] = None,
            numbers: bool = True) -> list[migration_record.MigrationRecord]:
        """Return the migrations that match all of these.

        One request where the cloud has the plugin and fits all on one page;
        elsewhere one for each status and one for each live migration.

        :param statuses: any of these; empty or None for all
        :param host: source or destination
        :param server: the server's uuid, or a collection of uuids
        :param changes_since: an aware datetime, or ISO 8601
        :param numbers: False if they are not worth one request for each live
            migration where the cloud is without the plugin
        :raises Unsupported: this Nova is too old for one of the filters
        :raises ClientError: no good answer
        """
        wanted = selection.Selection(
            host=host, source_compute=source_compute,
            dest_compute=dest_compute, server=server, project=project,
            user=user, migration_type=migration_type,
            changes_since=changes_since)
        records = self._list_or_rediscover(wanted, tuple(statuses or ()),
                                           numbers)
        self._note_hidden_hosts(records)
        return [record for record in records if wanted.matches(record)]

    def progress_microversion(self) -> str:
        """Return the microversion of the plugin, such as '2.105'.

        :raises Unsupported: the cloud is without the plugin
        :raises ClientError: the cloud does not answer
        """
        capabilities = self.capabilities()
        if capabilities.progress_microversion is None:
            raise errors.Unsupported(' '.join(capabilities.missing))
        return capabilities.progress_microversion

    def server(self, name_or_id: str) -> dict[str, typing.Any]:
        """Return a server as GET /servers/{id} shows it.

        :raises NotFound: there is none
        :raises Ambiguous: several have this name
        :raises ClientError: no good answer
        """
        return self._servers.find(name_or_id, self.capabilities().microversion)

    def server_names(self, uuids: abc.Iterable[str]) -> dict[str, str]:
        """Return a mapping of servers' uuids to names.

        Names are remembered; one that cannot be found is missing.

        :raises ClientError: no good answer
        """
        return self._servers.names(
            list(uuids), self.capabilities().microversion)

    def _discover(self) -> discovery.Capabilities:
        """Return what the cloud offers, but for what its policies hide."""
        if self._capabilities is None:
            self._capabilities = discovery.discover(self._rest)
        return self._capabilities

    def _list_or_rediscover(self, wanted: selection.Selection,
                            statuses: tuple[str, ...],
                            numbers: bool) -> _Records:
        """List; discover the cloud again if it has changed meanwhile."""
        known = self._capabilities
        try:
            return self._list(wanted, statuses, numbers)
        except errors.NotAcceptable:
            # The plugin was removed, or another API server answers.
            if known is None:
                raise
            self._capabilities = None
            self._hidden.clear()
            return self._list(wanted, statuses, numbers)

    def _list(self, wanted: selection.Selection, statuses: tuple[str, ...],
              numbers: bool) -> _Records:
        """List in the way of the cloud, with numbers if it has any."""
        capabilities = self._discover()
        wanted.check(capabilities)
        if capabilities.listing == discovery.PROGRESS:
            return self._list_projects(wanted, statuses,
                                       capabilities.microversion)
        records = self._list_each_status(wanted, statuses,
                                         capabilities.microversion)
        if not numbers or capabilities.listing != discovery.SERVERS:
            return records
        try:
            return fallback.fill(self._rest, capabilities.microversion,
                                 records)
        except errors.Forbidden as exc:
            self._capabilities = dataclasses.replace(
                capabilities, listing=discovery.NONE)
            self._hidden['numbers'] = (
                'The numbers are hidden by a policy of this cloud (%s).' % exc)
            return records

    def _list_each_status(self, wanted: selection.Selection,
                          statuses: tuple[str, ...],
                          microversion: str) -> _Records:
        """List status by status, because stock Nova takes one at a time."""
        if not statuses:
            return self._list_projects(wanted, (), microversion)
        found = {}
        for status in statuses:
            for record in self._list_projects(wanted, (status,), microversion):
                found[record.key] = record
        # As the server sorts them.
        return sorted(found.values(), key=_get_sort_key, reverse=True)

    def _list_projects(self, wanted: selection.Selection,
                       statuses: tuple[str, ...],
                       microversion: str) -> _Records:
        """List in one query, those of our own project if we must."""
        params = wanted.params + [('status', status) for status in statuses]
        if wanted.names_project:
            return self._read_pages(params, microversion)
        records = self._scope.read(lambda projects: self._read_pages(
            [*params, *projects], microversion))
        if self._scope.is_narrowed:
            self._hidden['projects'] = (
                'Only migrations of your own project are shown: a policy of '
                'this cloud (os_compute_api:os-migrations:index:all_projects) '
                'hides the others.')
        return records

    def _read_pages(self, params: abc.Sequence[rest.Param],
                    microversion: str) -> _Records:
        records: _Records = []
        keys: set[str] = set()

        def parse_new(body: dict[str, typing.Any], path: str) -> _Records:
            # None is left of a page that the server sends once more.
            return [record for record in
                    migration_record.parse_records(body, path)
                    if record.key not in keys]

        for page in paging.read_pages(
                self._rest, _PATH, params, microversion, name='migrations',
                parse=parse_new, get_marker=lambda record: record.uuid,
                most=_PAGES):
            records.extend(page)
            keys.update(record.key for record in page)
        return records

    def _find_own_project(self) -> typing.Optional[list[rest.Param]]:
        """Return what selects our own project, None if nothing does."""
        own = self._rest.project_id()
        if own is None or not self._discover().supports(
                selection.FIRST_PROJECTS):
            return None
        return [('project_id', own)]

    def _note_hidden_hosts(self, records: _Records) -> None:
        if records and not any(r.source_compute for r in records):
            self._hidden['hosts'] = (
                'The hosts are hidden by a policy of this cloud '
                '(os_compute_api:os-migrations:index:host).')
        elif records:
            self._hidden.pop('hosts', None)


def _get_sort_key(record: migration_record.MigrationRecord
                  ) -> tuple[float, int]:
    created_at = record.created_at
    return created_at.timestamp() if created_at else 0.0, record.id or 0
