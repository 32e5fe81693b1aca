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

from collections import abc
import contextlib
import typing

from sandbox import layout as layout_mod
from sandbox import reconfigure
from sandbox.scenario import action
from sandbox.scenario import catalogue
from sandbox import servers

SOURCE = 'compute1'


class Workload(typing.TypedDict):
    """Arguments of sandbox.servers.boot."""

    memory: int
    dirty_rate: float
    working_set: int
    disk: int
    disk_write_rate: float


@contextlib.contextmanager
def prepared(layout: layout_mod.Layout,
             scenario: catalogue.Scenario) -> abc.Iterator[None]:
    """The compute hosts and the network are as a scenario wants them."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(reconfigure.compute(
            layout,
            {'libvirt': scenario.libvirt} if scenario.libvirt else {}))
        stack.callback(servers.set_bandwidth, layout, 0)
        servers.set_bandwidth(layout, scenario.bandwidth)
        if scenario.refused:
            stack.enter_context(action.refusing(layout))
        yield


def workload(scenario: catalogue.Scenario) -> Workload:
    """The arguments of sandbox.servers.boot for its guest."""
    return {'memory': scenario.memory, 'dirty_rate': scenario.dirty_rate,
            'working_set': scenario.working_set, 'disk': scenario.disk,
            'disk_write_rate': scenario.disk_write_rate}
