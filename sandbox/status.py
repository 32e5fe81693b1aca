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

"""What runs of the sandbox."""

import typing

from sandbox import client
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import process
from sandbox import services
from sandbox import settings


class ServiceStatus(typing.TypedDict):
    """One service."""

    name: str
    machine: str
    #: None if it does not run.
    pid: typing.Optional[int]
    #: It runs, but for its processes being stopped: see process.freeze().
    frozen: bool


class ServerStatus(typing.TypedDict):
    """One server."""

    name: str
    id: str
    host: str
    status: str
    #: What Nova is doing with it, None if nothing.
    task: typing.Optional[str]


class Status(typing.TypedDict):
    """What runs."""

    #: Everything.
    up: bool
    driver: typing.Optional[str]
    #: The newest one announced, None if the API does not answer.
    microversion: typing.Optional[str]
    services: list[ServiceStatus]
    servers: list[ServerStatus]


def is_up(layout: layout_mod.Layout) -> bool:
    """Whether an "up" has been completed and its machines still exist."""
    return layout.marker.exists() and all(
        namespaces.holder(layout, machine)
        for machine in layout_mod.MACHINES)


def get(layout: layout_mod.Layout) -> Status:
    """Tell what runs."""
    if not is_up(layout):
        return {'up': False, 'driver': None, 'microversion': None,
                'services': [], 'servers': []}
    found: list[ServiceStatus] = [
        {'name': service.name, 'machine': service.machine,
         'pid': process.find_pid(layout, service.name),
         'frozen': process.is_frozen(layout, service.name)}
        for service in services.all_services(layout)]
    microversion = None
    servers: list[ServerStatus] = []
    try:
        api = client.Client(layout)
        microversion = api.maximum()
        servers = [
            {'name': server['name'], 'id': server['id'],
             'host': client.compute_host(server), 'status': server['status'],
             'task': client.task_state(server)}
            for server in api.servers()]
    except exception.SandboxError:
        # Said by microversion being null.
        pass
    return {
        'up': microversion is not None and all(
            service['pid'] and not service['frozen'] for service in found),
        'driver': settings.load(layout)['driver'],
        'microversion': microversion,
        'services': found,
        'servers': servers,
    }
