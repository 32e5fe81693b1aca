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

"""Private database servers, started by the tests that need them.

Each runs in a directory of its own, listens on a Unix socket there and on no
port, and dies with the process that started it. It works as root and as any
other user. PostgreSQL refuses to run as root, so that root starts it as
``postgres``, or ``nobody`` where there is no such user.

A server is started once in a process, on first use, and stopped at its end::

    server = servers.get('mariadb')
    url = server.create_database('nova')
"""

import atexit
from collections import abc
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import typing

import sqlalchemy as sa
from sqlalchemy.engine import url as sa_url
from sqlalchemy import exc as sa_exc

START_TIMEOUT = 60
STOP_TIMEOUT = 30


class Unavailable(Exception):
    """A program that the server needs is not installed; says which."""


def _program(name: str, *directories: str) -> str:
    """Find a program in PATH or in directories given as glob patterns."""
    found = [path for pattern in directories for path in glob.glob(pattern)]
    places = [os.environ.get('PATH', os.defpath), '/usr/sbin',
              *sorted(found, reverse=True)]
    program = shutil.which(name, path=os.pathsep.join(places))
    if program is None:
        raise Unavailable('needs the program %s' % name)
    return program


class Server:
    """A place where databases are made, and thrown away at its end."""

    #: Account of the operating system to run as, None for the present one.
    account: typing.Optional[str] = None

    def __init__(self) -> None:
        # Not in TMPDIR, which may be closed to other accounts, or too long
        # for the name of a socket.
        self.directory = tempfile.mkdtemp(prefix='migprogress-db-',
                                          dir='/tmp')

    def path(self, name: str) -> str:
        return os.path.join(self.directory, name)

    def start(self) -> None:
        """Start the server and wait until it answers."""

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL.

        The URL is a string and holds the password, as in a nova.conf.
        """
        raise NotImplementedError

    def copy_database(self, name: str, copy: str,
                      tables: abc.Sequence[str] = ()) -> str:
        """Copy a database that nobody is using; return the copy's URL.

        :param tables: copy no others, where that is faster
        """
        raise NotImplementedError


class SQLite(Server):
    """Files instead of a server."""

    def create_database(self, name: str) -> str:
        path = self.path(name + '.sqlite')
        open(path, 'wb').close()
        return 'sqlite:///' + path

    def copy_database(self, name: str, copy: str,
                      tables: abc.Sequence[str] = ()) -> str:
        shutil.copyfile(self.path(name + '.sqlite'),
                        self.path(copy + '.sqlite'))
        return 'sqlite:///' + self.path(copy + '.sqlite')


class _Process(Server):
    """A server that is a process of its own."""

    #: Signal that makes it stop at once, but cleanly.
    stop_signal = signal.SIGTERM

    process: typing.Optional[subprocess.Popen[bytes]] = None

    def _setpriv(self, command: abc.Iterable[str],
                 *options: str) -> list[str]:
        """Return a command that runs another in the server's account."""
        if self.account is not None:
            entry = pwd.getpwnam(self.account)
            options += ('--reuid=%d' % entry.pw_uid,
                        '--regid=%d' % entry.pw_gid, '--clear-groups')
        return [_program('setpriv'), *options, '--', *command]

    def run(self, *command: str) -> None:
        """Run a command in the server's account."""
        done = subprocess.run(
            self._setpriv(command), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=self.directory)
        if done.returncode:
            raise RuntimeError('%s failed:\n%s' % (command[0], done.stdout))

    def spawn(self, *command: str) -> None:
        """Start the server and wait until it takes connections."""
        # The kernel signals it when this process is gone, however it ended.
        argv = self._setpriv(command, '--pdeathsig', self.stop_signal.name)
        with open(self.path('server.log'), 'wb') as log:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.directory)
        self.process = process
        engine = sa.create_engine(self.admin_url())
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                engine.connect().close()
                break
            except sa_exc.OperationalError as error:
                if (process.poll() is not None or
                        time.monotonic() > deadline):
                    with open(self.path('server.log')) as text:
                        raise RuntimeError('the server did not start: %s\n%s'
                                           % (error, text.read())) from None
                time.sleep(0.1)
        engine.dispose()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        super().stop()

    def admin_url(self) -> str:
        """Return the URL with which databases and users are made."""
        raise NotImplementedError

    def execute(self, *statements: str) -> None:
        """Run statements as the administrator, each by itself."""
        engine = sa.create_engine(self.admin_url(),
                                  isolation_level='AUTOCOMMIT')
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


