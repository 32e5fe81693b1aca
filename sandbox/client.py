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

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ks_exceptions
from keystoneauth1 import session
from keystoneauth1 import token_endpoint

from sandbox import exception
from sandbox import settings

#: Token of the administrator; see sandbox.fakes.auth.
TOKEN = 'admin'
#: What the sandbox itself speaks, whatever the cloud offers.
MICROVERSION = '2.96'


def endpoint(layout):
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

    def __init__(self, layout, timeout=None):
        """Nothing is sent yet.

        :param timeout: seconds for an answer; with one nothing is retried
        """
        self.adapter = adapter.Adapter(
            session.Session(
                auth=token_endpoint.Token(endpoint(layout), TOKEN),
                timeout=timeout),
            service_type='compute', endpoint_override=endpoint(layout),
            connect_retries=0 if timeout else 2)

    def request(self, method, path, microversion=MICROVERSION, body=None):
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

    def get(self, path, **kwargs):
        return self.request('GET', path, **kwargs)

    def post(self, path, body, **kwargs):
        return self.request('POST', path, body=body, **kwargs)

    def delete(self, path, **kwargs):
        return self.request('DELETE', path, **kwargs)

    def maximum(self):
        """The newest microversion that the API announces."""
        return self.get('/', microversion=None)['version']['version']

    def migrations(self, microversion=MICROVERSION, **filters):
        """The entries of GET /os-migrations."""
        query = '&'.join('%s=%s' % item for item in sorted(filters.items()))
        return self.get('/os-migrations' + ('?' + query if query else ''),
                        microversion=microversion)['migrations']

    def server(self, name):
        """A server as the API shows it, found by its name.

        :raises NotFound: if there is none
        """
        servers = self.get('/servers/detail?all_tenants=1')['servers']
        for server in servers:
            if name in (server['name'], server['id']):
                return server
        raise exception.NotFound(
            'There is no server %s; the servers are: %s.'
            % (name, ', '.join(sorted(s['name'] for s in servers)) or 'none'))


def host_of(server):
    """The compute host on which the API says a server is."""
    return server['OS-EXT-SRV-ATTR:host']
