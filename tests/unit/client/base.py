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

"""A compute API of canned answers."""

from urllib import parse

from keystoneauth1 import session
from keystoneauth1 import token_endpoint
from oslotest import base
from requests_mock.contrib import fixture

from nova_migprogress.client import cloud
from nova_migprogress.client import discovery

URL = 'http://compute.example.com/v2.1'

EXTENSIONS = {'extensions': [
    {'alias': 'os-admin-actions', 'description': 'microversion 2.5'},
    {'alias': discovery.ALIAS, 'description':
     'Progress of migrations in GET /os-migrations, from microversion '
     '2.105.'}]}


def entry(number, **values):
    """Return a migration as the API shows it."""
    found = {'id': number, 'uuid': 'uuid-%d' % number,
             'instance_uuid': 'server-%d' % number, 'status': 'running',
             'migration_type': 'live-migration', 'source_compute': 'host1',
             'dest_compute': 'host2', 'source_node': 'host1',
             'dest_node': 'host2', 'dest_host': '192.0.2.2',
             'created_at': '2026-01-29T11:00:00.000000',
             'updated_at': '2026-01-29T11:01:00.000000',
             'user_id': 'user', 'project_id': 'project',
             'memory_total': 4000, 'memory_processed': 2000,
             'memory_remaining': 2000, 'disk_total': 0, 'disk_processed': 0,
             'disk_remaining': 0}
    found.update(values)
    return found


def version(maximum, minimum='2.1'):
    """Return what the endpoint says of its microversions."""
    return {'version': {
        'id': 'v2.1', 'status': 'CURRENT', 'version': maximum,
        'min_version': minimum,
        'links': [{'rel': 'self', 'href': URL + '/'}]}}


def query(request):
    """Return the query parameters of a request, each a list of values."""
    return parse.parse_qs(parse.urlsplit(request.url).query)


class Auth(token_endpoint.Token):
    """A token for a project that can be set, None for an unknown one."""

    project = None

    def get_project_id(self, session, **kwargs):
        return self.project


class ClientTestCase(base.BaseTestCase):
    """Has a Cloud whose answers come from self.api, a requests-mock."""

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixture.Fixture())
        self.auth = Auth(URL, 'token')
        self.session = session.Session(auth=self.auth)
        self.cloud = cloud.Cloud.from_session(self.session)

    def answer(self, path, body=None, **kwargs):
        """Answer GETs of a path."""
        if body is not None:
            kwargs['json'] = body
        return self.api.get(URL + path, **kwargs)

    def use_plugin(self, *entries):
        """Answer as a cloud with the plugin and these migrations."""
        self.answer('/extensions', EXTENSIONS)
        return self.answer('/os-migrations', {'migrations': list(entries)})

    def use_stock(self, *entries, maximum='2.104'):
        """Answer as stock Nova, which takes one status at a time."""
        def select(request, context):
            status = query(request).get('status', [None])[-1]
            return {'migrations': [
                found for found in entries
                if status in (None, found['status'])]}

        self.answer('/extensions', {'extensions': []})
        self.answer('', version(maximum))
        return self.answer('/os-migrations', select)
