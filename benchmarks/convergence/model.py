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

"""What a simulated migration is: a guest, a link, and what happens."""

import typing


class Model(typing.NamedTuple):
    """What to simulate. Memory in MiB, rates in MiB/s, times in seconds."""

    name: str
    memory: float = 512
    zero_share: float = 0.5
    working_set: float = 128
    write_rate: float = 10
    #: 'sequential', 'random' or 'hot' (80 % of the writes in 10 % of it).
    pattern: str = 'sequential'
    bandwidth: float = 32
    #: Share by which the bandwidth varies from second to second.
    jitter: float = 0.02
    #: Share by which the guest's writing varies from second to second.
    unsteady: float = 0.05
    #: (time, MiB/s): from then on another bandwidth, or write rate.
    new_bandwidth: typing.Optional[tuple[float, float]] = None
    new_write_rate: typing.Optional[tuple[float, float]] = None
    downtime: float = 0.3
    #: Nova's way: a tenth of the downtime, raised in steps so far apart.
    downtime_steps: float = 0
    disk: float = 0
    disk_write_rate: float = 0
    auto_converge: bool = False
    #: Bytes on the wire per byte of memory that was sent before (xbzrle).
    compression: float = 1
    #: Seconds after which the dirty bitmap is synced at the latest, 0: never
    #: within a pass.
    sync_period: float = 0
    #: MiB that are sent before they count as processed (multifd).
    lag: float = 0
    post_copy: typing.Optional[float] = None
    suspend: typing.Optional[float] = None
    abort: typing.Optional[float] = None
    fail: typing.Optional[float] = None
    #: From when to when nothing is sent.
    outage: typing.Optional[tuple[float, float]] = None
    #: Aborted then at the latest, in seconds.
    limit: float = 300
    #: Seconds between polls of the hypervisor.
    poll: float = 0.1
