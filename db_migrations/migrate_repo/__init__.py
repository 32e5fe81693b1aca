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

"""The same schema changes as a sqlalchemy-migrate repository.

For clouds up to Nova 27 whose schemas are kept with sqlalchemy-migrate. The
scripts under ``versions/`` hold no DDL of their own: they run those of
:mod:`nova_migprogress.db_migrations`.

sqlalchemy-migrate notes the version in a row of the table ``migrate_version``,
one row for each repository. Ours is ``nova_migprogress`` and Nova's own stays
as it is. Nova up to 27 leaves this table alone when it archives deleted rows,
and Nova 28 drops it. The scripts inspect the database, so that losing the row
costs nothing.

Never call ``drop_version_control``: it drops the whole table, Nova's version
with it. Delete the row ``nova_migprogress`` instead.
"""

from collections import abc
import os

from oslo_log import log as logging
from sqlalchemy import engine as sa_engine

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import step as step_mod

#: Where the repository is, for the command ``migrate``.
PATH = os.path.dirname(os.path.abspath(__file__))

LOG = logging.getLogger(__name__)


def _run(engine: sa_engine.Engine,
         plans: abc.Iterable[step_mod.ScriptPlan]) -> None:
    for plan in plans:
        for sentence in plan.kept:
            LOG.info('%s: %s', plan.heading, sentence)
    db_migrations.execute(
        engine, plans,
        lambda plan, step: LOG.info('%s: %s: done', plan.heading,
                                    step.description))


def upgrade(engine: sa_engine.Engine, number: int) -> None:
    """Do what the scripts up to a number have to do.

    :param engine: SQLAlchemy engine, as sqlalchemy-migrate passes it
    :param number: number of the script, and of the repository's version
    :raises SchemaError: see nova_migprogress.db_migrations
    """
    _run(engine, db_migrations.plan_upgrade(engine, number))


def downgrade(engine: sa_engine.Engine, number: int) -> None:
    """Reverse a script, and any later one that is still in place.

    :param engine: SQLAlchemy engine, as sqlalchemy-migrate passes it
    :param number: number of the script, and of the repository's version
    :raises SchemaError: see nova_migprogress.db_migrations
    """
    _run(engine, db_migrations.plan_downgrade(engine, number - 1))
