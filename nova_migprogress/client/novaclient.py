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

"""python-novaclient at the microversion of the progress.

python-novaclient knows microversions up to 2.96, and from 18.13 on refuses
later ones when a client is made. It needs no more than the number to send
them, and its migrations have every key of the answer as an attribute.
"""

from collections import abc
import typing
from urllib import parse

from keystoneauth1 import session as ksa_session
import novaclient
from novaclient import api_versions
from novaclient import client

from nova_migprogress.client import cloud
from nova_migprogress import statuses as migration_statuses

if typing.TYPE_CHECKING:
    from novaclient.v2 import client as v2_client
    from novaclient.v2 import migrations as v2_migrations


def connect(session: ksa_session.Session,
            microversion: typing.Optional[str] = None,
            **kwargs: typing.Any) -> 'v2_client.Client':
    """Make a novaclient.v2.client.Client whose migrations have progress.

    :param session: a keystoneauth1 Session
    :param microversion: such as '2.105'; asked of the cloud unless given
    :param kwargs: more for novaclient.client.Client, such as region_name
    :raises Unsupported: the cloud is without the plugin
    :raises ClientError: the cloud does not answer
    """
    if microversion is None:
        names = {'endpoint_type': 'interface'}
        adapter = {names.get(name, name): kwargs[name] for name in (
            'endpoint_override', 'endpoint_type', 'region_name',
            'service_name', 'service_type') if name in kwargs}
        microversion = cloud.Cloud.from_session(
            session, **adapter).progress_microversion()
    nova = client.Client(novaclient.API_MAX_VERSION, session=session, **kwargs)
    # Only making a client checks it (check_version of
    # novaclient/api_versions.py).
    nova.api_version = api_versions.APIVersion(microversion)
    return nova


def migrations(nova: 'v2_client.Client',
               statuses: abc.Iterable[str] = (
                   migration_statuses.IN_PROGRESS_STATUSES),
               **filters: typing.Any) -> list['v2_migrations.Migration']:
    """Return novaclient's Migration resources with any of the statuses.

    One request. ``nova.migrations.list`` takes one status only.

    :param nova: what connect() has returned
    :param filters: query parameters of GET /os-migrations, with _ for -
    :raises novaclient.exceptions.ClientException: as any call of it
    """
    query = {name.replace('_', '-') if name.startswith('changes') else name:
             value for name, value in filters.items()}
    query['status'] = list(statuses)
    _response, body = nova.client.get(
        '/os-migrations?' + parse.urlencode(query, doseq=True))
    manager = nova.migrations
    return [manager.resource_class(manager, entry, loaded=True)
            for entry in body['migrations']]
