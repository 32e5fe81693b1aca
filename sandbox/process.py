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

"""Start, stop and find the sandbox's processes.

There is no supervising daemon. A service's process id is written down with
the process's start time, which tells it from a later process with the same
id.
"""

from collections import abc
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import typing

from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import programs


class Service(typing.NamedTuple):
    """What is started: one process."""

    name: str
    #: The machine it runs on.
    machine: str
    argv: abc.Sequence[str]
    #: Does it answer?
    ready: abc.Callable[[layout_mod.Layout], bool]
    env: abc.Mapping[str, str] = {}
    #: A listening socket to inherit; its file descriptor replaces {fd} in
    #: argv.
    listen: typing.Optional[
        abc.Callable[[layout_mod.Layout], socket.socket]] = None
    #: Seconds it may take to be ready.
    timeout: int = 60


class _Stat(typing.NamedTuple):
    """What the kernel says of a process, see proc(5)."""

    #: One letter.
    state: str
    parent: int
    session: int
    #: Clock ticks after boot.
    start_time: int


def _stat(pid: int) -> typing.Optional[_Stat]:
    """Read a process's state, None if it ended."""
    try:
        with open('/proc/%d/stat' % pid) as stat:
            # The command, in parentheses, may hold anything.
            fields = stat.read().rpartition(')')[2].split()
    except OSError:
        return None
    if fields[0] in 'ZX':
        return None
    return _Stat(fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def _start_time(pid: int) -> typing.Optional[int]:
    """Clock ticks after boot at which a process started, None if it ended."""
    found = _stat(pid)
    return found.start_time if found else None


def succeeds(argv: abc.Sequence[str]) -> bool:
    """Run a program silently, and tell whether it succeeded."""
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0


def find_pid(layout: layout_mod.Layout, name: str) -> typing.Optional[int]:
    """Return the process id of a service, None if it does not run."""
    try:
        record = json.loads((layout.pids / name).read_text())
    except (OSError, ValueError):
        return None
    pid: int = record['pid']
    return pid if _start_time(pid) == record['start_time'] else None


def _members(leader: int) -> list[int]:
    """A service's processes: its session's and its descendants."""
    found = {int(path.name): _stat(int(path.name))
             for path in pathlib.Path('/proc').glob('[0-9]*')}
    alive = {pid: stat for pid, stat in found.items() if stat is not None}
    members = {pid for pid, stat in alive.items()
               if pid == leader or stat.session == leader}
    while True:
        more = {pid for pid, stat in alive.items()
                if stat.parent in members} - members
        if not more:
            return sorted(members)
        members |= more


def _signal_all(layout: layout_mod.Layout, name: str,
                signum: signal.Signals) -> list[int]:
    leader = find_pid(layout, name)
    if leader is None:
        raise exception.NotRunning('%s does not run.' % name)
    members = _members(leader)
    for pid in members:
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            # It ended meanwhile.
            pass
    return members


def freeze(layout: layout_mod.Layout, name: str) -> list[int]:
    """Stop all processes of a service where they are: SIGSTOP.

    :returns: their ids
    :raises NotRunning: if it does not run
    """
    return _signal_all(layout, name, signal.SIGSTOP)


def thaw(layout: layout_mod.Layout, name: str) -> list[int]:
    """Let a frozen service go on: SIGCONT; harmless if it is not frozen.

    :returns: the ids of its processes
    :raises NotRunning: if it does not run
    """
    return _signal_all(layout, name, signal.SIGCONT)


def is_frozen(layout: layout_mod.Layout, name: str) -> bool:
    """Whether a service runs but is frozen."""
    pid = find_pid(layout, name)
    found = None if pid is None else _stat(pid)
    return found is not None and found.state == 'T'


def environment(
        extra: typing.Optional[abc.Mapping[str, str]] = None,
) -> dict[str, str]:
    """The environment of a service; nothing of the user's own Nova set-up."""
    env = {name: value for name, value in os.environ.items()
           if name in ('LANG', 'LC_ALL', 'HOME', 'TZ', 'TMPDIR')}
    env.setdefault('HOME', '/root')
    env['PATH'] = programs.path()
    env['PYTHONUNBUFFERED'] = '1'
    env.update(extra or {})
    return env


def start(layout: layout_mod.Layout, service: Service) -> bool:
    """Start a service in the background, unless it runs already.

    :returns: True if it was started
    """
    if find_pid(layout, service.name) is not None:
        return False
    layout.pids.mkdir(parents=True, exist_ok=True)
    layout.logs.mkdir(parents=True, exist_ok=True)
    sock = service.listen(layout) if service.listen else None
    argv = [arg.replace('{fd}', str(sock.fileno()) if sock else '')
            for arg in service.argv]
    with open(layout.log(service.name), 'ab') as log:
        offset = log.tell()
        proc = subprocess.Popen(
            namespaces.enter(layout, service.machine) + argv,
            env=environment(service.env), cwd='/', stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            pass_fds=[sock.fileno()] if sock else ())
    if sock:
        sock.close()
    (layout.pids / service.name).write_text(json.dumps(
        {'pid': proc.pid, 'start_time': _start_time(proc.pid),
         'log_offset': offset}))
    return True


def log_since_start(layout: layout_mod.Layout, name: str) -> str:
    """What a service has logged since it was last started."""
    try:
        offset = json.loads((layout.pids / name).read_text())['log_offset']
        with open(layout.log(name), errors='replace') as log:
            log.seek(offset)
            return log.read()
    except OSError:
        return ''


def _tail(path: pathlib.Path, lines: int = 5) -> str:
    try:
        text = path.read_text(errors='replace')
    except OSError:
        return ''
    return ' | '.join(text.strip().splitlines()[-lines:])


def wait_ready(layout: layout_mod.Layout, service: Service) -> None:
    """Wait until a service answers.

    :raises SandboxError: if it ends or is not ready in time
    """
    deadline = time.monotonic() + service.timeout
    while not service.ready(layout):
        if find_pid(layout, service.name) is None:
            raise exception.SandboxError(
                '%(name)s ended at once; %(log)s says: %(tail)s'
                % {'name': service.name, 'log': layout.log(service.name),
                   'tail': _tail(layout.log(service.name))})
        if time.monotonic() > deadline:
            raise exception.TimedOut(
                '%(name)s is not ready after %(timeout)d s; see %(log)s'
                % {'name': service.name, 'timeout': service.timeout,
                   'log': layout.log(service.name)})
        time.sleep(0.1)


def _has_ended(pid: int) -> bool:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return _start_time(pid) is None


def stop(layout: layout_mod.Layout, name: str, grace: float = 15) -> bool:
    """Stop a service: SIGTERM, then SIGKILL to what is left of it.

    :param grace: seconds between the two
    :returns: True if it ran
    """
    pid = find_pid(layout, name)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    # One that is frozen would not even see it.
    os.killpg(pid, signal.SIGCONT)
    deadline = time.monotonic() + grace
    while not _has_ended(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        # The service leads its process group.
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    while not _has_ended(pid):
        time.sleep(0.02)
    (layout.pids / name).unlink()
    return True
