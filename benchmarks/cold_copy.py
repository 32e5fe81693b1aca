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

"""What watching one cold migration costs nova-compute, and how right it is.

A file of random bytes is copied three times: by scp and rsync through an ssh
that passes on so many bytes a second, and by cp, which is stopped and let on
so that it takes as long. Each is watched as nova-compute watches it, by a
ColdObserver's own thread; its processor time and that of the recording are
counted, not the RPC calls, of which there is one per interval. The error is
the position against the size of the file at the destination, ten times a
second.

Run it from the checkout as ``python -m benchmarks.cold_copy``.
"""

import argparse
from collections import abc
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import typing

import tests  # noqa: F401  (before anything imports eventlet)

from nova import context  # noqa: I100
from nova import objects

from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import recorder
from tests import copying

MIB = 1 << 20
UUID = '6b0a6cf7-8e1b-4b55-a1e3-b7a1a7ca0001'


class SampleKeeper:
    """Stands in for the recorder: keeps the newest sample and writes none."""

    newest: typing.Any = None

    def start(self, migration: 'objects.Migration',
              instance: 'objects.Instance',
              task_state: str) -> 'SampleKeeper':
        return self

    def put(self, newest: typing.Any) -> None:
        self.newest = newest

    def end(self) -> None:
        pass

    def close(self, final: typing.Any, saved: bool) -> None:
        self.newest = final


class TimedObserver(cold_observer.ColdObserver):
    """Counts the processor time of its own thread."""

    seconds = 0.0
    time = 0.0

    def _poll(self) -> None:
        began = time.monotonic()
        try:
            super()._poll()
        finally:
            used = resource.getrusage(resource.RUSAGE_THREAD)
            self.seconds = used.ru_utime + used.ru_stime
            self.time = time.monotonic() - began


def pace(process: subprocess.Popen[bytes], target: pathlib.Path,
         rate: int) -> None:
    """Let a cp be as fast as the others."""
    began = time.monotonic()
    while process.poll() is None:
        ahead = find_size(target) > rate * (time.monotonic() - began)
        process.send_signal(signal.SIGSTOP if ahead else signal.SIGCONT)
        time.sleep(0.002)


def find_size(target: pathlib.Path) -> int:
    """The size of a copy; rsync gives it its name when it is complete."""
    for path in [target, *target.parent.glob('.%s.*' % target.name)]:
        try:
            return path.stat().st_size
        except OSError:
            continue
    return 0


def measure(command: abc.Sequence[str], source: pathlib.Path,
            target: pathlib.Path, rate: int,
            local: bool) -> dict[str, typing.Any]:
    """Let a command copy a file, and observe it as nova-compute does.

    :param rate: bytes per second
    :param local: the command is cp
    :returns: what is printed of it
    """
    instance = objects.Instance(
        uuid=UUID, progress=0,
        migration_context=objects.MigrationContext(migration_id=1))
    keeper = SampleKeeper()
    observer = TimedObserver(typing.cast(recorder.Recorder, keeper),
                             context.get_admin_context(), instance)
    before = threading.active_count()
    observer.plan([{'path': str(source)}])
    copy = observer.copy_begins(str(source), str(target))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    observer.copy_runs(copy, None if local else process)
    errors = []
    if local:
        threading.Thread(target=pace, args=(
            process, target, rate)).start()
    while process.poll() is None:
        time.sleep(0.1)
        if keeper.newest.disk_processed and process.poll() is None:
            errors.append(abs(find_size(target) -
                              keeper.newest.disk_processed))
    observer.copy_ends(copy)
    observer.completed()
    while threading.active_count() > before:
        time.sleep(0.01)
    final = keeper.newest
    return {
        'seconds': round(observer.time, 1),
        'cost_ms_per_second': round(
            1000 * observer.seconds / observer.time, 3),
        'error_mib': {
            'mean': round(sum(errors) / len(errors) / MIB, 2),
            'worst': round(max(errors) / MIB, 2)},
        'mib_per_poll': round(rate * cold_observer.POLL_INTERVAL / MIB, 2),
        'final': [final.disk_total, final.disk_processed,
                  final.disk_remaining],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', type=int, default=320, metavar='MIB')
    parser.add_argument('--rate', type=int, default=16, metavar='MIB_S')
    args = parser.parse_args()
    for name, value in (('size', args.size), ('rate', args.rate)):
        if value < 1:
            parser.error('--%s must be at least 1, not %d' % (name, value))
    lack = copying.missing()
    if lack:
        sys.exit('This benchmark %s.' % lack)
    objects.register_all()
    rate = args.rate * MIB
    results = {}
    with tempfile.TemporaryDirectory() as directory, \
            copying.RemoteMachine(rate) as remote:
        source = pathlib.Path(directory) / 'disk'
        source.write_bytes(os.urandom(args.size * MIB))
        for name, command, local in (
                ('scp', ['scp', '-r'], False),
                ('rsync', ['rsync', '-r', '--sparse'], False),
                ('cp', ['cp', '-r'], True)):
            target = (pathlib.Path(directory) / 'copy' if local
                      else remote.path('/' + name))
            where = str(target) if local else '192.0.2.1:/' + name
            results[name] = measure(
                command + [str(source), where], source, target, rate, local)
    print(json.dumps(results, indent=2))


if __name__ == '__main__':
    main()
