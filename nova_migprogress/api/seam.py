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

"""Whether the installed Nova's os-migrations is the one we build on.

Nothing here changes Nova. Each check says in its error what it found.
"""

import inspect
import types
import typing

from nova.api.openstack import api_version_request
from nova.api.openstack.compute import migrations
from nova.api.openstack.compute import routes
from nova.objects import migration as migration_obj
from oslo_utils import timeutils
from oslo_utils import uuidutils

from nova_migprogress import api_schema
from nova_migprogress import exception
from nova_migprogress import fields
from nova_migprogress import migration_types

ROUTE = '/os-migrations'

_STOCK = migrations.MigrationsController

#: The methods that the controller overrides, with their parameters.
_OVERRIDDEN = {
    'index': '(self, req)',
    '_output': '(self, req, migrations_obj, add_link=False, add_uuid=False, '
               'add_user_project=False, add_host=True)',
}


def find_methods() -> dict[str, list[typing.Any]]:
    """Return the mutable mapping of HTTP methods to Nova's controller.

    As in nova/api/openstack/compute/routes.py, the value is a factory of a
    controller and the name of its method.

    :raises UnsupportedNova: the route is not a single GET to index
    """
    found = [methods for path, methods in routes.ROUTE_LIST if path == ROUTE]
    if len(found) != 1 or found[0].get('GET', [None])[1:] != ['index']:
        raise exception.UnsupportedNova(
            'its route %s is not one GET to index' % ROUTE)
    return found[0]


def _stock_keys() -> set[str]:
    """Return the keys that Nova's own view shows at its newest microversion.

    Found by running it, which holds for every release.
    """
    values = dict.fromkeys(migration_obj.Migration.fields)
    values.update(id=1, uuid=uuidutils.generate_uuid(), hidden=False,
                  migration_type=migration_types.COLD_MIGRATION,
                  cross_cell_move=False,
                  deleted=False, created_at=timeutils.utcnow())
    entries = _STOCK._output(
        None, None, migration_obj.MigrationList(
            objects=[migration_obj.Migration(**values)]),
        add_link=True, add_uuid=True, add_user_project=True)
    return set(entries[0])


def _stock_filters() -> typing.Optional[set[str]]:
    """Return the query parameters of Nova's newest microversion.

    None when Nova (32 and older) does not tell.
    """
    schemas = getattr(_STOCK.index, 'request_query_schemas', None)
    if schemas is None:
        return None
    newest = schemas(types.SimpleNamespace(
        api_version_request=api_version_request.max_api_version()))
    return set(newest['properties'])


def check() -> None:
    """Check the route, the controller's methods, its view and its filters.

    :raises UnsupportedNova: one of them is not as expected
    """
    find_methods()
    if hasattr(_STOCK, 'versioned_methods'):
        raise exception.UnsupportedNova(
            'its os-migrations controller has one method for each range of '
            'microversions, as Nova 31 and older have')
    for name, expected in _OVERRIDDEN.items():
        found = str(inspect.signature(getattr(_STOCK, name)))
        if found != expected:
            raise exception.UnsupportedNova(
                'MigrationsController.%s%s is not %s'
                % (name, found, expected))
    entry = api_schema.load('os-migrations/response')[
        'properties']['migrations']['items']
    unlike = _stock_keys() ^ (set(entry['required']) - set(fields.NAMES))
    if unlike:
        raise exception.UnsupportedNova(
            'an entry of os-migrations differs in the keys %s'
            % ', '.join(sorted(unlike)))
    filters = _stock_filters()
    if filters is not None:
        unlike = filters ^ set(
            api_schema.load('os-migrations/query')['properties'])
        if unlike:
            raise exception.UnsupportedNova(
                'os-migrations differs in the query parameters %s'
                % ', '.join(sorted(unlike)))
