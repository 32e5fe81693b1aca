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

"""An environment with sqlalchemy-migrate, which SQLAlchemy 2 cannot have.

It is kept in the checkout as .venv-migrate, like .venv; only the project in it
is installed anew by every run, from a copy of the sources.
"""

import functools
import hashlib
import shutil
import sys

from tests.packaging import environment

CONSTRAINTS = environment.ROOT / 'constraints' / 'sqlalchemy-migrate.txt'
PATH = environment.ROOT / '.venv-migrate'
PYTHON = PATH / 'bin' / 'python'


def _pip(*arguments):
    environment.run(PYTHON, '-m', 'pip', 'install', '-q', *arguments)


@functools.lru_cache(maxsize=None)
def python():
    """Return the path of the environment's Python, ready to use.

    :raises CommandFailed: it could not be built, for example without network
    """
    stamp = PATH / 'constraints.sha256'
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() +
                            sys.version.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(PATH, ignore_errors=True)
        environment.run(sys.executable, '-m', 'venv', PATH)
        _pip('-r', CONSTRAINTS)
        stamp.write_text(wanted)
    # The build backend is one of the pinned packages: no network needed.
    _pip('--no-deps', '--no-build-isolation', '--force-reinstall',
         environment.source())
    return PYTHON
