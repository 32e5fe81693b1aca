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
import random
import typing

from sandbox import layout as layout_mod
from sandbox.outage import faults
from sandbox import services

#: What is done while something has failed, besides waiting.
ABORT = 'abort'
FORCE_COMPLETE = 'force-complete'
FINISH = 'finish'

#: In which seconds before the end of the copy those outages begin.
LAST = 3.0


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
    #: It begins so many seconds before the copy comes to its end; None: while
    #: the copy is far from it.
    before_end: typing.Optional[float] = None
    #: What before_end and seconds were drawn with.
    seed: typing.Optional[int] = None


class AtEnd(typing.NamedTuple):
    """An outage that begins at any moment just before the copy ends."""

    name: str
    fault: abc.Callable[[layout_mod.Layout, str],
                        contextlib.AbstractContextManager[None]]
    service: str
    #: The shortest and the longest.
    seconds: tuple[float, float] = (30, 90)
    #: Worth to be tried many times.
    repeated: bool = True

    def draw(self, seed: int) -> Case:
        """One such outage; the same seed gives the same one."""
        generator = random.Random('%s %d' % (self.name, seed))
        before_end = round(generator.uniform(0, LAST), 2)
        return Case(self.name, self.fault, self.service,
                    round(generator.uniform(*self.seconds), 1),
                    before_end=before_end, seed=seed)


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


AT_END = (
    AtEnd('conductor-frozen-at-end', faults.frozen, 'nova-conductor'),
    AtEnd('mariadb-stopped-at-end', faults.stopped, 'mariadb'),
    AtEnd('rabbitmq-stopped-at-end', faults.stopped, 'rabbitmq'),
    AtEnd('mariadb-read-only-at-end', faults.read_only, 'mariadb', (60, 60),
          repeated=False),
    AtEnd('network-and-conductor-at-end', faults.network_and_frozen,
          'nova-conductor', (60, 60), repeated=False),
)


def get(name: str) -> Case:
    """A case by its name.

    :raises KeyError: if there is none
    """
    return {case.name: case for case in ALL}[name]


def draw(name: str, seed: int) -> Case:
    """A case of AT_END by its name.

    :raises KeyError: if there is none
    """
    return {each.name: each for each in AT_END}[name].draw(seed)
