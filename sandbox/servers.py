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

"""What can be done with the sandbox's servers."""

import subprocess
import typing

from sandbox import client
from sandbox import exception
from sandbox.fakes import image
from sandbox.fakes import volume
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import process
from sandbox import programs
from sandbox import settings
from sandbox import verification
from sandbox import waiting

#: Memory that kernel, initramfs and the workload's constant part need, MiB.
OVERHEAD = 112
#: pti: see guest/workload.c. With the others the guest asks
#: no emulated device what time it is. no_timer_check: on a busy machine an
#: emulated timer may be too late for the kernel's test of it, which panics.
KERNEL_PARAMETERS = ('console=ttyS0 loglevel=4 pti=on tsc=reliable '
                     'clocksource=tsc no_timer_check')
#: libvirt's own default cap of a migration, in MiB/s.
UNLIMITED = 8796093022207


class BootedServer(typing.TypedDict):
    """A server, as boot() tells it."""

    id: str
    name: str
    #: Where it was booted.
    host: str


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise exception.SandboxError(
            '%s must be between %s and %s, not %s.'
            % (name, low, high, value))


def _find_flavor(api: client.Client, memory: int) -> str:
    name = 'sandbox-%d' % memory
    flavors: list[client.JSONObject] = api.get(
        '/flavors?is_public=None')['flavors']
    flavor = next((each for each in flavors if each['name'] == name), None)
    if flavor is None:
        flavor = api.post('/flavors', {'flavor': {
            'name': name, 'ram': memory, 'vcpus': 1, 'disk': 0}})['flavor']
    return str(flavor['id'])


def _add_disk_image(layout: layout_mod.Layout, name: str, mib: int,
                    properties: dict[str, str]) -> str:
    """Store an empty local disk of a size as an image; return its id."""
    path = layout.guest / ('disk-%d.qcow2' % mib)
    if not path.exists():
        subprocess.run(
            [programs.find('qemu-img'), 'create', '-q', '-f', 'qcow2',
             str(path), '%dM' % mib], check=True)
    return image.add(layout.images, name, path, disk_format='qcow2',
                     **properties)


def _check_arguments(host: str, memory: int, dirty_rate: float,
                     working_set: int, disk: int,
                     disk_write_rate: float) -> None:
    """Check what boot() was given.

    :raises SandboxError: naming what cannot be
    """
    _check_range('The memory in MiB', memory, OVERHEAD + 16, 4096)
    _check_range('The dirty rate in MiB/s', dirty_rate, 0, 1000)
    _check_range('The working set in MiB (%d MiB of %d are needed by the '
                 'guest itself)' % (OVERHEAD, memory),
                 working_set, 0, memory - OVERHEAD)
    _check_range('The disk in MiB', disk, 0, 4096)
    _check_range('The disk write rate in MiB/s', disk_write_rate, 0, 1000)
    if disk_write_rate and not disk:
        raise exception.SandboxError(
            'A disk write rate needs a disk: give its size too.')
    if host not in layout_mod.COMPUTES:
        raise exception.NotFound(
            'There is no compute host %s; the hosts are: %s.'
            % (host, ', '.join(layout_mod.COMPUTES)))


def _add_root(layout: layout_mod.Layout, name: str, disk: int,
              parameters: str) -> client.JSONObject:
    """Store what a server boots from; return how POST /servers names it.

    :param disk: size of a local disk in MiB, or 0
    :param parameters: of the workload, for the kernel's command line
    """
    known = settings.load(layout)
    properties = {
        'kernel_id': known['kernel_id'], 'ramdisk_id': known['ramdisk_id'],
        'hw_rng_model': 'virtio',
        'os_command_line': '%s %s' % (KERNEL_PARAMETERS, parameters),
    }
    if disk:
        return {'imageRef': _add_disk_image(layout, name, disk, properties)}
    return {'block_device_mapping_v2': [{
        'boot_index': 0, 'source_type': 'volume',
        'destination_type': 'volume', 'delete_on_termination': True,
        # libvirt calls a live migration unsafe when a disk is a plain file
        # on a local file system, unless it is read only.
        'device_type': 'cdrom', 'disk_bus': 'sata',
        'uuid': volume.add(layout.volumes, 1, properties)}]}


