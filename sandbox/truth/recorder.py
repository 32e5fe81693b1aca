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

"""Record libvirt's job statistics and events of a host's live migrations.

    python -m sandbox.truth.recorder DIRECTORY HOST

runs on each compute host as a process of its own; it only polls. For every
server that leaves this host ``DIRECTORY/HOST/SERVER.jsonl`` gets one JSON
object a line, with ``time`` in seconds since 1970:

``{"time", "event": "job-started"}``
    the first sample of an outgoing migration follows
``{"time", "asked", "sample": {...}}``
    virDomain.jobStats(), every 0.2 s: bytes, times in ms; asked is the moment
    before the call
``{"time", "event": "migration-iteration", "iteration": N}``
    pass N of the memory copy begins
``{"time", "event": "job-completed", "stats": {...}}``
    the final statistics; libvirt sends them on success only
``{"time", "event": "job-ended", "error": null or text}``
    no job any more, or the domain is gone
"""

from collections import abc
import json
import pathlib
import sys
import threading
import time
import typing

import libvirt

INTERVAL = 0.2


class Journal:
    """The files; several threads append to them."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()

    def write(self, server_id: str, **record: typing.Any) -> None:
        record = dict(time=time.time(), **record)
        line = json.dumps(record) + '\n'
        with self.lock:
            with open(self.directory / (server_id + '.jsonl'), 'a') as file:
                file.write(line)


class DomainSampler(threading.Thread):
    """Samples one domain for as long as it runs here.

    :param done: called with the server's id at the end
    """

    def __init__(self, journal: Journal, domain: libvirt.virDomain,
                 done: abc.Callable[[str], object]) -> None:
        super().__init__(daemon=True)
        self.journal = journal
        self.domain = domain
        self.server_id: str = domain.UUIDString()
        self.done = done

    def run(self) -> None:
        migrating = False
        try:
            while True:
                began = time.monotonic()
                asked = time.time()
                stats = self.domain.jobStats()
                leaving = (
                    stats.get('operation') ==
                    libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT)
                if leaving and not migrating:
                    self.journal.write(self.server_id, event='job-started')
                    migrating = True
                if leaving:
                    self.journal.write(self.server_id, asked=asked,
                                       sample=stats)
                elif migrating:
                    self.journal.write(self.server_id, event='job-ended',
                                       error=None)
                    migrating = False
                time.sleep(max(0, began + INTERVAL - time.monotonic()))
        except libvirt.libvirtError as exc:
            if migrating:
                self.journal.write(self.server_id, event='job-ended',
                                   error=str(exc))
        finally:
            self.done(self.server_id)


class HostRecorder:
    """Records the migrations of all domains of the local libvirtd."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.samplers: dict[str, DomainSampler] = {}
        self.lock = threading.Lock()

    def _note_iteration(
            self, _conn: libvirt.virConnect, domain: libvirt.virDomain,
            iteration: int, _opaque: None) -> None:
        self.journal.write(domain.UUIDString(), event='migration-iteration',
                           iteration=iteration)

    def _note_completed(
            self, _conn: libvirt.virConnect, domain: libvirt.virDomain,
            stats: dict[str, typing.Any], _opaque: None) -> None:
        self.journal.write(domain.UUIDString(), event='job-completed',
                           stats=stats)

    def _forget(self, server_id: str) -> None:
        with self.lock:
            self.samplers.pop(server_id, None)

    def _sample_new_domains(self, conn: libvirt.virConnect) -> None:
        for domain in conn.listAllDomains(
                libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            with self.lock:
                if domain.UUIDString() in self.samplers:
                    continue
                sampler = DomainSampler(self.journal, domain, self._forget)
                self.samplers[sampler.server_id] = sampler
            sampler.start()

    def _record_session(self) -> None:
        conn = libvirt.open('qemu:///system')
        conn.setKeepAlive(5, 3)
        for event, callback in (
                (libvirt.VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION,
                 self._note_iteration),
                (libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                 self._note_completed)):
            conn.domainEventRegisterAny(None, event, callback, None)
        print('recording', flush=True)
        while conn.isAlive():
            self._sample_new_domains(conn)
            time.sleep(INTERVAL)

    def run(self) -> typing.NoReturn:
        """Record for ever, also across restarts of libvirtd."""
        libvirt.registerErrorHandler(lambda _context, _error: None, None)
        libvirt.virEventRegisterDefaultImpl()

        def handle_events() -> None:
            while True:
                libvirt.virEventRunDefaultImpl()

        threading.Thread(target=handle_events, daemon=True).start()
        while True:
            try:
                self._record_session()
            except libvirt.libvirtError as exc:
                print(exc, flush=True)
            time.sleep(1)


def main(argv: list[str]) -> None:
    directory, host = argv
    HostRecorder(Journal(pathlib.Path(directory) / host)).run()


if __name__ == '__main__':
    main(sys.argv[1:])
