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

"""What can be done with the migrations of the sandbox's servers."""

from collections import abc
import time
import typing

from nova_migprogress import statuses
from sandbox import checks
from sandbox import client
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import servers
from sandbox import verification
from sandbox import waiting

#: Statuses after which nothing happens to a migration any more. One that is
#: 'finished' still waits to be confirmed.
FINAL = statuses.FAILED_STATUSES | {
    statuses.COMPLETED, statuses.CONFIRMED, statuses.REVERTED}

#: Seconds between two requests of poll().
INTERVAL = 0.5


class Success(typing.TypedDict):
    """What has become of a live migration that is completed."""

    migration: client.JSONObject
    #: It is intact on the destination.
    guest: verification.Verification


def live_migrate(layout: layout_mod.Layout, name: str,
                 block: bool = False) -> client.JSONObject:
    """Ask for a live migration to the other host.

    :param block: copy its local disk too
    :returns: the migration's entry in GET /os-migrations
    """
    api = client.Client(layout)
    server = api.server(name)
    servers.apply_bandwidth(layout, client.compute_host(server))
    return _request(api, server, {'os-migrateLive': {
        'host': None, 'block_migration': block}})


def cold_migrate(layout: layout_mod.Layout, name: str) -> client.JSONObject:
    """Ask for a cold migration to the other host.

    :returns: the migration's entry in GET /os-migrations
    """
    api = client.Client(layout)
    return _request(api, api.server(name), {'migrate': None})


def _request(api: client.Client, server: client.JSONObject,
             body: client.JSONObject) -> client.JSONObject:
    known = {entry['uuid'] for entry in
             api.migrations(instance_uuid=server['id'])}
    api.post('/servers/%s/action' % server['id'], body)

    def check() -> typing.Union[client.JSONObject, typing.Literal[False]]:
        new = [entry for entry in api.migrations(instance_uuid=server['id'])
               if entry['uuid'] not in known]
        return new[0] if new else False

    return waiting.poll('A migration of %s' % server['name'], 30, check,
                        step=0.1)


def migration(
        api: client.Client, server_id: str, uuid: str,
        microversion: str = client.MICROVERSION) -> client.JSONObject:
    """One migration's entry in GET /os-migrations.

    :raises NotFound: if there is none
    """
    for entry in api.migrations(microversion, instance_uuid=server_id):
        if entry['uuid'] == uuid:
            return entry
    raise exception.NotFound('There is no migration %s.' % uuid)


def poll(layout: layout_mod.Layout, entry: client.JSONObject,
         microversion: str,
         on_reading: abc.Callable[[checks.Reading], object] = (
             lambda reading: None),
         timeout: float = 240) -> list[checks.Reading]:
    """Poll GET /os-migrations until a migration has ended.

    :param entry: the migration
    :param on_reading: called with each reading
    :returns: the readings; the last one is final
    :raises TimedOut: if it does not end
    """
    api = client.Client(layout)
    deadline = time.monotonic() + timeout
    readings: list[checks.Reading] = []
    while time.monotonic() < deadline:
        began = time.monotonic()
        asked = time.time()
        found = migration(api, entry['instance_uuid'], entry['uuid'],
                          microversion=microversion)
        readings.append({'time': asked, 'answered': time.time(),
                         'migration': found})
        on_reading(readings[-1])
        if found['status'] in FINAL:
            return readings
        time.sleep(max(0, began + INTERVAL - time.monotonic()))
    raise exception.TimedOut(
        'The migration %s did not end within %d s.'
        % (entry['uuid'], timeout))


def wait(layout: layout_mod.Layout, entry: client.JSONObject,
         timeout: float = 600) -> Success:
    """Wait for the end of a live migration; on success verify the guest.

    :param entry: the migration, as live_migrate() returned it
    :raises SandboxError: unless it is completed and the guest's memory is
        intact on the destination
    """
    api = client.Client(layout)

    def check() -> typing.Union[client.JSONObject, typing.Literal[False]]:
        now = migration(api, entry['instance_uuid'], entry['uuid'])
        return now if now['status'] in FINAL else False

    final = waiting.poll('The end of the migration', timeout, check)
    if final['status'] != statuses.COMPLETED:
        raise exception.SandboxError(
            'The migration %s ended as %s.'
            % (final['uuid'], final['status']))
    host = client.compute_host(wait_settled(layout, entry['instance_uuid']))
    if host != final['dest_compute']:
        raise exception.SandboxError(
            'The server is on %s, not on the destination %s.'
            % (host, final['dest_compute']))
    return {'migration': final,
            'guest': verification.verify(layout, entry['instance_uuid'])}


def wait_settled(layout: layout_mod.Layout,
                 server_id: str) -> client.JSONObject:
    """Wait until Nova does nothing with a server any more; returns it."""
    api = client.Client(layout)

    def check() -> typing.Union[client.JSONObject, typing.Literal[False]]:
        server = api.show_server(server_id)
        return server if client.task_state(server) is None else False

    return waiting.poll('The end of the server action', 60, check)


def wait_resized(layout: layout_mod.Layout, entry: client.JSONObject,
                 timeout: float = 300) -> client.JSONObject:
    """Wait for a cold migration that only lacks its confirmation."""
    api = client.Client(layout)

    def check() -> typing.Union[client.JSONObject, typing.Literal[False]]:
        now = migration(api, entry['instance_uuid'], entry['uuid'])
        if now['status'] in statuses.FAILED_STATUSES:
            raise exception.SandboxError(
                'The migration %s ended as %s.'
                % (now['uuid'], now['status']))
        return now if now['status'] == statuses.FINISHED else False

    return waiting.poll('The end of the migration', timeout, check)


def confirm(layout: layout_mod.Layout, name: str) -> None:
    """Confirm a cold migration and wait until that is done."""
    api = client.Client(layout)
    server = api.server(name)
    api.post('/servers/%s/action' % server['id'], {'confirmResize': None})
    wait_settled(layout, server['id'])


def _find_live_migration(api: client.Client,
                         server: client.JSONObject) -> client.JSONObject:
    """The live migration of a server that is not over.

    :raises NotFound: if there is none
    """
    for entry in api.migrations(instance_uuid=server['id']):
        if entry['status'] not in FINAL and (
                entry['migration_type'] == 'live-migration'):
            return entry
    raise exception.NotFound(
        '%s has no running live migration.' % server['name'])


def request_abort(api: client.Client, entry: client.JSONObject) -> None:
    """Ask for the abort of a running live migration."""
    api.delete('/servers/%s/migrations/%s'
               % (entry['instance_uuid'], entry['id']))


def request_completion(api: client.Client, entry: client.JSONObject) -> None:
    """Ask that a running live migration be forced to complete."""
    api.post('/servers/%s/migrations/%s/action'
             % (entry['instance_uuid'], entry['id']),
             {'force_complete': None})


def abort(layout: layout_mod.Layout, name: str) -> client.JSONObject:
    """Abort a server's running live migration; returns its entry."""
    api = client.Client(layout)
    entry = _find_live_migration(api, api.server(name))
    request_abort(api, entry)
    return entry


def force_complete(layout: layout_mod.Layout, name: str) -> client.JSONObject:
    """Force a server's running live migration to complete; as abort()."""
    api = client.Client(layout)
    entry = _find_live_migration(api, api.server(name))
    request_completion(api, entry)
    return entry