def _wait_for_workload(layout: layout_mod.Layout, server: BootedServer,
                       timeout: float) -> None:
    api = client.Client(layout)
    name, host, server_id = server['name'], server['host'], server['id']

    def is_active() -> bool:
        found = api.show_server(server_id)
        if found['status'] == 'ERROR':
            raise exception.SandboxError(
                'The server %s went to ERROR: %s' % (
                    name, found.get('fault', {}).get('message')))
        return bool(found['status'] == 'ACTIVE')

    def is_working() -> bool:
        parsed = verification.parse_console(layout, host, server_id)
        return bool(parsed.last)

    waiting.poll('ACTIVE of %s' % name, timeout, is_active)
    waiting.poll("The start of %s's workload" % name, timeout, is_working)


def boot(layout: layout_mod.Layout, name: str, host: str, memory: int = 256,
         dirty_rate: float = 8.0, working_set: int = 64, disk: int = 0,
         disk_write_rate: float = 0.0, timeout: float = 180) -> BootedServer:
    """Boot a server and wait until its workload runs.

    Without a disk it boots from a volume that all hosts share; with one the
    disk is local to its host and written once before the workload begins.

    :param memory: RAM in MiB
    :param dirty_rate: how fast the guest rewrites memory, in MiB/s
    :param working_set: how much memory it rewrites, in MiB
    :param disk: size of a local disk in MiB, or 0
    :param disk_write_rate: how fast it is rewritten, in MiB/s
    :raises SandboxError: if one of these cannot be, or Nova cannot do it
    """
    _check_arguments(host, memory, dirty_rate, working_set, disk,
                     disk_write_rate)
    api = client.Client(layout)
    if name in [server['name'] for server in
                api.get('/servers?all_tenants=1')['servers']]:
        raise exception.SandboxError(
            'There is a server %s already.' % name)
    flavor = _find_flavor(api, memory)
    root = _add_root(layout, name, disk,
                     'mp_rate=%s mp_set=%d mp_disk=%d mp_disk_rate=%s'
                     % (dirty_rate, working_set, disk, disk_write_rate))
    created = api.post('/servers', {'server': dict(
        root, name=name, flavorRef=flavor, networks='none', host=host)})
    server: BootedServer = {
        'id': created['server']['id'], 'name': name, 'host': host}
    _wait_for_workload(layout, server, timeout)
    apply_bandwidth(layout, host)
    return server


def delete(layout: layout_mod.Layout, name: str) -> None:
    """Delete a server and wait until it is gone."""
    api = client.Client(layout)
    server = api.server(name)
    api.delete('/servers/' + server['id'])
    waiting.poll('Deletion of %s' % name, 60, lambda: server['id'] not in [
        found['id'] for found in
        api.get('/servers?all_tenants=1')['servers']])


def _virsh(layout: layout_mod.Layout, host: str, *args: str) -> str:
    return namespaces.run(
        layout, host, [programs.find('virsh'), '--connect', 'qemu:///system',
                       '--quiet'] + list(args), env=process.environment())


def find_hosts(layout: layout_mod.Layout, server_id: str) -> list[str]:
    """The hosts on which libvirt runs a server: one, if all is well."""
    return [host for host in layout_mod.COMPUTES
            if server_id in _virsh(layout, host, 'list', '--uuid',
                                   '--state-running').split()]


def apply_bandwidth(layout: layout_mod.Layout, host: str) -> list[str]:
    """Apply the migration bandwidth to what runs on a host.

    Nova passes no cap (live_migration_bandwidth is 0), so libvirt uses the
    domain's own, also for migrations to come.

    :returns: the ids of the servers it was applied to
    """
    cap = settings.load(layout)['bandwidth'] or UNLIMITED
    capped = []
    # A guest that arrives has no cap, and is not persistent yet.
    for domain in _virsh(layout, host, 'list', '--uuid',
                         '--persistent').split():
        try:
            _virsh(layout, host, 'migrate-setspeed', domain, str(cap))
            # QEMU has another cap for post-copy, none by default.
            _virsh(layout, host, 'migrate-setspeed', domain, str(cap),
                   '--postcopy')
            capped.append(domain)
        except exception.SandboxError as exc:
            if not any(reason in str(exc) for reason in (
                    'domain is not running', 'failed to get domain',
                    'Domain not found')):
                raise
    return capped


def set_bandwidth(layout: layout_mod.Layout, mib: int) -> list[str]:
    """Cap running and coming migrations.

    :param mib: MiB/s, 0 for no cap
    :returns: the ids of the servers it was applied to at once
    """
    _check_range('The bandwidth in MiB/s', mib, 0, 1000000)
    client.endpoint(layout)
    settings.save(layout, bandwidth=mib)
    return [server_id for host in layout_mod.COMPUTES
            for server_id in apply_bandwidth(layout, host)]
