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

"""001: the six progress columns on ``migrations`` and ``shadow_migrations``.

Each is BIGINT NULL, as the specification's "Data model impact" has it and as
Nova itself has had it since Mitaka. On such a Nova there is nothing to add.

The shadow table needs them too: ``nova-manage db archive_deleted_rows`` copies
a deleted row there column by column.

Where the database knows column comments (MariaDB, MySQL, PostgreSQL), a column
that this script adds carries :data:`COMMENT`. A downgrade drops only a column
that carries it and that the installed Nova does not manage. SQLite has no
comments; there the second condition decides alone.
"""

import functools
import typing

from alembic import operations
import sqlalchemy as sa
from sqlalchemy.engine import interfaces
from sqlalchemy.engine import reflection

from nova_migprogress.db_migrations import ownership
from nova_migprogress.db_migrations import step
from nova_migprogress import fields

NUMBER = 1
TITLE = 'progress columns'

TABLES = ('migrations', 'shadow_migrations')
COMMENT = 'Added by nova-migprogress'


# SQLAlchemy 1.4 has no ReflectedColumn: in quotes.
def _columns(inspector: reflection.Inspector,
             table: str) -> dict[str, 'interfaces.ReflectedColumn']:
    """Return the progress columns that a table has, by name."""
    return {column['name']: column for column in inspector.get_columns(table)
            if column['name'] in fields.NAMES}


def _check_definition(table: str,
                      column: 'interfaces.ReflectedColumn') -> None:
    """Raise SchemaConflict unless a column is BIGINT NULL."""
    if isinstance(column['type'], sa.BigInteger) and column['nullable']:
        return
    raise step.SchemaConflict(
        'column %s.%s is %s%s, but it must be BIGINT NULL; nothing was changed'
        % (table, column['name'], column['type'],
           '' if column['nullable'] else ' NOT NULL'))


def _add(table: str, name: str,
         operation: operations.Operations) -> None:
    operation.add_column(
        table, sa.Column(name, sa.BigInteger, nullable=True, comment=COMMENT))


def _drop(table: str, name: str,
          operation: operations.Operations) -> None:
    operation.drop_column(table, name)


def upgrade_steps(inspector: reflection.Inspector) -> list[step.Step]:
    """Return the steps that add the missing columns.

    :param inspector: SQLAlchemy inspector of the database
    :raises SchemaConflict: a column exists but is not BIGINT NULL
    """
    steps: list[step.Step] = []
    for table in TABLES:
        present = _columns(inspector, table)
        for column in present.values():
            _check_definition(table, column)
        steps.extend(
            step.Step('add column %s.%s' % (table, name),
                      functools.partial(_add, table, name))
            for name in fields.NAMES if name not in present)
    return steps


def _reason_to_keep(
        column: 'interfaces.ReflectedColumn',
        managed: typing.Optional[set[str]],
        comments: bool) -> typing.Optional[str]:
    """Say why a column must stay, or return None if it can be dropped."""
    if managed is None:
        return ('no Nova can be imported here, so it is not known whether '
                'Nova needs them')
    if column['name'] in managed:
        return 'the installed Nova manages them'
    if comments and column.get('comment') != COMMENT:
        return 'they were not added by nova-migprogress'
    return None


def downgrade_steps(
        inspector: reflection.Inspector) -> tuple[list[step.Step], list[str]]:
    """Return the steps that drop what the upgrade added, and what is kept.

    :param inspector: SQLAlchemy inspector of the database
    :returns: a list of steps, and a list of sentences about columns that are
        left in place
    """
    managed = ownership.nova_columns()
    comments = inspector.dialect.supports_comments
    steps: list[step.Step] = []
    kept: list[str] = []
    for table in TABLES:
        reasons: dict[str, list[str]] = {}
        for name, column in _columns(inspector, table).items():
            reason = _reason_to_keep(column, managed, comments)
            if reason is None:
                steps.append(step.Step('drop column %s.%s' % (table, name),
                                       functools.partial(_drop, table, name)))
            else:
                reasons.setdefault(reason, []).append(name)
        kept.extend('kept columns %s of %s: %s'
                    % (', '.join(names), table, reason)
                    for reason, names in reasons.items())
    return steps, kept
