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

import pathlib

import fixtures

from tests.packaging import environment
from tests.style import base


class TestDistributions(base.StyleTestCase):

    def test_twine(self):
        directory = self.useFixture(fixtures.TempDir()).path
        # Of a copy, which building clutters; and without a network.
        self.assert_succeeds(
            base.BIN / 'python', '-m', 'build', '--no-isolation', '--outdir',
            directory, environment.source())
        distributions = sorted(pathlib.Path(directory).iterdir())
        self.assertEqual(['.whl', '.gz'],
                         [path.suffix for path in distributions])
        self.assert_succeeds(base.BIN / 'twine', '--no-color', 'check',
                             '--strict', *distributions)
