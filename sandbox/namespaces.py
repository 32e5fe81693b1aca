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

"""The three machines: network, mount and UTS namespaces of their own.

Each machine is held by a sleeping process whose name is the sandbox's
identity and the machine's name, so that it is found again without any file.
No namespace is mounted anywhere: when the last process of a machine ends, the
machine, its mounts and its network are gone.
"""

from collections import abc
import os
import signal
import subprocess
import time
import typing

from sandbox import exception
from sandbox import layout as layout_mod


def _holder_name(layout: layout_mod.Layout, machine: str) -> str:
    return '%s:%s' % (layout.identity, machine)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def _namespace(pid: int, kind: str) -> typing.Optional[str]:
    try:
        return os.readlink('/proc/%d/ns/%s' % (pid, kind))
    except OSError:
        return None


def holder(layout: layout_mod.Layout,
           machine: str) -> typing.Optional[int]:
    """The pid of a machine's holder, or None when the machine is not there."""
    wanted = _holder_name(layout, machine).encode()
    for pid in _processes():
        try:
            with open('/proc/%d/cmdline' % pid, 'rb') as cmdline:
                if cmdline.read().split(b'\0')[0] == wanted:
                    return pid
        except OSError:
            continue
    return None


def _need_holder(layout: layout_mod.Layout, machine: str) -> int:
    pid = holder(layout, machine)
    if pid is None:
        raise exception.NotRunning(
            'The machine %s is not there: run "python -m sandbox up".'
            % machine)
    return pid


def enter(layout: layout_mod.Layout, machine: str) -> list[str]:
    """The command prefix that runs a program on a machine.

    :raises NotRunning: if the machine does not exist.
    """
    return ['nsenter', '--target', str(_need_holder(layout, machine)),
            '--net', '--mount', '--uts', '--']


def run(layout: layout_mod.Layout, machine: str, argv: abc.Sequence[str],
        env: typing.Optional[abc.Mapping[str, str]] = None,
        text: typing.Optional[str] = None) -> str:
    """Run a program on a machine and return what it printed.

    :param env: its environment; None: this process's
    :param text: its standard input
    :raises SandboxError: if it fails, with the end of what it printed.
    """
    proc = subprocess.run(
        enter(layout, machine) + list(argv), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, input=text, env=env,
        stdin=subprocess.DEVNULL if text is None else None,
        universal_newlines=True)
    if proc.returncode:
        raise exception.SandboxError(
            '"%(command)s" on %(machine)s failed with %(code)d: %(output)s'
            % {'command': ' '.join(argv), 'machine': machine,
               'code': proc.returncode,
               'output': (proc.stdout or '')[-2000:].strip()})
    return proc.stdout


def _create_holder(layout: layout_mod.Layout, machine: str) -> int:
    name = _holder_name(layout, machine)
    subprocess.Popen(
        ['unshare', '--net', '--mount', '--uts', '--propagation', 'private',
         '--', 'bash', '-c', 'exec -a "$0" sleep infinity', name],
        start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd='/')
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        pid = holder(layout, machine)
        if pid is not None:
            if _namespace(pid, 'net') == _namespace(os.getpid(), 'net'):
                raise exception.SandboxError(
                    '%s did not get a network namespace.' % machine)
            return pid
        time.sleep(0.02)
    raise exception.SandboxError(
        'Cannot create the namespaces of %s: does this machine allow '
        '"unshare --net --mount --uts"?' % machine)


def _furnish(layout: layout_mod.Layout, machine: str,
             binds: abc.Iterable[tuple[str, str]]) -> None:
    """Give a machine its name, /run, /etc/hosts and further directories."""
    own = layout.machine(machine)
    own.mkdir(parents=True, exist_ok=True)
    hosts = ['127.0.0.1 localhost']
    hosts += ['%s %s' % (address, name)
              for name, address in layout_mod.ADDRESSES.items()]
    (own / 'hosts').write_text('\n'.join(hosts) + '\n')
    script = [
        'set -e',
        'hostname %s' % machine,
        'ip link set lo up',
        # Nothing of the machine's own services is reachable: no D-Bus, no
        # systemd, no libvirt, no database socket.
        'mount -t tmpfs -o mode=755 tmpfs /run',
        'mkdir -p /run/lock /run/sshd /run/nova',
        'mount --bind "$0"/hosts /etc/hosts',
    ]
    for source, target in binds:
        script.append('mount --bind "$0"/%s %s' % (source, target))
    run(layout, machine, ['sh', '-c', '; '.join(script), str(own)])


def _connect(layout: layout_mod.Layout) -> None:
    """Join the machines by a bridge inside the control plane's namespace."""
    control = layout_mod.CONTROL
    script = ['set -e',
              'ip link add br0 type bridge',
              'ip address add %s/24 dev br0' % layout_mod.ADDRESSES[control],
              'ip link set br0 up']
    for host in layout_mod.COMPUTES:
        script += [
            'ip link add %s type veth peer name eth0 netns %d'
            % (host, _need_holder(layout, host)),
            'ip link set %s master br0 up' % host]
    run(layout, control, ['sh', '-c', '; '.join(script)])
    for host in layout_mod.COMPUTES:
        run(layout, host, ['sh', '-c', (
            'ip address add %s/24 dev eth0 && ip link set eth0 up'
            % layout_mod.ADDRESSES[host])])


def create(
        layout: layout_mod.Layout,
        binds: abc.Mapping[str, abc.Iterable[tuple[str, str]]]) -> None:
    """Create all machines.

    :param binds: for each machine's name pairs (directory or file below the
        machine's own directory, path that it covers on that machine)
    """
    for machine in layout_mod.MACHINES:
        _create_holder(layout, machine)
        _furnish(layout, machine, binds.get(machine, ()))
    _connect(layout)


def members(layout: layout_mod.Layout) -> list[int]:
    """The pids of all processes of the sandbox's machines."""
    holders = [holder(layout, machine) for machine in layout_mod.MACHINES]
    networks = {_namespace(pid, 'net') for pid in holders if pid is not None}
    networks -= {None, _namespace(os.getpid(), 'net')}
    # Should a holder have been killed alone: what else runs on its machine
    # sees the machine's own /etc/hosts.
    hosts = [layout.machine(machine) / 'hosts'
             for machine in layout_mod.MACHINES]
    hosts = [path for path in hosts if path.exists()]

    def belongs(pid: int) -> bool:
        if _namespace(pid, 'net') in networks:
            return True
        try:
            return any(os.path.samefile('/proc/%d/root/etc/hosts' % pid, path)
                       for path in hosts)
        except OSError:
            return False

    return [pid for pid in _processes() if belongs(pid)]


def destroy(layout: layout_mod.Layout) -> int:
    """End every process of the machines; their namespaces go with them.

    :returns: how many processes were ended
    """
    ended: set[int] = set()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        pids = members(layout)
        if not pids:
            return len(ended)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
                ended.add(pid)
            except ProcessLookupError:
                pass
        # Our own children must be reaped, the others are init's.
        for pid in pids:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
        time.sleep(0.05)
    raise exception.SandboxError(
        'These processes do not end: %s.'
        % ' '.join(str(pid) for pid in members(layout)))
