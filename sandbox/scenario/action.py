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

"""What is done to a running live migration, and when.

The moment is found in libvirt's own statistics, so that it is the same with
and without the plugin.
"""

from collections import abc
import contextlib
import os
import signal
import typing

from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox import namespaces
from sandbox.outage import faults
from sandbox import process
from sandbox import servers
from sandbox import services
from sandbox.truth import reader

DESTINATION = 'compute2'
_EMULATOR = '/usr/bin/qemu-system-x86_64'

Action = abc.Callable[[layout_mod.Layout, servers.BootedServer], None]
#: Called with a sample of jobStats(): is it time?
When = abc.Callable[[reader.JobStats], bool]


def abort(layout: layout_mod.Layout, server: servers.BootedServer) -> None:
    """The operator aborts it."""
    migrations.abort(layout, server['id'])


def force_complete(layout: layout_mod.Layout,
                   server: servers.BootedServer) -> None:
    """The operator forces it to complete."""
    migrations.force_complete(layout, server['id'])


def kill_qemu(layout: layout_mod.Layout,
              _server: servers.BootedServer) -> None:
    """The guest's process on the destination dies."""
    pids = namespaces.run(
        layout, DESTINATION,
        ['sh', '-c', 'cat /run/libvirt/qemu/instance-*.pid'])
    for pid in pids.split():
        os.kill(int(pid), signal.SIGKILL)


def kill_libvirtd(layout: layout_mod.Layout,
                  _server: servers.BootedServer) -> None:
    """libvirtd of the destination dies, and is started again."""
    with faults.killed(layout, services.qualify('libvirtd', DESTINATION)):
        pass


@contextlib.contextmanager
def refusing(layout: layout_mod.Layout) -> abc.Iterator[None]:
    """The destination cannot start a guest."""
    def run(*argv: str) -> None:
        namespaces.run(layout, DESTINATION, argv, env=process.environment())

    run('mount', '--bind', '/bin/false', _EMULATOR)
    try:
        yield
    finally:
        run('umount', _EMULATOR)


class Trigger:
    """Does something once, when libvirt's newest sample says that it is time.

    :param action: a function of this module, or None
    """

    def __init__(self, layout: layout_mod.Layout,
                 server: servers.BootedServer,
                 action: typing.Optional[Action],
                 when: typing.Optional[When]) -> None:
        self._layout = layout
        self._server = server
        self._action = action
        self._when = when

    def __call__(self) -> bool:
        """Act if it is time; returns whether it has been done."""
        if self._action is None or self._when is None:
            return True
        try:
            samples = reader.last_run(
                self._layout.truth, self._server['id'])['samples']
        except exception.NotFound:
            return False
        if not samples or not self._when(samples[-1]):
            return False
        action, self._action = self._action, None
        action(self._layout, self._server)
        return True
