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

"""Let something fail while a live migration runs, and look at everything.

The migration is kept slow until the outage is over and some time has passed,
then it may use all of the network, so that it ends.
"""

import time

from sandbox import api_poller
from sandbox import client
from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox.outage import cases
from sandbox.outage import outcome
from sandbox import process
from sandbox import servers
from sandbox.truth import calls
from sandbox.truth import reader

NAME = 'outage'
SOURCE = 'compute1'
#: At 1 MiB/s the guest, of which 230 MiB are in use, takes four minutes.
BANDWIDTH = 1
#: Seconds of undisturbed migration before the outage and after it.
BEFORE = 20
AFTER = 30
#: Seconds for the migration to end then. Stock Nova's RPC timeout is 60 s.
END = 150


def _wait(seconds, check):
    """Whether check() became true in time; a failing API is not the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if check():
                return True
        except exception.SandboxError:
            pass
        time.sleep(0.5)
    return False


def _guest(layout, server_id):
    """Where the guest runs, and whether its memory is intact there."""
    hosts = servers.running_on(layout, server_id)
    if len(hosts) != 1:
        return hosts, False
    try:
        # Nova may say something else.
        servers.verify(layout, server_id, host=hosts[0])
    except exception.SandboxError:
        return hosts, False
    return hosts, True


def _request(layout, api, case, entry):
    """Do what is done during the outage; returns when it was asked for."""
    asked = time.time()
    path = '/servers/%s/migrations/%s' % (entry['instance_uuid'], entry['id'])
    if case.during == cases.ABORT:
        api.delete(path)
    elif case.during == cases.FORCE_COMPLETE:
        api.post(path + '/action', {'force_complete': None})
    elif case.during == cases.FINISH:
        servers.bandwidth(layout, 0)
    return asked


def _disturb(layout, api, case, entry):
    """The outage: its beginning, its end and the time of the request."""
    began = time.time()
    asked = None
    with case.fault(layout, case.service):
        if case.during:
            time.sleep(case.after)
            asked = _request(layout, api, case, entry)
        time.sleep(max(0, began + case.seconds - time.time()))
    return began, time.time(), asked


def run(layout, driver, case, say):
    """Run one case; the sandbox must be up with the driver.

    :param say: called with a line about each step
    :returns: an outcome.Outcome
    """
    api = client.Client(layout)
    say('%s, %s: booting' % (case.name, driver))
    servers.bandwidth(layout, BANDWIDTH)
    server = servers.boot(layout, NAME, SOURCE, memory=256, dirty_rate=0.5,
                          working_set=128)
    log = layout.log('nova-compute@' + SOURCE)
    offset = log.stat().st_size
    entry = migrations.live_migrate(layout, NAME)
    if not _wait(60, lambda: migrations.migration(
            api, server['id'], entry['uuid'])['status'] == 'running'):
        raise exception.Timeout('The migration did not begin to run.')
    watch = api_poller.Poller(layout, entry)
    watch.start()
    time.sleep(BEFORE)
    say('%s, %s: the outage begins' % (case.name, driver))
    began, ended, asked = _disturb(layout, api, case, entry)
    say('%s, %s: the outage is over' % (case.name, driver))

    def is_over():
        return database.migration(layout, entry['uuid'])[0] in migrations.FINAL

    _wait(AFTER, is_over)
    servers.bandwidth(layout, 0)
    over = _wait(END, is_over)
    # Stock Nova may turn "cancelled" into "error" a moment later.
    time.sleep(3 if over else 0)
    readings = watch.stop()
    hosts, intact = _guest(layout, server['id'])
    truth = reader.last(layout.truth, server['id'])
    made = calls.read(layout.libvirt_calls(SOURCE), server['id'])
    shown = api.get('/servers/' + server['id'])['server']
    status, numbers = database.migration(layout, entry['uuid'])
    with open(log, errors='replace') as stream:
        stream.seek(offset)
        lines = stream.read().splitlines()
    return outcome.judge(
        case, driver, began=began, ended=ended, asked=asked,
        readings=readings, truth=truth, calls=made, log=lines,
        migration=status, numbers=numbers, hosts=hosts, intact=intact,
        server=shown)


def clean(layout, say):
    """Remove what a case left; returns whether that was possible.

    After some outages stock Nova cannot delete the server any more.
    """
    if any(process.pid_of(layout, 'nova-compute@' + host) is None
           for host in layout_mod.COMPUTES):
        return False
    try:
        servers.bandwidth(layout, 0)
        server = client.Client(layout).server(NAME)
        if server['OS-EXT-STS:task_state'] is None and (
                server['status'] == 'ACTIVE'):
            servers.delete(layout, NAME)
            return True
    except exception.NotFound:
        return True
    except exception.SandboxError as exc:
        say('the server could not be deleted: %s' % exc)
    return False
