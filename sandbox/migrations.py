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

from sandbox import client
from sandbox import exception
from sandbox import servers
from sandbox import waiting

#: Statuses after which nothing happens to a migration any more.
FINAL = ('completed', 'confirmed', 'reverted', 'error', 'failed',
         'cancelled')


def live_migrate(layout, name, block=False):
    """Ask for a live migration to the other host.

    :param block: copy its local disk too
    :returns: the migration's entry in GET /os-migrations
    """
    api = client.Client(layout)
    server = api.server(name)
    servers.cap(layout, client.host_of(server))
    return _request(api, server, {'os-migrateLive': {
        'host': None, 'block_migration': block}})


def cold_migrate(layout, name):
    """Ask for a cold migration to the other host.

    :returns: the migration's entry in GET /os-migrations
    """
    api = client.Client(layout)
    return _request(api, api.server(name), {'migrate': None})


def _request(api, server, body):
    known = {entry['uuid'] for entry in
             api.migrations(instance_uuid=server['id'])}
    api.post('/servers/%s/action' % server['id'], body)

    def check():
        new = [entry for entry in api.migrations(instance_uuid=server['id'])
               if entry['uuid'] not in known]
        return new and new[0]

    return waiting.poll('A migration of %s' % server['name'], 30, check,
                        step=0.1)


def migration(api, server_id, uuid, **kwargs):
    """One migration's entry in GET /os-migrations."""
    for entry in api.migrations(instance_uuid=server_id, **kwargs):
        if entry['uuid'] == uuid:
            return entry
    raise exception.NotFound('There is no migration %s.' % uuid)


def wait(layout, entry, timeout=600):
    """Wait for the end of a live migration; on success verify the guest.

    :param entry: the migration, as live_migrate() returned it
    :returns: the final ``migration`` and ``guest``, see servers.verify()
    :raises SandboxError: unless it is completed and the guest's memory is
        intact on the destination
    """
    api = client.Client(layout)

    def check():
        now = migration(api, entry['instance_uuid'], entry['uuid'])
        return now['status'] in FINAL and now

    final = waiting.poll('The end of the migration', timeout, check)
    if final['status'] != 'completed':
        raise exception.SandboxError(
            'The migration %s ended as %s.'
            % (final['uuid'], final['status']))
    server = settled(layout, entry['instance_uuid'])
    if client.host_of(server) != final['dest_compute']:
        raise exception.SandboxError(
            'The server is on %s, not on the destination %s.'
            % (client.host_of(server), final['dest_compute']))
    return {'migration': final,
            'guest': servers.verify(layout, entry['instance_uuid'])}


def settled(layout, server_id):
    """Wait until Nova does nothing with a server any more; returns it."""
    api = client.Client(layout)

    def check():
        server = api.get('/servers/' + server_id)['server']
        return server['OS-EXT-STS:task_state'] is None and server

    return waiting.poll('The end of the server action', 60, check)


def wait_resized(layout, entry, timeout=300):
    """Wait for a cold migration that only lacks its confirmation."""
    api = client.Client(layout)

    def check():
        now = migration(api, entry['instance_uuid'], entry['uuid'])
        if now['status'] in ('error', 'failed'):
            raise exception.SandboxError(
                'The migration %s ended as %s.'
                % (now['uuid'], now['status']))
        return now['status'] == 'finished' and now

    return waiting.poll('The end of the migration', timeout, check)


def confirm(layout, name):
    """Confirm a cold migration and wait until that is done."""
    api = client.Client(layout)
    server = api.server(name)
    api.post('/servers/%s/action' % server['id'], {'confirmResize': None})
    settled(layout, server['id'])


def _live_migration(api, server):
    """The live migration of a server that is not over.

    :raises NotFound: if there is none
    """
    for entry in api.migrations(instance_uuid=server['id']):
        if entry['status'] not in FINAL and (
                entry['migration_type'] == 'live-migration'):
            return entry
    raise exception.NotFound(
        '%s has no running live migration.' % server['name'])


def abort(layout, name):
    """Abort a running live migration; returns its entry."""
    api = client.Client(layout)
    server = api.server(name)
    entry = _live_migration(api, server)
    api.delete('/servers/%s/migrations/%s' % (server['id'], entry['id']))
    return entry


def force_complete(layout, name):
    """Force a running live migration to complete; returns its entry."""
    api = client.Client(layout)
    server = api.server(name)
    entry = _live_migration(api, server)
    api.post('/servers/%s/migrations/%s/action'
             % (server['id'], entry['id']), {'force_complete': None})
    return entry
