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

"""The outages that are tried while a live migration runs."""

from collections import abc
import contextlib
import typing

from sandbox import layout as layout_mod
from sandbox.outage import faults
from sandbox import services

#: What is done while something has failed, besides waiting.
ABORT = 'abort'
FORCE_COMPLETE = 'force-complete'
FINISH = 'finish'


class Case(typing.NamedTuple):
    """One outage."""

    name: str
    #: A context manager of sandbox.outage.faults.
    fault: abc.Callable[[layout_mod.Layout, str],
                        contextlib.AbstractContextManager[None]]
    #: The service that fails.
    service: str
    #: For how many seconds.
    seconds: float
    #: ABORT or FORCE_COMPLETE: the operator asks for it during the outage;
    #: FINISH: the copy comes to its end during it; None: nothing of these.
    during: typing.Optional[str] = None
    #: Seconds from the beginning of the outage until then.
    after: float = 0


ALL = (
    Case('conductor-frozen', faults.frozen, 'nova-conductor', 90),
    Case('rabbitmq-stopped', faults.stopped, 'rabbitmq', 90),
    Case('mariadb-stopped', faults.stopped, 'mariadb', 90),
    Case('conductor-killed', faults.killed, 'nova-conductor', 10),
    Case('api-restarted', faults.stopped, 'nova-api', 5),
    Case('libvirtd-restarted', faults.stopped,
         services.qualify('libvirtd', 'compute1'), 2),
    Case('finish-during-outage', faults.frozen, 'nova-conductor', 90,
         FINISH, 15),
    Case('abort-during-outage', faults.frozen, 'nova-conductor', 45,
         ABORT, 8),
    Case('force-complete-during-outage', faults.frozen, 'nova-conductor', 45,
         FORCE_COMPLETE, 8),
)


def get(name: str) -> Case:
    """A case by its name.

    :raises KeyError: if there is none
    """
    return {case.name: case for case in ALL}[name]
