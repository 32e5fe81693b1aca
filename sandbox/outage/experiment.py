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

"""Let something fail while a live migration runs, and read everything.

The migration is kept slow until the outage is over and some time has passed,
then it may use all of the network, so that it ends. Where the outage is to
begin just before the end of the copy, its speed is what tells when that is.
"""

from collections import abc
import time
import typing

from nova_migprogress import statuses
from sandbox import api_poller
from sandbox import checks
from sandbox import client
from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox.outage import cases
from sandbox.outage import outcome
from sandbox import process
from sandbox import servers
from sandbox import services
from sandbox.truth import calls
from sandbox.truth import reader
from sandbox import verification

NAME = 'outage'
SOURCE = 'compute1'
#: At 1 MiB/s the guest, of which 230 MiB are in use, takes four minutes.
BANDWIDTH = 1
#: With these the end of the copy can be foretold: QEMU stops a guest for what
#: it can send within half a second (see sandbox.novaconf), which is more than
#: the guest writes during the first pass, so that there is no other.
END_BANDWIDTH = 12
END_DIRTY_RATE = 0.1
#: What is left when QEMU does so, in bytes; what of the guest's memory was
#: never written and takes no time, all of it last; and the seconds from there
#: to libvirt's final statistics, in which the destination loads the state:
#: 1.3 to 2.1 were measured.
END_REMAINING = 5 << 20
END_EMPTY = 28 << 20
END_SWITCH = 1.7
#: Seconds of undisturbed migration before the outage and after it.
BEFORE = 20
AFTER = 30
#: Seconds for the migration to end then. Stock Nova's RPC timeout is 60 s.
END = 150


