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

"""What the user guide shows, run against a real API."""

import contextlib
import io
import os
import runpy

import fixtures as fixtures_lib
from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids

from tests.functional.api import base as api_base
from tests.functional.client import base
from tests.functional.client import test_follow
from tests.functional import fixtures

EXAMPLES = fixtures.ROOT / 'doc' / 'source' / 'user' / 'examples'


class ExamplesTestCase(test_follow.FollowTestCase):

    def setUp(self):
        super().setUp()
        self.start(1, **self.copied(16))
        self.start(2, status='queued')
        self.start(3, status='completed')
        self.useFixture(fixtures_lib.EnvironmentVariable(
            'OS_ENDPOINT', self.api.endpoint))
        self.useFixture(fixtures_lib.EnvironmentVariable('OS_TOKEN', 'token'))
        headers = base.Auth(None, fixtures.ADMIN,
                            nova_fixtures.PROJECT_ID).get_headers(None)
        self.useFixture(fixtures_lib.MonkeyPatch(
            'keystoneauth1.token_endpoint.Token.get_headers',
            lambda _token, _session, **_kwargs: dict(headers)))

    def run_example(self, name):
        """Run one; return the lines that it prints."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.names = runpy.run_path(os.fspath(EXAMPLES / name))
        return output.getvalue().splitlines()

    def test_list(self):
        self.useFixture(nova_fixtures.NeutronFixture(self))
        self.add_server(uuids.server_1, 'a\x1b[31mb')
        self.assertEqual(
            ["'%s' queued unknown None" % uuids.server_2,
             "'a\\x1b[31mb' running 25 %% %d" % (6 * api_base.GIB)],
            self.run_example('programs_list.py'))

    def test_follow(self):
        lines = []

        def wait(follower):
            # The example's own loop; what happens to the migrations between
            # two looks happens here.
            lines.append('look')
            if len(lines) > 2:
                for minute in (1, 2):
                    self.write(minute, status='completed')
            return 0.0

        self.useFixture(fixtures_lib.MonkeyPatch(
            'nova_migprogress.client.follow.Follower.wait', property(wait)))
        printed = self.run_example('programs_follow.py')
        self.assertEqual(3, len(lines))
        self.assertEqual(
            sorted('%s %s' % (getattr(uuids, 'migration_cell1_%d' % minute),
                              verdict)
                   for minute in (1, 2)
                   for verdict in ('unknown', 'completed')),
            sorted(printed))

    def test_assess(self):
        self.run_example('programs_assess.py')
        progress = self.names['Progress']()
        for second in range(0, 40, 2):
            assessment = progress.assess(
                dict(self.copied(second), uuid='a', status='running'),
                1000.0 + second, 1001.0 + second)
        self.assertAlmostEqual(test_follow.RATE, assessment.throughput,
                               delta=test_follow.RATE / 20)
        self.assertEqual(1.0, assessment.sample_age)

    def test_novaclient(self):
        self.assertEqual(
            ['%s %d %d' % (uuids.migration_cell1_1, 6 * api_base.GIB,
                           8 * api_base.GIB),
             '%s queued None' % uuids.migration_cell1_2,
             '%s running 0' % uuids.migration_cell1_1],
            self.run_example('programs_novaclient.py'))

    def test_sdk(self):
        self.assertEqual(
            ['%s %s queued None None' % (uuids.migration_cell1_2,
                                         uuids.server_2),
             '%s %s running %d %d' % (
                 uuids.migration_cell1_1, uuids.server_1,
                 6 * api_base.GIB, 8 * api_base.GIB)],
            self.run_example('programs_sdk.py'))

    def test_without_this_package(self):
        for name in ('list_novaclient.py', 'list_sdk.py'):
            lines = self.run_example(name)
            self.assertIn('%s running %d %d' % (
                uuids.migration_cell1_1, 6 * api_base.GIB,
                8 * api_base.GIB), lines)

    def test_all_are_run(self):
        source = (fixtures.ROOT / 'tests' / 'functional' / 'client' /
                  'test_examples.py').read_text()
        names = [path.name for path in EXAMPLES.glob('*.py')
                 if path.name.startswith(('list_', 'programs_'))]
        self.assertEqual(
            [], [name for name in names if "'%s'" % name not in source])
        self.assertEqual(7, len(names))
