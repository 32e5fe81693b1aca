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

import re
import uuid

from nova_migprogress.client import errors

_LIST = '/servers'
_DETAIL = '/servers/detail'

#: Statuses of servers that are being migrated. Not VERIFY_RESIZE: Nova looks
#: for each by vm_state and task_state, and with that one among them it would
#: return every active server.
_MIGRATING = ('MIGRATING', 'RESIZE')

#: At most so many servers are asked for their names one by one.
_SINGLE = 10

#: Pages of a list of servers after which it is left.
_PAGES = 20


class Servers:
    """Looks servers up, and remembers their names."""

    def __init__(self, rest):
        self._rest = rest
        self._names = {}
        self._all = True

    def find(self, name_or_id, microversion):
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
        # Nova takes the name for a regular expression of its database.
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

    def names(self, uuids, microversion):
        """Return a mapping of ids to names.

        One request, for all servers that are being migrated, when a name is
        not known yet; a few more for those that it does not bring. A server
        whose name cannot be found is missing from the mapping and is not
        asked for again.

        :raises ClientError: no good answer
        """
        wanted = [uuid for uuid in uuids if uuid not in self._names]
        if wanted:
            self._learn(self._list(
                _LIST, [('status', status) for status in _MIGRATING],
                microversion))
        wanted = [uuid for uuid in wanted if uuid not in self._names]
        for server in wanted[:_SINGLE]:
            try:
                self._learn([self._show(server, microversion)])
            except errors.Rejected:
                pass
        for server in wanted:
            self._names.setdefault(server, None)
        return {uuid: self._names[uuid] for uuid in uuids
                if self._names[uuid] is not None}

    def _learn(self, servers):
        for server in servers:
            name = server.get('name')
            if isinstance(name, str):
                self._names[server.get('id')] = name

    def _show(self, server, microversion):
        path = '%s/%s' % (_LIST, server)
        found = self._rest.get(path, microversion=microversion).get('server')
        if not isinstance(found, dict):
            raise errors.InvalidAnswer('GET %s: server is %.100r, which is '
                                       'not an object' % (path, found))
        return found

    def _list(self, path, params, microversion):
        """Return the servers of all projects, or of ours if we must."""
        if self._all:
            try:
                return self._pages(path, params + [('all_tenants', '1')],
                                   microversion)
            except errors.Forbidden:
                self._all = False
        return self._pages(path, params, microversion)

    def _pages(self, path, params, microversion):
        servers = []
        marker = []
        for _page in range(_PAGES):
            body = self._rest.get(path, params + marker, microversion)
            page = body.get('servers')
            if not isinstance(page, list) or not all(
                    isinstance(server, dict) for server in page):
                raise errors.InvalidAnswer(
                    'GET %s: servers is %.100r, which is not a list of '
                    'objects' % (path, page))
            servers.extend(page)
            if not page or not body.get('servers_links'):
                break
            marker = [('marker', str(page[-1].get('id')))]
        return servers


def _is_uuid(value):
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
