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

"""Tables that look enough like Nova's for the scripts to accept them."""

import sqlalchemy as sa
from sqlalchemy import pool

from nova_migprogress.db_migrations import m001_progress_columns


def create(columns=()):
    """Return an engine of a database in memory.

    :param columns: further sqlalchemy.Column for both tables
    """
    engine = sa.create_engine('sqlite://', poolclass=pool.StaticPool)
    metadata = sa.MetaData()
    for name in m001_progress_columns.TABLES:
        sa.Table(name, metadata, sa.Column('id', sa.Integer),
                 sa.Column('deleted', sa.Integer),
                 sa.Column('status', sa.String(255)),
                 sa.Column('instance_uuid', sa.String(36)),
                 sa.Column('source_compute', sa.String(255)),
                 sa.Column('dest_compute', sa.String(255)),
                 *(sa.Column(column.name, column.type,
                             nullable=column.nullable) for column in columns))
    metadata.create_all(engine)
    return engine
