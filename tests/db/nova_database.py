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

"""Main databases of Nova to try the schema changes on.

The schema comes from the real ``nova-manage db sync``, run once for each kind
of database; a test gets a copy.
"""

import datetime
import itertools
import os
import subprocess
import sys
import tempfile
import typing

import sqlalchemy as sa

from nova_migprogress import fields
from tests.db import servers

_templates: dict[servers.Server, set[str]] = {}
_numbers = itertools.count(1)

TABLES = ('migrations', 'shadow_migrations')

_T0 = datetime.datetime(2015, 12, 31, 23, 59, 58)

_INSTANCES = (
    {'uuid': 'aaaaaaaa-0000-4000-8000-000000000001', 'deleted': 0},
    {'uuid': 'aaaaaaaa-0000-4000-8000-000000000002', 'deleted': 2,
     'deleted_at': _T0},
)


def _migration(number: int, **values: typing.Any) -> dict[str, typing.Any]:
    return dict({
        'id': number, 'uuid': 'bbbbbbbb-0000-4000-8000-%012d' % number,
        'created_at': _T0, 'updated_at': _T0, 'deleted_at': None,
        'deleted': 0, 'instance_uuid': _INSTANCES[0]['uuid'],
        'source_compute': 'höst-1', 'source_node': 'node-1',
        'dest_compute': None, 'dest_node': None, 'dest_host': '192.0.2.1',
        'status': 'completed', 'migration_type': 'live-migration',
        'hidden': False, 'cross_cell_move': False, 'user_id': 'user',
        'project_id': 'project', 'old_instance_type_id': 1,
        'new_instance_type_id': 2, 'dest_compute_id': 2 ** 40,
    }, **values)


_MIGRATIONS = (
    _migration(1),
    _migration(2, status='running', updated_at=None),
    _migration(3, status='error', migration_type='resize', hidden=True),
    _migration(4, status=None, migration_type=None, user_id=None),
    _migration(5, deleted=5, deleted_at=_T0,
               instance_uuid=_INSTANCES[1]['uuid']),
    _migration(6, deleted=6, deleted_at=_T0, migration_type='migration',
               instance_uuid=_INSTANCES[1]['uuid']),
)
_SHADOW_MIGRATIONS = (
    _migration(101, deleted=101, deleted_at=_T0),
    _migration(102, deleted=102, deleted_at=_T0, migration_type='evacuation'),
)


def unique(name: str) -> str:
    """Return a name for a database or user that is not taken yet."""
    return '%s_%d' % (name, next(_numbers))


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without Nova's own settings."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith('OS_')}
    return dict(clean, **variables)


def write_conf(directory: str, url: str,
               api_url: typing.Optional[str] = None) -> str:
    """Write a nova.conf for a database and return its path."""
    path = os.path.join(directory, 'nova.conf')
    with open(path, 'w') as conf:
        # oslo.config would take a "$" for the start of a reference.
        conf.write('[DEFAULT]\nstate_path = %s\n[database]\nconnection = %s\n'
                   % (directory, url.replace('$', '$$')))
        if api_url:
            conf.write('[api_database]\nconnection = %s\n' % api_url)
    return path


def nova_manage(conf: str,
                *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real nova-manage, on native threads; return how it ended."""
    return subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), 'nova-manage'),
         '--config-file', conf, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
        env=environment(OS_NOVA_DISABLE_EVENTLET_PATCHING='true'))


def _sync(url: str, *command: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        done = nova_manage(write_conf(directory, url, url), *command)
    if done.returncode:
        raise RuntimeError('nova-manage failed:\n%s' % done.stdout)


def _insert_rows(connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    for name, rows in (('instances', _INSTANCES), ('migrations', _MIGRATIONS),
                       ('shadow_migrations', _SHADOW_MIGRATIONS)):
        table = sa.Table(name, metadata, autoload_with=connection)
        connection.execute(table.insert(), list(rows))


def _template(server: servers.Server, kind: str) -> str:
    """Make a template once for each server and return its name."""
    made = _templates.setdefault(server, set())
    if kind not in made:
        if kind == 'api':
            _sync(server.create_database(kind), 'api_db', 'sync')
        elif kind == 'nova':
            url = server.create_database(kind)
            _sync(url, 'db', 'sync', '--local_cell')
            engine = sa.create_engine(url)
            with engine.begin() as connection:
                _insert_rows(connection)
            engine.dispose()
        else:
            url = server.copy_database(_template(server, 'nova'), kind)
            engine = sa.create_engine(url)
            with engine.begin() as connection:
                for table, name in itertools.product(TABLES, fields.NAMES):
                    connection.exec_driver_sql(
                        'ALTER TABLE %s DROP COLUMN %s' % (table, name))
            engine.dispose()
        made.add(kind)
    return kind


def create(server: servers.Server, kind: str, whole: bool = False) -> str:
    """Make a database and return its URL.

    :param kind: 'nova' for the schema of the installed Nova, 'older' for
        the same without the six columns, as before the specification, 'api'
        for Nova's API database. The first two hold instances, migrations,
        deleted rows and shadow rows.
    :param whole: with all tables, which takes longer on some servers, and not
        only those that the schema changes look at
    """
    return server.copy_database(
        _template(server, kind), unique(kind),
        () if whole or kind == 'api' else ('instances', *TABLES))


def rows(engine: sa.Engine, name: str) -> list[dict[str, typing.Any]]:
    """Return all rows of a table as dicts, by id."""
    table = sa.Table(name, sa.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        return [dict(row._mapping) for row in
                connection.execute(table.select().order_by(table.c.id))]


def schema(engine: sa.Engine) -> dict[
        tuple[typing.Optional[str], str, typing.Union[str, int]],
        dict[str, str]]:
    """Return everything that is known of all tables, to compare."""
    inspector = sa.inspect(engine)
    found = {}
    listers: tuple[typing.Any, ...] = (
        inspector.get_multi_columns, inspector.get_multi_indexes,
        inspector.get_multi_foreign_keys, inspector.get_multi_pk_constraint,
        inspector.get_multi_unique_constraints)
    for what in listers:
        for (_schema, table), entries in what().items():
            if isinstance(entries, dict):
                entries = [entries]
            for number, entry in enumerate(entries):
                description = {key: str(value) for key, value in entry.items()}
                name = entry['name'] or number
                found[table, what.__name__, name] = description
    return found
