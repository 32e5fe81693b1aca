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

from openstack import connection

cloud = connection.Connection(
    auth_type='admin_token', compute_endpoint_override=os.environ[
        'OS_ENDPOINT'],
    auth={'endpoint': os.environ['OS_ENDPOINT'],
          'token': os.environ['OS_TOKEN']})

# begin
from nova_migprogress.client import sdk

for migration in sdk.migrations(cloud, host='compute1'):
    print(migration.uuid, migration.server_id, migration.status,
          migration.memory_remaining, migration.memory_total)
# end
