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

"""openstacksdk's migrations with their progress.

openstacksdk has a resource for migrations since 0.99.
"""

from collections import abc
import typing

from openstack.compute.v2 import migration
from openstack import resource

from nova_migprogress.client import cloud
from nova_migprogress import statuses as migration_statuses

if typing.TYPE_CHECKING:
    from openstack import connection as sdk_connection


class Migration(migration.Migration):
    """A migration with the six numbers: bytes or None.

    At which microversion the server has them differs between clouds:
    :func:`migration_class` says so.
    """

    #: The id, unique within a cell only.
    migration_id = resource.Body('id', type=int)
    memory_total = resource.Body('memory_total', type=int)
    memory_processed = resource.Body('memory_processed', type=int)
    memory_remaining = resource.Body('memory_remaining', type=int)
    disk_total = resource.Body('disk_total', type=int)
    disk_processed = resource.Body('disk_processed', type=int)
    disk_remaining = resource.Body('disk_remaining', type=int)


def migration_class(connection: 'sdk_connection.Connection'
                    ) -> type[Migration]:
    """Return the Migration class at the microversion of a cloud.

    :param connection: an openstack.connection.Connection
    :raises Unsupported: the cloud is without the plugin
    :raises ClientError: the cloud does not answer
    """
    microversion = cloud.Cloud.from_sdk(connection).progress_microversion()
    return type('Migration', (Migration,), {
        '__module__': __name__, '_max_microversion': microversion})


def migrations(connection: 'sdk_connection.Connection',
               statuses: abc.Iterable[str] = (
                   migration_statuses.IN_PROGRESS_STATUSES),
               **query: typing.Any) -> abc.Iterator[Migration]:
    """Generate the Migrations with any of the statuses.

    One request where all fit on one page, and one for what the cloud offers.

    :param connection: an openstack.connection.Connection
    :param query: query parameters, as connection.compute.migrations takes
    :raises Unsupported: the cloud is without the plugin
    :raises ClientError: the cloud does not answer
    """
    found = migration_class(connection)
    return found.list(connection.compute, status=list(statuses), **query)
