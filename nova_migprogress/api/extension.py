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

"""Put the new microversion into the compute API of this process."""

import inspect
import types

from nova.api.openstack import api_version_request
from nova.api.openstack.compute import extension_info
from nova.api.openstack.compute import migrations
from nova.api.openstack.compute import routes
from nova.api.openstack import wsgi
from nova.objects import migration as migration_obj
from oslo_log import log as logging
from oslo_utils import timeutils
from oslo_utils import uuidutils

from nova_migprogress.api import controller
from nova_migprogress.api import exception
from nova_migprogress.api import microversion
from nova_migprogress import fields

LOG = logging.getLogger(__name__)

#: By this alias in GET /extensions a client finds the plugin.
ALIAS = 'os-migration-progress'

_STOCK = migrations.MigrationsController
_ROUTE = '/os-migrations'


def _resource():
    return wsgi.Resource(controller.MigrationsController())


def _methods():
    """Return the mutable mapping of HTTP methods to Nova's controller."""
    found = [methods for path, methods in routes.ROUTE_LIST if path == _ROUTE]
    if len(found) != 1 or found[0].get('GET', [None])[1:] != ['index']:
        raise exception.Unsupported(
            'its route %s is not one GET to index' % _ROUTE)
    return found[0]


def _stock_keys():
    """Return the keys that Nova's own view shows at its newest microversion.

    Found by running it, which holds for every release.
    """
    values = dict.fromkeys(migration_obj.Migration.fields)
    values.update(id=1, uuid=uuidutils.generate_uuid(), hidden=False,
                  migration_type='migration', cross_cell_move=False,
                  deleted=False, created_at=timeutils.utcnow())
    entries = _STOCK._output(
        None, None, migration_obj.MigrationList(
            objects=[migration_obj.Migration(**values)]),
        add_link=True, add_uuid=True, add_user_project=True)
    return set(entries[0])


def _check_controller():
    """Raise Unsupported unless Nova's controller is the one we build on."""
    if hasattr(_STOCK, 'versioned_methods'):
        raise exception.Unsupported(
            'its os-migrations controller has one method for each range of '
            'microversions, as Nova 31 and older have')
    for name in ('index', '_output'):
        stock = inspect.signature(getattr(_STOCK, name))
        ours = inspect.signature(
            getattr(controller.MigrationsController, name))
        if stock != ours:
            raise exception.Unsupported(
                'MigrationsController.%s%s is not %s' % (name, stock, ours))
    unlike = _stock_keys() ^ (set(controller.KEYS) - set(fields.NAMES))
    if unlike:
        raise exception.Unsupported(
            'an entry of os-migrations differs in the keys %s'
            % ', '.join(sorted(unlike)))
    schemas = getattr(_STOCK.index, 'request_query_schemas', None)
    if schemas is not None:
        newest = schemas(types.SimpleNamespace(
            api_version_request=api_version_request.max_api_version()))
        unlike = set(newest['properties']) ^ set(
            controller.QUERY['properties'])
        if unlike:
            raise exception.Unsupported(
                'os-migrations differs in the query parameters %s'
                % ', '.join(sorted(unlike)))


def _entry(version):
    return {
        'alias': ALIAS,
        'description': 'Progress of migrations in GET /os-migrations, from '
                       'microversion %s.' % version,
        'links': [],
        'name': 'MigrationProgress',
        'namespace': 'http://docs.openstack.org/compute/ext/fake_xml',
        'updated': '2026-01-01T00:00:00Z',
    }


def install():
    """Bump the microversion, replace the controller, list the extension.

    May be called repeatedly and takes effect once. Routers that exist already
    are not affected.

    :raises: Unsupported, and nothing is changed, when Nova does not look as
        expected
    """
    extensions = extension_info.EXTENSION_LIST
    if any(extension['alias'] == ALIAS for extension in extensions):
        return
    methods = _methods()
    _check_controller()
    version = microversion.bump()
    methods['GET'] = [_resource, 'index']
    extensions.append(_entry(version))
    LOG.info('GET %s reports the progress of migrations from microversion '
             '%s.', _ROUTE, version)
