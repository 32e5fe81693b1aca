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

"""The compute API of the sandbox, as any client sees it."""

import typing

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ks_exceptions
from keystoneauth1 import session
from keystoneauth1 import token_endpoint

from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import settings

#: Token of the administrator; see sandbox.fakes.auth.
TOKEN = 'admin'
#: What the sandbox itself speaks, whatever the cloud offers.
MICROVERSION = '2.96'

#: An object of the API as it came: a server, or an entry of
#: GET /os-migrations.
JSONObject = dict[str, typing.Any]


def endpoint(layout: layout_mod.Layout) -> str:
    """The URL of the compute API.

    :raises NotRunning: if there is none
    """
    port = settings.load(layout)['api_port']
    if not port or not layout.marker.exists():
        raise exception.NotRunning(
            'The sandbox is not up: run "python -m sandbox up".')
    return 'http://127.0.0.1:%d/v2.1' % port


class Client:
    """GET, POST and DELETE with JSON; errors carry the API's message."""

    def __init__(self, layout: layout_mod.Layout,
                 timeout: typing.Optional[float] = None) -> None:
        """Nothing is sent yet.

        :param timeout: seconds for an answer; with one nothing is retried
        """
        self.adapter = adapter.Adapter(
            session.Session(
                auth=token_endpoint.Token(endpoint(layout), TOKEN),
                timeout=timeout),
            service_type='compute', endpoint_override=endpoint(layout),
            connect_retries=0 if timeout else 2)

    def request(self, method: str, path: str,
                microversion: typing.Optional[str] = MICROVERSION,
                body: typing.Optional[JSONObject] = None) -> typing.Any:
        """Send a request; returns the parsed answer, None for an empty one.

        :raises SandboxError: if the API refuses or does not answer
        """
        try:
            response = self.adapter.request(
                path, method, microversion=microversion, json=body,
                headers={'Accept': 'application/json'})
        except ks_exceptions.ClientException as exc:
            raise exception.SandboxError(
                '%s %s: %s' % (method, path, exc))
        return response.json() if response.content else None

    def get(self, path: str,
            microversion: typing.Optional[str] = MICROVERSION) -> typing.Any:
        return self.request('GET', path, microversion)

    def post(self, path: str, body: JSONObject) -> typing.Any:
        return self.request('POST', path, body=body)

    def delete(self, path: str) -> typing.Any:
        return self.request('DELETE', path)

    def maximum(self) -> str:
        """The newest microversion that the API announces."""
        version: str = self.get('/', microversion=None)['version']['version']
        return version

    def migrations(self, microversion: str = MICROVERSION,
                   **filters: str) -> list[JSONObject]:
        """The entries of GET /os-migrations."""
        query = '&'.join('%s=%s' % item for item in sorted(filters.items()))
        entries: list[JSONObject] = self.get(
            '/os-migrations' + ('?' + query if query else ''),
            microversion=microversion)['migrations']
        return entries

    def servers(self) -> list[JSONObject]:
        """All servers, with their details."""
        servers: list[JSONObject] = self.get(
            '/servers/detail?all_tenants=1')['servers']
        return servers

    def show_server(self, server_id: str) -> JSONObject:
        """One server, with its details."""
        server: JSONObject = self.get('/servers/' + server_id)['server']
        return server

    def server(self, name: str) -> JSONObject:
        """A server as the API shows it, found by its name or id.

        :raises NotFound: if there is none
        """
        servers = self.servers()
        for server in servers:
            if name in (server['name'], server['id']):
                return server
        raise exception.NotFound(
            'There is no server %s; the servers are: %s.'
            % (name, ', '.join(sorted(s['name'] for s in servers)) or 'none'))


def shift_microversion(microversion: str, by: int) -> str:
    """The microversion so many after another one, or before it."""
    major, minor = microversion.split('.')
    return '%s.%d' % (major, int(minor) + by)


def compute_host(server: JSONObject) -> str:
    """The compute host on which the API says a server is."""
    host: str = server['OS-EXT-SRV-ATTR:host']
    return host


def task_state(server: JSONObject) -> typing.Optional[str]:
    """What Nova is doing with a server, None if nothing."""
    state: typing.Optional[str] = server['OS-EXT-STS:task_state']
    return state
