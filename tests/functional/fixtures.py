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

"""A real Nova API in the test's process, with the plugin or without it."""

import importlib.metadata
import pathlib

import fixtures
from nova.api import wsgi
import nova.conf
from nova.tests import fixtures as nova_fixtures
import webob

from tests import untouched_nova

CONF = nova.conf.CONF

ROOT = pathlib.Path(__file__).parents[2]

#: The changed paste file that this project ships.
PASTE = ROOT / 'etc' / 'nova' / 'api-paste.ini'

#: The caller of requests that name none, as in Nova's own fixtures.
ADMIN = ('admin', ('reader', 'member', 'admin'))
MANAGER = ('manager', ('reader', 'member', 'manager'))
MEMBER = ('member', ('reader', 'member'))
READER = ('reader', ('reader',))


def stock_paste():
    """Return the path of the api-paste.ini that the nova package ships."""
    for path in importlib.metadata.files('nova'):
        if path.name == 'api-paste.ini':
            return pathlib.Path(path.locate()).resolve()
    raise LookupError('the nova distribution lists no api-paste.ini')


class API(fixtures.Fixture):
    """Nova's API, loaded by paste, without a socket.

    :param plugin: whether it is loaded by the paste file of this project or
        by Nova's own
    """

    def __init__(self, plugin=True):
        super().__init__()
        self.paste = PASTE if plugin else stock_paste()

    def _setUp(self):
        self.useFixture(untouched_nova.UntouchedNova())
        CONF.set_override('api_paste_config', str(self.paste), group='wsgi')
        self.addCleanup(CONF.clear_override, 'api_paste_config', group='wsgi')
        osapi = self.useFixture(nova_fixtures.OSAPIFixture())
        self._app = osapi.app()
        #: URL of it for clients that use requests.
        self.endpoint = osapi.base_url

    def beside(self, plugin):
        """Return a second API in this process, for as long as this one."""
        other = API(plugin=plugin)
        other._app = wsgi.Loader(str(other.paste)).load_app('osapi_compute')
        return other

    def get(self, path, version=None, caller=ADMIN,
            project=nova_fixtures.PROJECT_ID, headers=None):
        """Send one GET through the whole pipeline.

        :param version: the microversion to ask for, or None for none
        :param caller: user id and roles
        :returns: a webob.Response
        """
        user, roles = caller
        request = webob.Request.blank(
            path, base_url='http://openstack.example.com')
        request.headers.update({
            'X-Auth-User': user, 'X-Auth-Project-Id': project,
            'X-Roles': ','.join(roles)})
        if version is not None:
            request.headers['OpenStack-API-Version'] = 'compute ' + version
        request.headers.update(headers or {})
        return request.get_response(self._app)
