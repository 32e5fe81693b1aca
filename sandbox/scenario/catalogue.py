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

"""The live migrations whose numbers are compared with libvirt's."""

from collections import abc
import typing

from sandbox.scenario import action as action_mod
from sandbox.truth import reader

_MIB = 1 << 20


def _sent(name: str, mib: int) -> action_mod.When:
    def is_sent(sample: reader.JobStats) -> bool:
        return bool(sample.get(name, 0) > mib * _MIB)
    return is_sent


def _memory_sent(mib: int) -> action_mod.When:
    return _sent('memory_processed', mib)


def _disk_sent(mib: int) -> action_mod.When:
    return _sent('disk_processed', mib)


class Scenario(typing.NamedTuple):
    """A guest, a network and what happens."""

    name: str
    #: MiB, MiB/s: see sandbox.servers.boot and .set_bandwidth.
    memory: int = 256
    dirty_rate: float = 16
    working_set: int = 64
    disk: int = 0
    disk_write_rate: float = 0
    bandwidth: int = 24
    #: What is done to it, and when.
    action: typing.Optional[action_mod.Action] = None
    when: typing.Optional[action_mod.When] = None
    #: Options of [libvirt] on the compute hosts.
    libvirt: abc.Mapping[str, str] = {}
    #: The destination cannot start a guest.
    refused: bool = False


#: A guest that never arrives by itself.
_HOPELESS = Scenario('hopeless', dirty_rate=48, working_set=80, bandwidth=16)
_POST_COPY = {'live_migration_permit_post_copy': 'true'}
#: Nova counts it per GiB, and two of them for a small guest.
_TIMEOUT = {'live_migration_completion_timeout': '10'}
_FORCE = dict(_TIMEOUT, live_migration_timeout_action='force_complete')

PLAIN = Scenario('plain')
BLOCK = Scenario('block', dirty_rate=8, working_set=32, disk=128,
                 disk_write_rate=4)
FAST = Scenario('faster than a poll', memory=192, dirty_rate=1,
                working_set=8, bandwidth=0)
ABORTED = _HOPELESS._replace(
    name='aborted', action=action_mod.abort,
    # In the third pass at least.
    when=_memory_sent(300))
ABORTED_IN_STORAGE = Scenario(
    'aborted, copying disks', dirty_rate=4, working_set=32, disk=256,
    bandwidth=16, action=action_mod.abort, when=_disk_sent(64))
DESTINATION_DIES = Scenario(
    "destination's QEMU dies", action=action_mod.kill_qemu,
    when=_memory_sent(80), bandwidth=16)
DESTINATION_LIBVIRTD_DIES = Scenario(
    "destination's libvirtd dies", action=action_mod.kill_libvirtd,
    when=_memory_sent(80), bandwidth=16)
REFUSED = Scenario('destination refuses', refused=True)
TIMEOUT_ABORT = _HOPELESS._replace(
    name="Nova's timeout aborts",
    libvirt=dict(_TIMEOUT, live_migration_timeout_action='abort'))
TIMEOUT_FORCE = _HOPELESS._replace(
    name="Nova's timeout suspends", libvirt=_FORCE)
FORCED = _HOPELESS._replace(
    name='forced by suspending', action=action_mod.force_complete,
    when=_memory_sent(300))
POST_COPY = _HOPELESS._replace(
    name='post-copy', libvirt=_POST_COPY, action=action_mod.force_complete,
    when=_memory_sent(300))
TIMEOUT_POST_COPY = _HOPELESS._replace(
    name="Nova's timeout, post-copy", libvirt=dict(_POST_COPY, **_FORCE))
AUTO_CONVERGE = Scenario(
    'auto-converge', dirty_rate=40, working_set=64, bandwidth=24,
    libvirt={'live_migration_permit_auto_converge': 'true'})

ALL = (PLAIN, BLOCK, FAST, ABORTED, ABORTED_IN_STORAGE, DESTINATION_DIES,
       DESTINATION_LIBVIRTD_DIES, REFUSED, TIMEOUT_ABORT, TIMEOUT_FORCE,
       FORCED, POST_COPY, TIMEOUT_POST_COPY, AUTO_CONVERGE)
