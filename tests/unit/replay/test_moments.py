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
import subprocess
import sys

import ddt
from oslotest import base

from benchmarks.convergence import recordings
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import samples
from nova_migprogress.recording import reader
from nova_migprogress.replay import moments

ROOT = pathlib.Path(moments.__file__).parents[2]


def row(sample, uuid='a'):
    return reader.RecordedSample(1, uuid, sample, {})


@ddt.ddt
class MomentTestCase(base.BaseTestCase):

    @ddt.data(
        ((None,) * 6, None, None),
        ((200, 0, 150, 0, 0, 0), 150, 25.0),
        ((100, 0, 100, 300, 200, 100), 200, 50.0),
        ((None, None, None, 10, 1, 9), 9, 10.0),
        # More than all: the guest writes to its disk.
        ((100, 0, 100, 100, 0, 300), 400, 0.0),
        ((0, 0, 0, 0, 0, 0), None, None))
    @ddt.unpack
    def test_remaining_and_percent(self, numbers, remaining, percent):
        sample = samples.Sample(1.0, 'running', *numbers)
        moment = moments.Replayer().assess(row(sample))
        self.assertEqual((1.0, remaining, percent),
                         (moment.time, moment.remaining, moment.percent))


class ReplayTestCase(base.BaseTestCase):

    def test_as_an_estimator(self):
        found = {each.name: each for each in recordings.load()}
        player = moments.Replayer()
        followers = {name: estimator.Estimator() for name in found}
        # One after the other, in turns.
        for group in zip(*[found[name].samples for name in
                           ('conv', 'nonconv', 'block1')]):
            for name, sample in zip(('conv', 'nonconv', 'block1'), group):
                moment = player.assess(row(sample, name))
                self.assertEqual(followers[name].add(sample),
                                 moment.assessment)
                self.assertIs(name, moment.row.uuid)

    def test_syncs(self):
        border = next(each for each in recordings.load()
                      if each.name == 'border')
        player = moments.Replayer()
        for sample in border.samples:
            moment = player.assess(row(sample))
        self.assertEqual(24, len(moment.syncs))


class ImportTestCase(base.BaseTestCase):

    def test_nothing_but_python(self):
        """The command runs where nothing else is installed."""
        program = '''
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] not in (
                sys.stdlib_module_names | {'nova_migprogress'}):
            raise ImportError('blocked: ' + name)
sys.meta_path.insert(0, Refuse())
from nova_migprogress.cmd import replay
sys.exit(replay.main(sys.argv[1:]))
'''
        found = subprocess.run(
            [sys.executable, '-I', '-S', '-c',
             'import sys; sys.path.insert(0, %r)\n' % str(ROOT) + program,
             recordings.DIRECTORY + '/conv.jsonl', '--uuid', 'a'],
            capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ''), (found.returncode, found.stderr))
        self.assertIn('Completed', found.stdout)
