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

"""Base of the client's tests: keystoneauth sessions into a real API."""

from keystoneauth1 import noauth
from keystoneauth1 import session
from nova import context
from nova.network import model as network_model
from nova import objects
from nova.tests import fixtures as nova_fixtures
import requests

from nova_migprogress.client import cloud
from tests.functional.api import base
from tests.functional import fixtures


class Auth(noauth.NoAuth):
    """Says who the caller is in the way of Nova's API fixture."""

    def __init__(self, endpoint, caller, project):
        super().__init__(endpoint=endpoint)
        self._caller = caller
        self._project = project

    def get_headers(self, session, **kwargs):
        user, roles = self._caller
        return {'X-Auth-Token': 'token', 'X-Auth-User': user,
                'X-Auth-Project-Id': self._project,
                'X-Roles': ','.join(roles)}

    def get_project_id(self, session, **kwargs):
        return self._project


class Requests(requests.Session):
    """Keeps the requests that were made, as 'path?query'."""

    def __init__(self):
        super().__init__()
        self.made = []

    def send(self, request, **kwargs):
        self.made.append(request.path_url)
        return super().send(request, **kwargs)

    def take(self):
        """Return those since the last call."""
        made, self.made = self.made, []
        return made


class ClientTestCase(base.APITestCase):
    """A Cloud, or any other client, on a real API."""

    def use_session(self, caller=fixtures.ADMIN,
                    project=nova_fixtures.PROJECT_ID):
        """Return a keystoneauth session; its requests are noted."""
        self.requests = Requests()
        return session.Session(
            auth=Auth(self.api.endpoint, caller, project),
            session=self.requests)

    def use_cloud(self, **kwargs):
        """Return a Cloud; parameters are use_session's."""
        return cloud.Cloud.from_session(self.use_session(**kwargs))

    def add_server(self, uuid, name, project=nova_fixtures.PROJECT_ID,
                   task_state='migrating', cell='cell1'):
        """Insert a server that is being migrated."""
        admin = context.get_admin_context()
        admin.project_id = project
        admin.user_id = 'user'
        mapping = self.cell_mappings[cell]
        with context.target_cell(admin, mapping) as cctxt:
            objects.Instance(
                cctxt, uuid=uuid, display_name=name, project_id=project,
                info_cache=objects.InstanceInfoCache(
                    network_info=network_model.NetworkInfo()),
                user_id='user', host='compute1',
                vm_state='active', task_state=task_state,
                flavor=objects.Flavor(
                    id=1, flavorid='1', name='m1', memory_mb=512, vcpus=1,
                    root_gb=1, ephemeral_gb=0, swap=0, rxtx_factor=1.0,
                    vcpu_weight=1, disabled=False, is_public=True,
                    extra_specs={}),
                old_flavor=None, new_flavor=None,
                system_metadata={}, metadata={}).create()
        objects.InstanceMapping(
            admin, instance_uuid=uuid, project_id=project, user_id='user',
            cell_mapping=mapping).create()
