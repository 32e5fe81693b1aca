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

"""What the tests of the schema changes share."""

import contextlib
import io
import os
import subprocess
import sys

import fixtures
from oslotest import base
import sqlalchemy as sa
from sqlalchemy.engine import url as sa_url
from testtools import content

from nova_migprogress.cmd import manage
from tests.db import nova_database
from tests.db import servers


class DatabaseTestCase(base.BaseTestCase):
    """A test on one kind of database, with the real command."""

    #: 'sqlite', 'mariadb' or 'postgresql'
    kind = None

    COMMAND = (sys.executable, '-m', 'nova_migprogress.cmd.manage')

    def setUp(self):
        super().setUp()
        try:
            self.server = servers.get(self.kind)
        except servers.Unavailable as error:
            self.skipTest('%s of %s' % (error, self.kind))
        self.directory = self.useFixture(fixtures.TempDir()).path
        for name in list(os.environ):
            if name.startswith('OS_'):
                self.useFixture(fixtures.EnvironmentVariable(name))

    def use(self, database, whole=False):
        """Make a database and work on it, see nova_database.create."""
        self.url = nova_database.create(self.server, database, whole)
        self.engine = sa.create_engine(self.url)
        self.addCleanup(self.engine.dispose)

    def execute(self, *statements):
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def schema(self):
        return nova_database.schema(self.engine)

    def arguments(self, *arguments, url=None):
        """Return the arguments of nova-migprogress-manage, with a nova.conf.

        :param url: of another database than that in use
        """
        conf = nova_database.write_conf(self.directory, url or self.url)
        return ['db', *arguments, '--config-file', conf]

    def _check_result(self, code, output, error, url):
        self.addDetail('command', content.text_content(output + error))
        password = sa_url.make_url(url or self.url).password
        if password:
            self.assertNotIn(password, output + error)
        if code != 2:
            self.assertEqual('', error)
        return output, error

    def manage(self, *arguments, code=0, url=None):
        """Run nova-migprogress-manage db in this process.

        :param code: the exit code to expect
        :param url: of another database than that in use
        :returns: its output, and its error messages
        """
        output, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), \
                contextlib.redirect_stderr(error):
            ended = manage.main(self.arguments(*arguments, url=url))
        self.assertEqual(code, ended, output.getvalue() + error.getvalue())
        return self._check_result(code, output.getvalue(), error.getvalue(),
                                  url)

    def manage_process(self, *arguments, code=0, url=None, **environment):
        """Run nova-migprogress-manage db as a process of its own.

        :param environment: variables for the process
        """
        done = subprocess.run(
            [*self.COMMAND, *self.arguments(*arguments, url=url)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd=self.directory,
            timeout=120, env=nova_database.environment(**environment))
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        self.assertNotIn('Traceback', done.stderr)
        return self._check_result(code, done.stdout, done.stderr, url)
