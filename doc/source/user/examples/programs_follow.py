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
from nova_migprogress import convergence

nova = client.Cloud.from_session(keystone_session)
follower = client.Follower(nova, {'source_compute': 'compute1'})

for snapshot in follower.snapshots():
    if snapshot.error:
        print('no answer for', snapshot.age, 'seconds:', snapshot.error)
        continue
    for tracked in snapshot.tracked:
        verdict = tracked.assessment.verdict
        if verdict == tracked.previous_verdict:
            continue
        print(tracked.record.uuid, verdict)
        if verdict == convergence.NOT_CONVERGING:
            print('  it would pause for', tracked.assessment.pause,
                  'seconds if it were forced to complete now')
    if all(tracked.ended or tracked.vanished for tracked in snapshot.tracked):
        break
# end
