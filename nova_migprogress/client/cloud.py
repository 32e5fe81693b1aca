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

import dataclasses
import datetime

from keystoneauth1 import adapter as ksa_adapter

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import fallback
from nova_migprogress.client import migration_record
from nova_migprogress.client import rest
from nova_migprogress.client import servers

_PATH = '/os-migrations'

#: Below it os-migrations knows no project_id, user_id.
_PROJECTS = '2.80'
#: Below it os-migrations knows no changes-since and does not page.
_CHANGES = '2.59'

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

    def __init__(self, adapter, timeout=rest.TIMEOUT):
        self._rest = rest.Rest(adapter, timeout)
        self._servers = servers.Servers(self._rest)
        self._capabilities = None
        self._missing = {}
        self._project = None

    @classmethod
    def from_session(cls, session, timeout=rest.TIMEOUT, **adapter):
        """Make one of a keystoneauth1 Session.

        :param adapter: more for keystoneauth1's Adapter, such as region_name,
            interface or endpoint_override
        """
        adapter.setdefault('service_type', 'compute')
        return cls(ksa_adapter.Adapter(session, **adapter), timeout)

    @classmethod
    def from_sdk(cls, connection, timeout=rest.TIMEOUT):
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
    def server_date(self):
        """The server's clock as of the last answer, seconds since 1970.

        None when its answers do not tell.
        """
        return self._rest.date

    def capabilities(self):
        """Return what the cloud offers: a discovery.Capabilities.

        Asked once and remembered. What a policy leaves out is known, and in
        ``missing``, only after a list of migrations.

        :raises ClientError: the cloud does not answer
        """
        if self._capabilities is None:
            self._capabilities = discovery.discover(self._rest)
        return dataclasses.replace(
            self._capabilities, missing=(self._capabilities.missing +
                                         tuple(self._missing.values())))

    def migrations(self, statuses=migration_record.IN_PROGRESS, host=None,
                   source_compute=None, dest_compute=None, server=None,
                   project=None, user=None, migration_type=None,
                   changes_since=None, numbers=True):
        """Return the migrations that match all of these: MigrationRecords.

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
        wanted = {'host': host, 'source_compute': source_compute,
                  'migration_type': migration_type, 'project_id': project,
                  'user_id': user, 'changes-since': _isotime(changes_since)}
        uuids = None
        if server is not None:
            uuids = {server} if isinstance(server, str) else set(server)
            if len(uuids) == 1:
                wanted['instance_uuid'], = uuids
        if dest_compute is not None and host is None:
            wanted['host'] = dest_compute
        params = [(name, value) for name, value in wanted.items()
                  if value is not None]
        records = self._again(params, tuple(statuses or ()), numbers)
        if records and not any(r.source_compute for r in records):
            self._missing['hosts'] = (
                'The hosts are hidden by a policy of this cloud '
                '(os_compute_api:os-migrations:index:host).')
        elif records:
            self._missing.pop('hosts', None)
        return [r for r in records
                if (uuids is None or r.instance_uuid in uuids) and
                (dest_compute is None or r.dest_compute == dest_compute)]

    def progress_microversion(self):
        """Return the microversion of the plugin, such as '2.105'.

        :raises Unsupported: the cloud is without the plugin
        :raises ClientError: the cloud does not answer
        """
        capabilities = self.capabilities()
        if capabilities.progress_microversion is None:
            raise errors.Unsupported(' '.join(capabilities.missing))
        return capabilities.progress_microversion

    def server(self, name_or_id):
        """Return a server as GET /servers/{id} shows it.

        :raises NotFound: there is none
        :raises Ambiguous: several have this name
        :raises ClientError: no good answer
        """
        return self._servers.find(name_or_id, self.capabilities().microversion)

    def server_names(self, uuids):
        """Return a mapping of servers' uuids to names.

        Names are remembered; one that cannot be found is missing.

        :raises ClientError: no good answer
        """
        return self._servers.names(
            list(uuids), self.capabilities().microversion)

    def _again(self, params, statuses, numbers):
        """List; discover the cloud again if it has changed meanwhile."""
        known = self._capabilities
        try:
            return self._listed(params, statuses, numbers)
        except errors.NotAcceptable:
            # The plugin was removed, or another API server answers.
            if known is None:
                raise
            self._capabilities = None
            self._missing.clear()
            return self._listed(params, statuses, numbers)

    def _listed(self, params, statuses, numbers):
        capabilities = self.capabilities()
        if capabilities.listing == discovery.PROGRESS:
            return self._entries(capabilities, params + [
                ('status', status) for status in statuses])
        if not statuses:
            records = self._entries(capabilities, params)
        else:
            found = {}
            for status in statuses:
                for entry in self._entries(capabilities,
                                           params + [('status', status)]):
                    found[entry.key] = entry
            # As the server sorts them.
            records = sorted(found.values(), key=_age, reverse=True)
        if numbers and capabilities.listing == discovery.SERVERS:
            try:
                records = fallback.fill(self._rest, capabilities.microversion,
                                        records)
            except errors.Forbidden as exc:
                self._capabilities = dataclasses.replace(
                    self._capabilities, listing=discovery.NONE)
                self._missing['numbers'] = (
                    'The numbers are hidden by a policy of this cloud (%s).'
                    % exc)
        return records

    def _entries(self, capabilities, params):
        """Return the records of a query, of our own project if we must."""
        self._check(capabilities, params)
        if any(name == 'project_id' for name, _value in params):
            return self._pages(capabilities, params)
        if self._project is None:
            try:
                return self._pages(capabilities, params)
            except errors.Forbidden:
                own = self._rest.project_id()
                if own is None or _older(capabilities, _PROJECTS):
                    raise
                self._project = own
        records = self._pages(capabilities, params + \
                              [('project_id', self._project)])
        self._missing['projects'] = (
            'Only migrations of your own project are shown: a policy of this '
            'cloud (os_compute_api:os-migrations:index:all_projects) hides '
            'the others.')
        return records

    def _pages(self, capabilities, params):
        records = []
        seen = set()
        marker = []
        for _page in range(_PAGES):
            body = self._rest.get(
    _PATH, params + marker, capabilities.microversion)
            page = [r for r in migration_record.from_body(body, _PATH)
                    if r.key not in seen]
            records.extend(page)
            seen.update(r.key for r in page)
            if not page or not body.get('migrations_links'):
                break
            marker = [('marker', page[-1].uuid)]
        return records

    @staticmethod
    def _check(capabilities, params):
        for name, needed in (('project_id', _PROJECTS),
                             ('user_id', _PROJECTS),
                             ('changes-since', _CHANGES)):
            if (name in (param for param, _value in params) and
                    _older(capabilities, needed)):
                raise errors.Unsupported(
                    'migrations cannot be selected by %s: this Nova knows '
                    'microversions up to %s, and that needs %s'
                    % (name, capabilities.microversion, needed))


def _age(entry):
    created_at = entry.created_at
    return created_at and created_at.timestamp() or 0.0, entry.id or 0


def _older(capabilities, microversion):
    return (discovery.parse_microversion(capabilities.microversion) <
            discovery.parse_microversion(microversion))


def _isotime(moment):
    if isinstance(moment, datetime.datetime):
        return moment.astimezone(datetime.timezone.utc).strftime(
            '%Y-%m-%dT%H:%M:%SZ')
    return moment
