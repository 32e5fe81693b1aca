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

"""Schema changes in the main database of a Nova cell.

Each numbered script inspects the database, tells what is missing and does only
that. It can be repeated, continued after an interruption, and reversed.

There is no version table and no row of ours: ``nova-manage db
archive_deleted_rows`` looks up every table of the database in Nova's models
and crashes on a stranger, and ``nova-manage db sync`` refuses an
``alembic_version`` it does not know. What the database needs is read from the
database itself.

Installed as ``nova_migprogress.db_migrations``. It works without Nova; only a
downgrade asks the installed Nova what it manages.
"""

from collections import abc
import io
import typing

from alembic import migration
from alembic import operations
from oslo_db import exception as db_exc
import sqlalchemy as sa
from sqlalchemy import engine as sa_engine
from sqlalchemy.engine import reflection
from sqlalchemy import exc as sa_exc

from nova_migprogress.db_migrations import m001_progress_columns
from nova_migprogress.db_migrations import m002_polling_index
from nova_migprogress.db_migrations import step

__all__ = ['LATEST', 'LOCK_WAIT', 'SCRIPTS', 'check', 'execute',
           'plan_downgrade', 'plan_upgrade', 'render']

SCRIPTS = (m001_progress_columns, m002_polling_index)
LATEST = SCRIPTS[-1].NUMBER

#: Seconds that a step waits for other transactions to leave the table. While
#: it waits, Nova's own statements queue up behind it, and MariaDB's default
#: is a whole day.
LOCK_WAIT = 60

_LOCK_WAIT_STATEMENT = {
    'mysql': 'SET SESSION lock_wait_timeout = %d',
    'mariadb': 'SET SESSION lock_wait_timeout = %d',
    'postgresql': "SET lock_timeout = '%ds'",
}

Report = abc.Callable[[step.ScriptPlan, step.Step], None]

# Columns that tell Nova's table of this name from any other.
_NOVA_COLUMNS = {'id', 'deleted', 'status', 'instance_uuid', 'source_compute',
                 'dest_compute'}


def _inspect(connection: sa_engine.Connection) -> reflection.Inspector:
    """Return an inspector after making sure that the database is Nova's."""
    inspector = sa.inspect(connection)
    tables = inspector.get_table_names()
    for table in m001_progress_columns.TABLES:
        if table not in tables:
            raise step.NotNovaDatabase(
                'there is no table %s, or this user may not see it; this is '
                'not the main database of a Nova cell, or nova-manage db sync '
                'has not been run' % table)
        columns = {column['name'] for column in inspector.get_columns(table)}
        missing = sorted(_NOVA_COLUMNS - columns)
        if missing:
            raise step.NotNovaDatabase(
                'table %s has no column %s; this is not the main database of '
                'a Nova cell' % (table, ', '.join(missing)))
    return inspector


def plan_upgrade(engine: sa_engine.Engine,
                 to: int = LATEST) -> list[step.ScriptPlan]:
    """Find out what the scripts up to a number have to do. Changes nothing.

    :param engine: SQLAlchemy engine of a cell's main database
    :param to: number of the last script, from 1 to :data:`LATEST`
    :returns: one plan for each script, also where it has no steps
    :raises SchemaError: wrong database, or conflicting definitions
    """
    with engine.connect() as connection:
        inspector = _inspect(connection)
        return [step.ScriptPlan(script.NUMBER, script.TITLE,
                                script.upgrade_steps(inspector), [])
                for script in SCRIPTS if script.NUMBER <= to]


def plan_downgrade(engine: sa_engine.Engine,
                   to: int = 0) -> list[step.ScriptPlan]:
    """Find out what to do to reverse all scripts after a number.

    :param engine: SQLAlchemy engine of a cell's main database
    :param to: number of the last script that stays, 0 for none
    :returns: one plan for each script, the last script first
    :raises SchemaError: wrong database
    """
    with engine.connect() as connection:
        inspector = _inspect(connection)
        return [step.ScriptPlan(script.NUMBER, script.TITLE,
                                *script.downgrade_steps(inspector))
                for script in reversed(SCRIPTS) if script.NUMBER > to]


def check(engine: sa_engine.Engine) -> list[str]:
    """Return what is missing in a database, in sentences; [] if nothing is.

    :param engine: SQLAlchemy engine of a cell's main database
    :raises SchemaError: wrong database, or conflicting definitions
    """
    return ['%s: %s' % (plan.heading, one.description)
            for plan in plan_upgrade(engine) for one in plan.steps]


def _limit_lock_wait(operation: operations.Operations,
                     dialect: sa_engine.Dialect) -> None:
    statement = _LOCK_WAIT_STATEMENT.get(dialect.name)
    if statement:
        operation.execute(statement % LOCK_WAIT)


def execute(engine: sa_engine.Engine, plans: abc.Iterable[step.ScriptPlan],
            report: typing.Optional[Report] = None) -> None:
    """Carry out plans, each step in a transaction of its own.

    A step is committed before the next begins, on every kind of database:
    MariaDB and MySQL commit each DDL statement anyway. After a failure or an
    interruption a new plan continues where this one ended.

    :param engine: SQLAlchemy engine of a cell's main database
    :param plans: what :func:`plan_upgrade` or :func:`plan_downgrade` returned
    :param report: called with a plan and a step after each step that is done
    :raises StepFailed: the database refused a step
    """
    for plan in plans:
        for one in plan.steps:
            try:
                with engine.begin() as connection:
                    context = migration.MigrationContext.configure(connection)
                    operation = operations.Operations(context)
                    _limit_lock_wait(operation, connection.dialect)
                    one.apply(operation)
            except (sa_exc.SQLAlchemyError, db_exc.DBError) as error:
                raise step.StepFailed(one, error) from error
            if report:
                report(plan, one)


def render(engine: sa_engine.Engine, plan: step.ScriptPlan) -> str:
    """Return the SQL that :func:`execute` would run for a plan, as a script.

    :param engine: SQLAlchemy engine, for its kind of database only
    :param plan: one with steps
    """
    script = io.StringIO()
    context = migration.MigrationContext.configure(
        dialect=engine.dialect,
        opts={'as_sql': True, 'output_buffer': script})
    operation = operations.Operations(context)
    _limit_lock_wait(operation, engine.dialect)
    for one in plan.steps:
        one.apply(operation)
    return script.getvalue()
