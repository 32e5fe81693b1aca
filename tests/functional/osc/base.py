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

"""The real ``openstack`` against a real compute API over HTTP."""

import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from wsgiref import simple_server

import fixtures as pyfixtures
from nova import context
from nova.db.main import api as db
from nova.tests import fixtures as nova_fixtures
from nova.tests.unit import fake_request_spec
from oslo_utils.fixture import uuidsentinel as uuids
from oslo_utils import timeutils
import testtools

from tests.functional.client import base
from tests.functional import fixtures

#: Seconds after which a command is taken for hanging.
TIMEOUT = 60


def openstack():
    """Return the path of the openstack command, None without one."""
    beside = pathlib.Path(sys.executable).parent / 'openstack'
    return str(beside) if beside.exists() else shutil.which('openstack')


class Handler(simple_server.WSGIRequestHandler):

    def log_message(self, *args):
        """Print nothing."""


class Result:
    """What a command did."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self):
        return json.loads(self.out)


class Terminal:
    """A pseudo terminal that a command writes to."""

    def __init__(self, columns, lines):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack('HHHH', lines, columns, 0, 0))

    def close(self):
        os.close(self.master)
        os.close(self.slave)


@testtools.skipUnless(openstack(), 'needs python-openstackclient')
class ShellTestCase(base.ClientTestCase):
    """Runs commands as they are typed.

    The API answers in the test's own thread, while a command runs: what the
    database holds can be changed between two requests.
    """

    caller = fixtures.ADMIN
    project = nova_fixtures.PROJECT_ID

    def setUp(self):
        super().setUp()
        self.useFixture(nova_fixtures.NeutronFixture(self))
        self.home = self.useFixture(pyfixtures.TempDir()).path

    def add_server(self, uuid, name, cell='cell1', **kwargs):
        """Insert a server that GET /servers/{id} can show."""
        super().add_server(uuid, name, cell=cell, **kwargs)
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings[cell]) as cctxt:
            db.instance_update(cctxt, uuid, {
                'image_ref': uuids.image, 'progress': 0, 'config_drive': '',
                'hostname': 'server', 'launch_index': 0, 'power_state': 1,
                'launched_at': timeutils.utcnow(),
                'reservation_id': 'r-1', 'root_device_name': '/dev/vda',
                'kernel_id': '', 'ramdisk_id': ''})
            db.instance_info_cache_update(cctxt, uuid, {'network_info': '[]'})
        spec = fake_request_spec.fake_spec_obj(remove_id=True)
        spec._context = context.get_admin_context()
        spec.instance_uuid = uuid
        spec.create()

    def serve(self, plugin=True):
        """Start an API, with the plugin or without."""
        self.api = self.use_api(plugin)
        self.served = []
        #: What answers instead of the API, None for the API itself.
        self.instead = None
        self.server = simple_server.make_server(
            '127.0.0.1', 0, self._application, handler_class=Handler)
        self.server.timeout = 0
        self.addCleanup(self.server.server_close)

    def _application(self, environ, start_response):
        path = environ['PATH_INFO']
        if environ['QUERY_STRING']:
            path += '?' + environ['QUERY_STRING']
        if path.startswith('/identity'):
            return self._identity(environ, start_response)
        self.served.append(path)
        if self.instead is not None:
            return self.instead(environ, start_response)
        user, roles = self.caller
        environ['HTTP_X_AUTH_USER'] = user
        environ['HTTP_X_AUTH_PROJECT_ID'] = self.project
        environ['HTTP_X_ROLES'] = ','.join(roles)
        return self.api._app(environ, start_response)

    def _identity(self, environ, start_response):
        """Answer as the identity service: one token, and one catalog."""
        url = 'http://127.0.0.1:%d' % self.server.server_port
        status, headers, body = '403 Forbidden', [], {'error': {
            'message': 'no', 'code': 403, 'title': 'Forbidden'}}
        if environ['PATH_INFO'].rstrip('/') == '/identity/v3':
            status, body = '200 OK', {'version': {
                'id': 'v3.14', 'status': 'stable', 'links': [
                    {'rel': 'self', 'href': url + '/identity/v3/'}]}}
        elif environ['PATH_INFO'] == '/identity/v3/auth/tokens':
            length = int(environ['CONTENT_LENGTH'])
            environ['wsgi.input'].read(length)
            status, headers = '201 Created', [('X-Subject-Token', 'token')]
            body = {'token': {
                'methods': ['password'], 'user': {
                    'id': 'user', 'name': 'user',
                    'domain': {'id': 'default', 'name': 'Default'}},
                'project': {
                    'id': self.project, 'name': 'project',
                    'domain': {'id': 'default', 'name': 'Default'}},
                'roles': [], 'issued_at': '2026-01-01T00:00:00.000000Z',
                'expires_at': '2126-01-01T00:00:00.000000Z', 'catalog': [
                    {'type': kind, 'id': kind, 'name': kind, 'endpoints': [{
                        'id': kind, 'interface': 'public', 'region': 'one',
                        'region_id': 'one', 'url': url + path}]}
                    for kind, path in (('compute', '/v2.1'),
                                       ('identity', '/identity/v3'))]}}
        body = json.dumps(body).encode()
        start_response(status, headers + [
            ('Content-Type', 'application/json'),
            ('Content-Length', str(len(body)))])
        return [body]

    def start(self, *args, terminal=None, env=None):
        """Start a command; returns the process, see finish()."""
        environment = {
            'PATH': os.environ['PATH'], 'HOME': self.home,
            'LC_ALL': 'C.UTF-8', 'TERM': 'xterm-256color',
            'OS_AUTH_URL': 'http://127.0.0.1:%d/identity/v3' %
            self.server.server_port, 'OS_IDENTITY_API_VERSION': '3',
            'OS_USERNAME': 'user', 'OS_PASSWORD': 'secret',
            'OS_USER_DOMAIN_ID': 'default', 'OS_PROJECT_NAME': 'project',
            'OS_PROJECT_DOMAIN_ID': 'default',
        }
        environment.update(env or {})
        stdout = subprocess.PIPE if terminal is None else terminal.slave
        return subprocess.Popen(
            [openstack()] + list(args),
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
            env=environment, cwd=self.home)

    def finish(self, process, terminal=None, tick=lambda out: None,
               timeout=TIMEOUT):
        """Serve until a command has ended.

        :param tick: called again and again with the output so far
        """
        out = terminal.master if terminal else process.stdout.fileno()
        err = process.stderr.fileno()
        outs = {out: b'', err: b''}
        deadline = time.monotonic() + timeout
        open_files = list(outs)
        while True:
            if time.monotonic() > deadline:
                process.kill()
                self.fail('%s hangs: %r' % (process.args, outs))
            ready, _w, _x = select.select(
                open_files + [self.server], [], [], 0.05)
            for file in ready:
                if file is self.server:
                    self.server.handle_request()
                    continue
                read = os.read(file, 65536)
                outs[file] += read
                if not read:
                    open_files.remove(file)
            if not ready and process.poll() is not None:
                break
            tick(outs[out].decode('utf-8', 'replace'))
        process.stderr.close()
        if process.stdout:
            process.stdout.close()
        return Result(process.returncode, outs[out].decode(),
                      outs[err].decode())

    def openstack(self, *args, size=None, env=None, tick=lambda out: None):
        """Run a command to its end.

        :param size: columns and lines of a terminal, None for a pipe
        """
        terminal = Terminal(*size) if size else None
        process = self.start(*args, terminal=terminal, env=env)
        try:
            return self.finish(process, terminal, tick)
        finally:
            if terminal:
                terminal.close()

    def interrupt(self, process):
        """Press Ctrl-C."""
        process.send_signal(signal.SIGINT)

    def change(self, minute, cell='cell1', **values):
        """Change a migration, as its compute node does while it goes on."""
        values.setdefault('updated_at', timeutils.utcnow())
        with context.target_cell(context.get_admin_context(),
                                 self.cell_mappings[cell]) as cctxt:
            migration = db.migration_get_by_uuid(
                cctxt, getattr(uuids, 'migration_%s_%d' % (cell, minute)))
            db.migration_update(cctxt, migration['id'], values)
