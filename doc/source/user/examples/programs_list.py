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
from nova_migprogress import client

nova = client.Cloud.from_session(keystone_session, region_name='RegionOne')

for sentence in nova.capabilities().missing:
    print('note:', sentence)
records = nova.migrations(host='compute1')
names = nova.server_names(record.instance_uuid for record in records)
for record in records:
    name = names.get(record.instance_uuid, record.instance_uuid)
    percent = 'unknown' if record.percent is None else '%d %%' % record.percent
    # A name may hold anything, escapes of the terminal too.
    print(ascii(name), record.status, percent, record.remaining)
# end
