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

"""Schema change 002, as sqlalchemy-migrate runs it."""

from sqlalchemy import engine as sa_engine

from nova_migprogress.db_migrations import m002_polling_index as script
from nova_migprogress.db_migrations import migrate_repo


def upgrade(migrate_engine: sa_engine.Engine) -> None:
    migrate_repo.upgrade(migrate_engine, script.NUMBER)


def downgrade(migrate_engine: sa_engine.Engine) -> None:
    migrate_repo.downgrade(migrate_engine, script.NUMBER)
