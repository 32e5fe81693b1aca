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

"""A private MariaDB inside the control plane's namespace, on a socket only."""

import pathlib
import subprocess
import typing

from nova_migprogress import fields
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import process
from sandbox import programs

NAMES = ('nova_api', 'nova_cell0', 'nova', 'placement')


#: Nova's and placement's user. It has no privilege over the whole server, such
#: as to write while that is read-only.
USER = 'nova'


def url(name: str) -> str:
    """The SQLAlchemy URL of a database, valid on the control plane."""
    return ('mysql+pymysql://%s@localhost/%s?unix_socket=%s&charset=utf8mb4'
            % (USER, name, layout_mod.DATABASE_SOCKET))


def _directory(layout: layout_mod.Layout) -> pathlib.Path:
    return layout.machine(layout_mod.CONTROL) / 'mariadb'


def configure(layout: layout_mod.Layout) -> None:
    """Create the data directory."""
    directory = _directory(layout)
    directory.mkdir(parents=True)
    subprocess.run(
        [programs.find('mariadb-install-db'), '--no-defaults',
         '--datadir=%s' % directory, '--user=root',
         '--auth-root-authentication-method=normal', '--skip-test-db',
         '--skip-name-resolve'],
        check=True, env=process.environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def argv(layout: layout_mod.Layout) -> list[str]:
    """The server's command."""
    return [programs.find('mariadbd'), '--no-defaults', '--user=root',
            '--datadir=%s' % _directory(layout),
            '--socket=%s' % layout_mod.DATABASE_SOCKET,
            '--pid-file=/run/mysqld.pid', '--skip-networking',
            '--skip-log-bin', '--character-set-server=utf8mb4',
            '--innodb-buffer-pool-size=128M',
            # A crash of the machine may lose a second of a sandbox's data.
            '--innodb-flush-log-at-trx-commit=2']


def query(layout: layout_mod.Layout, sql: str) -> str:
    """Run SQL statements with the command line client; returns its output."""
    return namespaces.run(
        layout, layout_mod.CONTROL,
        [programs.find('mariadb'), '--no-defaults', '--batch',
         '--socket=%s' % layout_mod.DATABASE_SOCKET, '--user=root'],
        text=sql, env=process.environment())


def migration(layout: layout_mod.Layout,
              uuid: str) -> tuple[str, dict[str, typing.Optional[int]]]:
    """A migration's status and its six numbers, as they are saved.

    Stock Nova's API does not show those of a migration that has ended.
    """
    text = query(
        layout, "SELECT status, %s FROM nova.migrations WHERE uuid='%s';"
        % (', '.join(fields.NAMES), uuid))
    status, *numbers = text.splitlines()[1].split('\t')
    return status, {
        name: None if value == 'NULL' else int(value)
        for name, value in zip(fields.NAMES, numbers)}


def set_read_only(layout: layout_mod.Layout, read_only: bool) -> None:
    """Let the server refuse all that Nova writes, or no more.

    As a replica that was made the primary and is not told so yet.
    """
    query(layout, 'SET GLOBAL read_only = %d;\n' % read_only)


def is_ready(layout: layout_mod.Layout) -> bool:
    """Whether the server answers."""
    return process.succeeds(
        namespaces.enter(layout, layout_mod.CONTROL) +
        [programs.find('mariadb-admin'), '--no-defaults', '--user=root',
         '--socket=%s' % layout_mod.DATABASE_SOCKET, 'ping'])


def create(layout: layout_mod.Layout) -> None:
    """Create the empty databases, and the user whose they are."""
    user = "'%s'@'localhost'" % USER
    query(layout, 'CREATE USER IF NOT EXISTS %s;\n' % user + ''.join(
        'CREATE DATABASE IF NOT EXISTS %(name)s;\n'
        'GRANT ALL PRIVILEGES ON %(name)s.* TO %(user)s;\n'
        % {'name': name, 'user': user} for name in NAMES))
