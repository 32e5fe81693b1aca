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

"""Where everything is: directories, addresses and names of the sandbox.

All files live in one state directory, ``.state/sandbox`` of the checkout
unless the environment variable ``MIGPROGRESS_STATE`` names another. UNIX
sockets are never placed there (their paths may have 107 bytes only): inside
its namespaces the sandbox has a /run of its own.
"""

import hashlib
import os
import pathlib
import sys
import typing

#: The checkout that holds this package.
CHECKOUT = pathlib.Path(__file__).resolve().parent.parent

CONTROL = 'control'
COMPUTES = ('compute1', 'compute2')
MACHINES = (CONTROL,) + COMPUTES

#: Address of each machine on the sandbox's own network.
ADDRESSES = {
    CONTROL: '10.77.0.1',
    'compute1': '10.77.0.11',
    'compute2': '10.77.0.12',
}

RABBIT_PORT = 5672
PLACEMENT_PORT = 8778
FAKES_PORT = 9000
#: First choice for the compute API's port on 127.0.0.1.
API_PORT = 18774

#: Inside the control plane's namespace.
DATABASE_SOCKET = '/run/mysqld.sock'
#: Inside a compute host's namespace; a different directory on each host.
INSTANCES = '/run/nova/instances'

DRIVERS = ('migprogress', 'stock')


class Layout:
    """The paths below one state directory."""

    def __init__(self, state: typing.Union[
            str, pathlib.Path, None] = None) -> None:
        state = (state or os.environ.get('MIGPROGRESS_STATE') or
                 CHECKOUT / '.state' / 'sandbox')
        self.state = pathlib.Path(state).resolve()
        #: What tells the processes of this sandbox from any other's.
        self.identity = 'migprogress-' + hashlib.sha256(
            str(self.state).encode()).hexdigest()[:8]
        self.lock = self.state.parent / (self.state.name + '.lock')
        self.marker = self.state / 'up.json'
        self.pids = self.state / 'pids'
        self.logs = self.state / 'logs'
        self.etc = self.state / 'etc'
        self.images = self.state / 'images'
        self.volumes = self.state / 'volumes'
        #: What sandbox.fakes.app shall not answer for.
        self.failing = self.state / 'failing'
        self.truth = self.state / 'truth'
        self.guest = self.state / 'guest'
        self.settings = self.state / 'settings.json'

    def machine(self, name: str) -> pathlib.Path:
        """The directory of one machine's own files."""
        return self.state / 'machines' / name

    def console(self, host: str, server_id: str) -> pathlib.Path:
        """A server's console log on a compute host."""
        return (self.machine(host) / 'nova' / 'instances' / server_id /
                'console.log')

    def libvirt_calls(self, host: str) -> pathlib.Path:
        """The log of the calls that a host's libvirtd got."""
        return self.machine(host) / 'log-libvirt' / 'calls.log'

    def log(self, service: str) -> pathlib.Path:
        return self.logs / ('%s.log' % service)

    @property
    def nova_conf(self) -> pathlib.Path:
        return self.etc / 'nova' / 'nova.conf'

    def compute_conf(self, host: str) -> pathlib.Path:
        return self.etc / 'nova' / ('%s.conf' % host)


def program(name: str) -> str:
    """The path of a program of this Python environment."""
    return os.path.join(os.path.dirname(sys.executable), name)
