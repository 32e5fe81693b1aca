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
from nova_migprogress.client import novaclient

nova = novaclient.connect(keystone_session, region_name='RegionOne')
for migration in nova.migrations.list(status='running'):
    print(migration.uuid, migration.memory_remaining, migration.memory_total)

# Every status in one request, which migrations.list() cannot.
for migration in novaclient.migrations(nova, host='compute1'):
    print(migration.uuid, migration.status, migration.disk_remaining)
# end