def _wait(seconds: float, check: abc.Callable[[], bool]) -> bool:
    """Tell whether check() came true in time; a failing API is not the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if check():
                return True
        except exception.SandboxError:
            pass
        time.sleep(0.5)
    return False


def _find_guest(layout: layout_mod.Layout,
                server_id: str) -> tuple[list[str], bool]:
    """Where the guest runs, and whether its memory is intact there."""
    hosts = servers.find_hosts(layout, server_id)
    if len(hosts) != 1:
        return hosts, False
    try:
        # Nova may say something else.
        verification.verify(layout, server_id, host=hosts[0])
    except exception.SandboxError:
        return hosts, False
    return hosts, True


def _request(layout: layout_mod.Layout, api: client.Client, case: cases.Case,
             entry: client.JSONObject) -> float:
    """Do what is done during the outage; returns when it was asked for."""
    asked = time.time()
    if case.during == cases.ABORT:
        migrations.request_abort(api, entry)
    elif case.during == cases.FORCE_COMPLETE:
        migrations.request_completion(api, entry)
    elif case.during == cases.FINISH:
        servers.set_bandwidth(layout, 0)
    return asked


def _foretell_end(run: reader.Run) -> float:
    """When libvirt will send its final statistics, in seconds since 1970."""
    samples = checks.moving_samples(run)
    if not samples:
        return float('inf')
    time_seen: float = samples[-1]['time']
    left: int = samples[-1]['memory_remaining'] - END_REMAINING
    if left > END_EMPTY:
        left -= END_EMPTY
    return time_seen + max(0, left) / (END_BANDWIDTH << 20) + END_SWITCH


def _wait_for_end(layout: layout_mod.Layout, server_id: str,
                  before: float) -> None:
    """Wait until so many seconds before the end of the copy."""
    deadline = time.monotonic() + END
    while time.monotonic() < deadline:
        try:
            run = reader.last_run(layout.truth, server_id)
        except exception.NotFound:
            time.sleep(0.2)
            continue
        if run['ended'] is not None or run['completed'] is not None:
            # Too late; the outcome says so.
            return
        left = _foretell_end(run) - time.time()
        if left <= before:
            return
        time.sleep(min(0.1, left - before))
    raise exception.TimedOut('The copy did not come to its end.')


def _disturb(layout: layout_mod.Layout, api: client.Client, case: cases.Case,
             entry: client.JSONObject,
             ) -> tuple[float, float, typing.Optional[float]]:
    """The outage: its beginning, its end and the time of the request."""
    began = time.time()
    asked = None
    with case.fault(layout, case.service):
        if case.during:
            time.sleep(case.after)
            asked = _request(layout, api, case, entry)
        time.sleep(max(0, began + case.seconds - time.time()))
    return began, time.time(), asked


def run(layout: layout_mod.Layout, driver: str, case: cases.Case,
        say: abc.Callable[[str], object]) -> outcome.Outcome:
    """Run one case; the sandbox must be up with the driver.

    :param say: called with a line about each step
    """
    api = client.Client(layout)
    say('%s, %s: booting' % (case.name, driver))
    servers.set_bandwidth(layout, BANDWIDTH if case.before_end is None
                          else END_BANDWIDTH)
    server = servers.boot(
        layout, NAME, SOURCE, memory=256, working_set=128,
        dirty_rate=0.5 if case.before_end is None else END_DIRTY_RATE)
    log = layout.log(services.qualify('nova-compute', SOURCE))
    offset = log.stat().st_size
    entry = migrations.live_migrate(layout, NAME)
    if not _wait(60, lambda: migrations.migration(
            api, server['id'], entry['uuid'])['status'] == statuses.RUNNING):
        raise exception.TimedOut('The migration did not begin to run.')
    poller = api_poller.APIPoller(layout, entry)
    poller.start()
    if case.before_end is None:
        time.sleep(BEFORE)
    else:
        say('%s, %s, seed %s: %.1f s of outage, to begin %.2f s before the '
            'end of the copy' % (case.name, driver, case.seed, case.seconds,
                                 case.before_end))
        _wait_for_end(layout, server['id'], case.before_end)
    say('%s, %s: the outage begins' % (case.name, driver))
    began, ended, asked = _disturb(layout, api, case, entry)
    say('%s, %s: the outage is over' % (case.name, driver))

    def is_over() -> bool:
        return database.migration(layout, entry['uuid'])[0] in migrations.FINAL

    over = _wait(AFTER, is_over)
    settled = time.time()
    servers.set_bandwidth(layout, 0)
    if not over:
        over = _wait(END, is_over)
        settled = time.time()
    # Stock Nova may turn "cancelled" into "error" a moment later.
    time.sleep(3 if over else 0)
    readings = poller.stop()
    hosts, intact = _find_guest(layout, server['id'])
    truth = reader.last_run(layout.truth, server['id'])
    made = calls.read(layout.libvirt_calls(SOURCE), server['id'])
    shown = api.show_server(server['id'])
    status, numbers = database.migration(layout, entry['uuid'])
    with open(log, errors='replace') as stream:
        stream.seek(offset)
        lines = stream.read().splitlines()
    return outcome.judge(
        case, driver, began=began, ended=ended, asked=asked,
        readings=readings, truth=truth, calls=made, log=lines,
        migration=status, numbers=numbers, hosts=hosts, intact=intact,
        server=shown, settled=settled if over else None)


def clean(layout: layout_mod.Layout,
          say: abc.Callable[[str], object]) -> bool:
    """Remove what a case left; returns whether that was possible.

    After some outages stock Nova cannot delete the server any more.
    """
    computes = [services.qualify('nova-compute', host)
                for host in layout_mod.COMPUTES]
    if any(process.find_pid(layout, name) is None for name in computes):
        return False
    try:
        servers.set_bandwidth(layout, 0)
        server = client.Client(layout).server(NAME)
        if client.task_state(server) is None and server['status'] == 'ACTIVE':
            servers.delete(layout, NAME)
            return True
    except exception.NotFound:
        return True
    except exception.SandboxError as exc:
        say('the server could not be deleted: %s' % exc)
    return False
