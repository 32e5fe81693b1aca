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

import typing

from nova.api.openstack.compute import extension_info
from nova.api.openstack import wsgi
from oslo_log import log as logging

from nova_migprogress.api import microversion
from nova_migprogress.api import seam

LOG = logging.getLogger(__name__)

#: By this alias in GET /extensions a client finds the plugin.
ALIAS = 'os-migration-progress'


def _describe_extension(version: str) -> dict[str, typing.Any]:
    """Return the extension as GET /extensions shows it.

    :param version: the microversion, by which a client finds it
    """
    return {
        'alias': ALIAS,
        'description': 'Progress of migrations in GET /os-migrations, from '
                       'microversion %s.' % version,
        'links': [],
        'name': 'MigrationProgress',
        # Nova's schema wants one; it is the same for all its extensions.
        'namespace': extension_info.EXTENSION_LIST[0]['namespace'],
        'updated': '2026-11-23T00:00:00Z',
    }


def install() -> None:
    """Bump the microversion, replace the controller, list the extension.

    May be called repeatedly and takes effect once. Routers that exist already
    are not affected.

    :raises UnsupportedNova: Nova does not look as expected; nothing is
        changed
    """
    extensions = extension_info.EXTENSION_LIST
    if any(extension['alias'] == ALIAS for extension in extensions):
        return
    seam.check()
    # Only now: the module builds on what has just been checked.
    from nova_migprogress.api import controller
    version = microversion.bump()
    seam.find_methods()['GET'] = [
        lambda: wsgi.Resource(controller.MigrationsController()), 'index']
    extensions.append(_describe_extension(version))
    LOG.info('GET %s reports the progress of migrations from microversion '
             '%s.', seam.ROUTE, version)
