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

"""Set the stage for a scenario."""

import contextlib

from sandbox import reconfigure
from sandbox.scenario import action
from sandbox import servers

SOURCE = 'compute1'


@contextlib.contextmanager
def prepared(layout, scenario):
    """The compute hosts and the network are as a scenario wants them."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(reconfigure.compute(
            layout, scenario.libvirt and {'libvirt': scenario.libvirt}))
        stack.callback(servers.bandwidth, layout, 0)
        servers.bandwidth(layout, scenario.bandwidth)
        if scenario.refused:
            stack.enter_context(action.refusing(layout))
        yield


def workload(scenario):
    """The arguments of sandbox.servers.boot for its guest."""
    return {'memory': scenario.memory, 'dirty_rate': scenario.dirty_rate,
            'working_set': scenario.working_set, 'disk': scenario.disk,
            'disk_write_rate': scenario.disk_write_rate}
