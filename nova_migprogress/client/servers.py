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

"""Servers by name, and names of servers."""

from collections import abc
import re
import typing
import uuid

from nova_migprogress.client import errors
from nova_migprogress.client import paging
from nova_migprogress.client import rest as client_rest

#: A server, as the compute API shows it.
Server = dict[str, typing.Any]

_LIST = '/servers'
_DETAIL = '/servers/detail'

#: Statuses of servers that are being migrated. Not VERIFY_RESIZE: Nova looks
#: for all vm_states and all task_states of the statuses, in any combination
#: (task_and_vm_state_from_status of nova/api/openstack/common.py), and with
#: that one among them it would return every active server.
_MIGRATING = ('MIGRATING', 'RESIZE')

#: At most so many servers are asked for their names one by one.
_SINGLE = 10

#: Pages of a list of servers after which it is left.
_PAGES = 20


class Servers:
    """Looks servers up, and remembers their names."""

    def __init__(self, rest: client_rest.Rest) -> None:
        self._rest = rest
        self._scope = paging.ProjectScope([('all_tenants', '1')], list)
        #: By uuid; None for one that cannot be found.
        self._names: dict[str, typing.Optional[str]] = {}

    def find(self, name_or_id: str, microversion: str) -> Server:
        """Return a server as GET /servers/{id} shows it.

        :raises NotFound: there is none
        :raises Ambiguous: several have this name
        :raises ClientError: no good answer
        """
        if _is_uuid(name_or_id):
            try:
                return self._show(name_or_id, microversion)
            except errors.NotFound:
                pass
        # Nova takes the name for a regular expression of its database
        # (_regex_instance_filter of nova/db/main/api.py).
        params = [('name', '^%s$' % re.escape(name_or_id))]
        found = [server for server in self._list(_DETAIL, params, microversion)
                 if server.get('name') == name_or_id]
        if not found:
            raise errors.NotFound('no server has the name or ID %r'
                                  % name_or_id)
        if len(found) > 1:
            raise errors.Ambiguous(
                '%d servers have the name %r: %s' % (
                    len(found), name_or_id,
                    ', '.join(str(server.get('id')) for server in found)))
        return found[0]

    def names(self, uuids: abc.Sequence[str],
              microversion: str) -> dict[str, str]:
        """Return a mapping of ids to names.

        One request, for all servers that are being migrated, when a name is
        not known yet; a few more for those that it does not bring. A server
        whose name cannot be found is missing from the mapping and is not
        asked for again.

        :raises ClientError: no good answer
        """
        wanted = [server for server in uuids if server not in self._names]
        if wanted:
            self._learn(self._list(
                _LIST, [('status', status) for status in _MIGRATING],
                microversion))
        wanted = [server for server in wanted if server not in self._names]
        for server in wanted[:_SINGLE]:
            try:
                self._learn([self._show(server, microversion)])
            except errors.Rejected:
                pass
        for server in wanted:
            self._names.setdefault(server, None)
        known = ((server, self._names[server]) for server in uuids)
        return {server: name for server, name in known if name is not None}

    def _learn(self, servers: abc.Iterable[Server]) -> None:
        for server in servers:
            key, name = server.get('id'), server.get('name')
            if isinstance(key, str) and isinstance(name, str):
                self._names[key] = name

    def _show(self, server: str, microversion: str) -> Server:
        path = '%s/%s' % (_LIST, server)
        found = self._rest.get(path, microversion=microversion).get('server')
        if not isinstance(found, dict):
            raise errors.InvalidAnswer('GET %s: server is %.100r, which is '
                                       'not an object' % (path, found))
        return found

    def _list(self, path: str, params: abc.Sequence[client_rest.Param],
              microversion: str) -> list[Server]:
        """Return the servers of all projects, or of ours if we must."""
        return self._scope.read(lambda projects: [
            server for page in paging.read_pages(
                self._rest, path, [*params, *projects], microversion,
                name='servers', parse=_parse_servers,
                get_marker=lambda server: str(server.get('id')), most=_PAGES)
            for server in page])


def _parse_servers(body: dict[str, typing.Any], path: str) -> list[Server]:
    """Return the servers of an answer.

    :param path: what was asked for, for the message
    :raises InvalidAnswer: it is not a list of servers
    """
    servers = body.get('servers')
    if not isinstance(servers, list) or not all(
            isinstance(server, dict) for server in servers):
        raise errors.InvalidAnswer(
            'GET %s: servers is %.100r, which is not a list of objects'
            % (path, servers))
    return servers


def _is_uuid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
