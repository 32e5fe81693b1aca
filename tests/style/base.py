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

"""What checks of the style have in common."""

import pathlib
import shlex
import subprocess
import sys

import testtools
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: Where the hooks find the tools, and where this Python has them.
_HOOKS_BIN = '.venv/bin/'
BIN = pathlib.Path(sys.executable).parent


def hook(name):
    """Return the command of a hook of .pre-commit-config.yaml."""
    config = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text())
    entries = {each['id']: each['entry']
               for repository in config['repos']
               for each in repository['hooks']}
    program, *arguments = shlex.split(entries[name])
    return [str(BIN / program[len(_HOOKS_BIN):]), *arguments]


class StyleTestCase(testtools.TestCase):

    def skip_without_clone(self):
        if not (ROOT / '.git').exists():
            self.skipTest('needs a clone: reno reads the history of git')

    def assert_succeeds(self, *command):
        """Run a command in the project's root; its output is the failure."""
        if not pathlib.Path(command[0]).exists():
            self.skipTest('needs %s: tools/setup test docs style' %
                          command[0])
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            self.fail('%s exited with %d:\n%s' % (
                shlex.join(map(str, command)), done.returncode, done.stdout))
