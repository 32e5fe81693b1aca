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

from sandbox import client
from sandbox import exception
from sandbox.fakes import image
from sandbox.fakes import volume
from sandbox.guest import console as guest_console
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import process
from sandbox import programs
from sandbox import settings
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


def _bounded(name, value, low, high):
    if not low <= value <= high:
        raise exception.SandboxError(
            '%s must be between %s and %s, not %s.'
            % (name, low, high, value))


def _flavor(api, memory):
    name = 'sandbox-%d' % memory
    for flavor in api.get('/flavors?is_public=None')['flavors']:
        if flavor['name'] == name:
            return flavor['id']
    return api.post('/flavors', {'flavor': {
        'name': name, 'ram': memory, 'vcpus': 1, 'disk': 0}})['flavor']['id']


def _disk_image(layout, name, mib, properties):
    """An empty local disk of a size, as an image."""
    path = layout.guest / ('disk-%d.qcow2' % mib)
    if not path.exists():
        subprocess.run(
            [programs.find('qemu-img'), 'create', '-q', '-f', 'qcow2',
             str(path), '%dM' % mib], check=True)
    return image.add(layout.images, name, path, disk_format='qcow2',
                     **properties)


def console(layout, name):
    """A server's console: the host that it is on, and the text there."""
    server = client.Client(layout).server(name)
    return client.host_of(server), _console_text(
        layout, client.host_of(server), server['id'])


def _console_text(layout, host, server_id):
    try:
        return layout.console(host, server_id).read_text(errors='replace')
    except OSError:
        return ''


def _alive(layout, host, server_id):
    """Parse a console.

    :raises SandboxError: if the guest's memory is corrupt or it crashed
    """
    parsed = guest_console.parse(_console_text(layout, host, server_id))
    if parsed.bad:
        raise exception.SandboxError(
            'The guest on %s is broken: %s' % (host, parsed.bad))
    return parsed


def verify(layout, name, timeout=60, host=None):
    """Wait for two complete verifications in the log of a server's host.

    The log of a destination begins with the guest's arrival there.

    :param host: where it runs; None: where Nova says that it does
    :returns: a dictionary: ``host``, ``iteration``, the newest verification,
        ``rate``, the dirty rate in MiB/s that the guest measured
    :raises SandboxError: if the guest crashed or its memory is not intact
    """
    server = client.Client(layout).server(name)
    host = host or client.host_of(server)
    first = _alive(layout, host, server['id']).last or 0

    def check():
        parsed = _alive(layout, host, server['id'])
        # Two more than at the time of asking: alive now, not only once.
        return parsed.verified >= 2 and parsed.last >= first + 2 and parsed

    parsed = waiting.poll("A verification of %s's memory on %s" % (name, host),
                          timeout, check, step=0.2)
    return {'host': host, 'iteration': parsed.last, 'rate': parsed.rate}


def boot(layout, name, host, memory=256, dirty_rate=8.0, working_set=64,
         disk=0, disk_write_rate=0.0, timeout=180):
    """Boot a server and wait until its workload runs.

    Without a disk it boots from a volume that all hosts share; with one the
    disk is local to its host and written once before the workload begins.

    :param memory: RAM in MiB
    :param dirty_rate: how fast the guest rewrites memory, in MiB/s
    :param working_set: how much memory it rewrites, in MiB
    :param disk: size of a local disk in MiB, or 0
    :param disk_write_rate: how fast it is rewritten, in MiB/s
    :returns: the server's ``id``, ``name`` and ``host``
    """
    _bounded('The memory in MiB', memory, OVERHEAD + 16, 4096)
    _bounded('The dirty rate in MiB/s', dirty_rate, 0, 1000)
    _bounded('The working set in MiB (%d MiB of %d are needed by the guest '
             'itself)' % (OVERHEAD, memory),
             working_set, 0, memory - OVERHEAD)
    _bounded('The disk in MiB', disk, 0, 4096)
    _bounded('The disk write rate in MiB/s', disk_write_rate, 0, 1000)
    if disk_write_rate and not disk:
        raise exception.SandboxError(
            'A disk write rate needs a disk: give its size too.')
    if host not in layout_mod.COMPUTES:
        raise exception.NotFound(
            'There is no compute host %s; the hosts are: %s.'
            % (host, ', '.join(layout_mod.COMPUTES)))
    api = client.Client(layout)
    if name in [server['name'] for server in
                api.get('/servers?all_tenants=1')['servers']]:
        raise exception.SandboxError(
            'There is a server %s already.' % name)
    known = settings.load(layout)
    properties = {
        'kernel_id': known['kernel_id'], 'ramdisk_id': known['ramdisk_id'],
        'hw_rng_model': 'virtio',
        'os_command_line': (
            '%s mp_rate=%s mp_set=%d mp_disk=%d mp_disk_rate=%s'
            % (KERNEL_PARAMETERS, dirty_rate, working_set, disk,
               disk_write_rate)),
    }
    server = {'name': name, 'flavorRef': _flavor(api, memory),
              'networks': 'none', 'host': host}
    if disk:
        server['imageRef'] = _disk_image(layout, name, disk, properties)
    else:
        server['block_device_mapping_v2'] = [{
            'boot_index': 0, 'source_type': 'volume',
            'destination_type': 'volume', 'delete_on_termination': True,
            # libvirt calls a live migration unsafe when a disk is a plain
            # file on a local file system, unless it is read only.
            'device_type': 'cdrom', 'disk_bus': 'sata',
            'uuid': volume.add(layout.volumes, 1, properties)}]
    server_id = api.post('/servers', {'server': server})['server']['id']

    def active():
        found = api.get('/servers/' + server_id)['server']
        if found['status'] == 'ERROR':
            raise exception.SandboxError(
                'The server %s went to ERROR: %s' % (
                    name, found.get('fault', {}).get('message')))
        return found['status'] == 'ACTIVE'

    waiting.poll('ACTIVE of %s' % name, timeout, active)
    waiting.poll("The start of %s's workload" % name, timeout,
                 lambda: _alive(layout, host, server_id).last)
    cap(layout, host)
    return {'id': server_id, 'name': name, 'host': host}


def delete(layout, name):
    """Delete a server and wait until it is gone."""
    api = client.Client(layout)
    server = api.server(name)
    api.delete('/servers/' + server['id'])
    waiting.poll('Deletion of %s' % name, 60, lambda: server['id'] not in [
        found['id'] for found in
        api.get('/servers?all_tenants=1')['servers']])


def _virsh(layout, host, *args):
    return namespaces.run(
        layout, host, [programs.find('virsh'), '--connect', 'qemu:///system',
                       '--quiet'] + list(args), env=process.environment())


def running_on(layout, server_id):
    """The hosts on which libvirt runs a server: one, if all is well."""
    return [host for host in layout_mod.COMPUTES
            if server_id in _virsh(layout, host, 'list', '--uuid',
                                   '--state-running').split()]


def cap(layout, host):
    """Apply the migration bandwidth to what runs on a host.

    Nova passes no cap (live_migration_bandwidth is 0), so libvirt uses the
    domain's own, also for migrations to come.
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


def bandwidth(layout, mib):
    """Cap running and coming migrations.

    :param mib: MiB/s, 0 for no cap
    :returns: the ids of the servers it was applied to at once
    """
    _bounded('The bandwidth in MiB/s', mib, 0, 1000000)
    client.endpoint(layout)
    settings.save(layout, bandwidth=mib)
    return [server_id for host in layout_mod.COMPUTES
            for server_id in cap(layout, host)]
