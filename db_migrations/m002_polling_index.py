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

"""002: an index that makes polling for migrations in progress cheap.

``GET /os-migrations?status=...`` selects by ``deleted`` and ``status``. None
of Nova's own indexes on ``migrations`` starts with these two, so the database
reads every row that was never archived; with this one it reads the few that
match. ``benchmarks/polling_index.py`` measures both, and what it costs.

The shadow table is not polled and gets no index.
"""

from alembic import operations
from sqlalchemy.engine import interfaces
from sqlalchemy.engine import reflection

from nova_migprogress.db_migrations import step

NUMBER = 2
TITLE = 'polling index'

TABLE = 'migrations'
#: The prefix keeps it apart from any index that Nova has or will have.
INDEX = 'migprogress_deleted_status_idx'
COLUMNS = ['deleted', 'status']

# Reflected options of an index that covers only a part of rows or values.
_PARTIAL = {'mysql_length', 'mariadb_length', 'postgresql_where',
            'sqlite_where'}


# SQLAlchemy 1.4 has no ReflectedIndex: in quotes.
def _serves(index: 'interfaces.ReflectedIndex') -> bool:
    """Can another index, Nova's or an operator's, do the same work?"""
    return (index['column_names'][:len(COLUMNS)] == COLUMNS and
            not _PARTIAL.intersection(index.get('dialect_options', ())))


def _create(operation: operations.Operations) -> None:
    operation.create_index(INDEX, TABLE, COLUMNS)


def _drop(operation: operations.Operations) -> None:
    operation.drop_index(INDEX, table_name=TABLE)


def upgrade_steps(inspector: reflection.Inspector) -> list[step.Step]:
    """Return the step that creates the index, unless there is one.

    :param inspector: SQLAlchemy inspector of the database
    :raises SchemaConflict: an index of this name is on other columns
    """
    indexes = inspector.get_indexes(TABLE)
    for index in indexes:
        if index['name'] == INDEX and not _serves(index):
            raise step.SchemaConflict(
                'index %s of %s is on (%s), but it must be on (%s); nothing '
                'was changed' % (INDEX, TABLE,
                                 ', '.join(map(str, index['column_names'])),
                                 ', '.join(COLUMNS)))
    if any(_serves(index) for index in indexes):
        return []
    return [step.Step('create index %s on %s (%s)'
                      % (INDEX, TABLE, ', '.join(COLUMNS)), _create)]


def downgrade_steps(
        inspector: reflection.Inspector) -> tuple[list[step.Step], list[str]]:
    """Return the step that drops the index, and nothing to keep.

    :param inspector: SQLAlchemy inspector of the database
    :returns: a list of steps, and an empty list
    """
    if any(index['name'] == INDEX for index in inspector.get_indexes(TABLE)):
        return [step.Step('drop index %s of %s' % (INDEX, TABLE), _drop)], []
    return [], []
