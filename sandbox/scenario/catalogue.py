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

import typing

from sandbox.scenario import action

_MIB = 1 << 20


def _memory(mib):
    return lambda sample: sample.get('memory_processed', 0) > mib * _MIB


def _storage(mib):
    return lambda sample: sample.get('disk_processed', 0) > mib * _MIB


class Scenario(typing.NamedTuple):
    """A guest, a network and what happens."""

    name: str
    #: MiB, MiB/s: see sandbox.servers.boot and .bandwidth.
    memory: int = 256
    dirty_rate: float = 16
    working_set: int = 64
    disk: int = 0
    disk_write_rate: float = 0
    bandwidth: int = 24
    #: A function of sandbox.scenario.action, and when: called with a sample.
    action: typing.Optional[typing.Callable] = None
    when: typing.Optional[typing.Callable] = None
    #: Options of [libvirt] on the compute hosts.
    libvirt: typing.Mapping[str, str] = {}
    #: The destination cannot start a guest.
    refused: bool = False
    #: How it ends: the migration's status.
    end: str = 'completed'


#: A guest that never arrives by itself.
_HOPELESS = {'dirty_rate': 48, 'working_set': 80, 'bandwidth': 16}
_POST_COPY = {'live_migration_permit_post_copy': 'true'}
#: Nova counts it per GiB, and two of them for a small guest.
_TIMEOUT = {'live_migration_completion_timeout': '10'}
_FORCE = dict(_TIMEOUT, live_migration_timeout_action='force_complete')

PLAIN = Scenario('plain')
BLOCK = Scenario('block', dirty_rate=8, working_set=32, disk=128,
                 disk_write_rate=4)
FAST = Scenario('faster than a poll', memory=192, dirty_rate=1,
                working_set=8, bandwidth=0)
ABORTED = Scenario('aborted', **_HOPELESS, action=action.abort,
                   # In the third pass at least.
                   when=_memory(300), end='error')
ABORTED_IN_STORAGE = Scenario(
    'aborted, copying disks', dirty_rate=4, working_set=32, disk=256,
    bandwidth=16, action=action.abort, when=_storage(64), end='error')
DESTINATION_DIES = Scenario(
    "destination's QEMU dies", action=action.kill_qemu, when=_memory(80),
    bandwidth=16, end='error')
DESTINATION_LIBVIRTD_DIES = Scenario(
    "destination's libvirtd dies", action=action.kill_libvirtd,
    when=_memory(80), bandwidth=16, end='error')
REFUSED = Scenario('destination refuses', refused=True, end='error')
TIMEOUT_ABORT = Scenario(
    "Nova's timeout aborts", **_HOPELESS,
    libvirt=dict(_TIMEOUT, live_migration_timeout_action='abort'),
    end='error')
TIMEOUT_FORCE = Scenario("Nova's timeout suspends", **_HOPELESS,
                         libvirt=_FORCE)
FORCED = Scenario('forced by suspending', **_HOPELESS,
                  action=action.force_complete, when=_memory(300))
POST_COPY = Scenario('post-copy', **_HOPELESS, libvirt=_POST_COPY,
                     action=action.force_complete, when=_memory(300))
TIMEOUT_POST_COPY = Scenario("Nova's timeout, post-copy", **_HOPELESS,
                             libvirt=dict(_POST_COPY, **_FORCE))
AUTO_CONVERGE = Scenario(
    'auto-converge', dirty_rate=40, working_set=64, bandwidth=24,
    libvirt={'live_migration_permit_auto_converge': 'true'})

ALL = (PLAIN, BLOCK, FAST, ABORTED, ABORTED_IN_STORAGE, DESTINATION_DIES,
       DESTINATION_LIBVIRTD_DIES, REFUSED, TIMEOUT_ABORT, TIMEOUT_FORCE,
       FORCED, POST_COPY, TIMEOUT_POST_COPY, AUTO_CONVERGE)
