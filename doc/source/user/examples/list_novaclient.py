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

import os

from keystoneauth1 import session
from keystoneauth1 import token_endpoint

auth = token_endpoint.Token(os.environ['OS_ENDPOINT'], os.environ['OS_TOKEN'])
keystone_session = session.Session(auth=auth)

# begin
from novaclient import api_versions
from novaclient import client

nova = client.Client('2.96', session=keystone_session)
# novaclient 18.13 checks the microversion only when the client is made.
nova.api_version = api_versions.APIVersion('2.105')
for migration in nova.migrations.list():
    print(migration.uuid, migration.status,
          migration.memory_remaining, migration.memory_total)
# end
