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

"""How a request and its answer differ at the new microversion."""

import collections.abc
import typing
from urllib import parse

from nova.api.openstack.compute.views import migrations
from nova.api.openstack import wsgi
from nova.objects import migration as migration_obj

from nova_migprogress import migration_types
from nova_migprogress import statuses

_HOST_KEYS = frozenset(('dest_compute', 'dest_host', 'dest_node',
                        'source_compute', 'source_node'))


class RepeatedStatusRequest(wsgi.Request):
    """A request in which a repeated status filter is read as a list.

    The database layer takes a list of statuses already; only the reading of
    the query string, where the last value wins, is in the way. It is made
    from the environ of the original request and shares everything with it.
    """

    @property
    def GET(self) -> dict[str, typing.Any]:
        params = super().GET
        return {**params, 'status': params.getall('status')}


class ViewBuilder(migrations.ViewBuilder):
    """Entries with progress, and paging links that keep every status."""

    def build_entries(
            self, request: wsgi.Request,
            migrations: collections.abc.Iterable[migration_obj.Migration],
            keys: collections.abc.Iterable[str], add_host: bool
    ) -> list[dict[str, typing.Any]]:
        """Return the migrations as the new microversion shows them.

        :param migrations: hidden ones are left out
        :param keys: names of the object fields to show
        :param add_host: whether the caller may see hosts; they are null if not
        """
        hosts = {} if add_host else dict.fromkeys(_HOST_KEYS)
        # What all links begin with is the same in the whole answer.
        links = self._get_links(request, '', '')
        entries = []
        for migration in migrations:
            if migration.hidden:
                continue
            entry = {key: getattr(migration, key) for key in keys}
            entry.update(hosts)
            # As MigrationsController._output of
            # nova/api/openstack/compute/migrations.py links them.
            if (migration.status in statuses.LINKED_STATUSES and
                    migration.migration_type ==
                    migration_types.LIVE_MIGRATION):
                path = 'servers/%s/migrations/%s' % (
                    migration.instance_uuid, migration.id)
                entry['links'] = [
                    {'rel': link['rel'], 'href': link['href'] + path}
                    for link in links]
            entries.append(entry)
        return entries

    def _get_next_link(self, request: wsgi.Request, identifier: str,
                       collection_name: str) -> str:
        link = super()._get_next_link(request, identifier, collection_name)
        if not isinstance(request, RepeatedStatusRequest):
            return link
        # Nova's query string has room for one value of each parameter.
        params = dict(sorted(request.GET.items()), marker=identifier)
        return '%s?%s' % (link.partition('?')[0],
                          parse.urlencode(params, doseq=True))