class MariaDB(_Process):
    """A private MariaDB.

    :param options: more options of mariadbd, such as '--innodb-...'
    """

    # As fast as possible: what is in it is thrown away.
    FAST = ('--innodb-flush-log-at-trx-commit=0', '--skip-innodb-doublewrite',
            '--innodb-flush-method=nosync')

    def __init__(self, options: abc.Sequence[str] = FAST) -> None:
        self.server = _program('mariadbd')
        self.install = _program('mariadb-install-db')
        self.client = _program('mariadb')
        self.dump = _program('mariadb-dump')
        self.options = options
        super().__init__()
        self.socket = self.path('socket')

    def start(self) -> None:
        user = '--user=%s' % pwd.getpwuid(os.geteuid()).pw_name
        data = '--datadir=' + self.path('data')
        self.run(self.install, '--no-defaults', user, data,
                 '--auth-root-authentication-method=normal', '--skip-test-db')
        self.spawn(self.server, '--no-defaults', user, data,
                   '--socket=' + self.socket, '--skip-networking',
                   '--pid-file=' + self.path('pid'), '--tmpdir=/tmp',
                   '--character-set-server=utf8mb3', *self.options)

    def url(self, name: str, username: str = 'root',
            password: typing.Optional[str] = None) -> str:
        return sa_url.URL.create(
            'mysql+pymysql', username, password, 'localhost', database=name,
            query={'unix_socket': self.socket}).render_as_string(False)

    def admin_url(self) -> str:
        return self.url('mysql')

    def create_database(self, name: str) -> str:
        self.execute('CREATE DATABASE %s' % name)
        return self.url(name)

    def copy_database(self, name: str, copy: str,
                      tables: abc.Sequence[str] = ()) -> str:
        url = self.create_database(copy)
        login = ['--no-defaults', '--user=root', '--socket=' + self.socket]
        with tempfile.TemporaryFile() as dump:
            subprocess.run([self.dump, *login, name, *tables],
                           stdout=dump, check=True)
            dump.seek(0)
            subprocess.run([self.client, *login, copy], stdin=dump,
                           check=True)
        return url


class PostgreSQL(_Process):
    """A private PostgreSQL."""

    # "Fast shutdown": SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT

    def __init__(self) -> None:
        places = ('/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin')
        self.initdb = _program('initdb', *places)
        self.server = _program('postgres', *places)
        super().__init__()
        if os.geteuid() == 0:
            try:
                account = pwd.getpwnam('postgres').pw_name
            except KeyError:
                account = 'nobody'
            self.account = account
            shutil.chown(self.directory, account)

    def start(self) -> None:
        self.run(self.initdb, '--pgdata=' + self.path('data'),
                 '--username=root', '--auth=trust', '--encoding=UTF8',
                 '--no-locale', '--no-sync')
        # The administrator needs no password, everyone else does.
        with open(self.path('data/pg_hba.conf'), 'w') as access:
            access.write('local all root trust\n'
                         'local all all scram-sha-256\n')
        self.spawn(self.server, '-D', self.path('data'),
                   '-k', self.directory, '-c', 'listen_addresses=',
                   '-c', 'fsync=off', '-c', 'full_page_writes=off')

    def url(self, name: str, username: str = 'root',
            password: typing.Optional[str] = None) -> str:
        return sa_url.URL.create(
            'postgresql+psycopg2', username, password, database=name,
            query={'host': self.directory}).render_as_string(False)

    def admin_url(self) -> str:
        return self.url('postgres')

    def create_database(self, name: str) -> str:
        self.execute('CREATE DATABASE %s' % name)
        return self.url(name)

    def copy_database(self, name: str, copy: str,
                      tables: abc.Sequence[str] = ()) -> str:
        self.execute('CREATE DATABASE %s TEMPLATE %s' % (copy, name))
        return self.url(copy)


_KINDS: dict[str, type[Server]] = {
    'sqlite': SQLite, 'mariadb': MariaDB, 'postgresql': PostgreSQL}
_running: dict[str, Server] = {}


def get(kind: str) -> Server:
    """Return the server of a kind, started if this is its first use.

    :param kind: 'sqlite', 'mariadb' or 'postgresql'
    :raises Unavailable: it is not installed
    """
    if kind not in _running:
        server = _KINDS[kind]()
        atexit.register(server.stop)
        server.start()
        _running[kind] = server
    return _running[kind]
