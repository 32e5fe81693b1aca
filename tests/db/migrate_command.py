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

"""Call sqlalchemy-migrate's API on our repository, as Nova up to 27 does.

Run with the Python of the environment that holds sqlalchemy-migrate; the URL
of the database is read from the environment variable DATABASE_URL::

    python migrate_command.py version_control|upgrade|downgrade|... [VERSION]

Prints a JSON object with the versions of both libraries, and what the function
returned.
"""

import json
import logging
import os
import sys

import migrate
from migrate.versioning import api
import sqlalchemy as sa

from nova_migprogress.db_migrations import migrate_repo


def main(command, *version):
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    engine = sa.create_engine(os.environ['DATABASE_URL'])
    returned = getattr(api, command)(engine, migrate_repo.PATH, *version)
    print(json.dumps({'migrate': migrate.__version__,
                      'sqlalchemy': sa.__version__, 'returned': returned}))


if __name__ == '__main__':
    main(*sys.argv[1:])
