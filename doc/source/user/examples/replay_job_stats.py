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

"""Convert libvirt's job statistics into a recording.

Standard input has one JSON object a line: "t" in seconds and "stats", what
virDomain.jobStats() returned at that time or, with "event" "job-completed",
what came with libvirt's event. The argument is the uuid.
"""

# begin
import json
import sys

from nova_migprogress import fields

#: libvirt's virDomainJobType.
STATUSES = {3: 'completed', 4: 'failed', 5: 'cancelled'}

for line in sys.stdin:
    found = json.loads(line)
    if 'stats' in found:
        stats = found['stats']
        status = STATUSES.get(stats.get('type'), 'running')
        if found.get('event') == 'job-completed':
            status = 'completed'
        row = {'time': found['t'], 'uuid': sys.argv[1], 'status': status}
        row.update((name, stats.get(name)) for name in fields.NAMES)
        print(json.dumps(row))
# end
