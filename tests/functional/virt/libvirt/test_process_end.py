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

import os
import pathlib
import subprocess
import sys
import time

import ddt
from oslotest import base

ROOT = pathlib.Path(__file__).parents[4]


@ddt.ddt
class ProcessEndTestCase(base.BaseTestCase):
    """Nova waits for no save that hangs when it stops."""

    @ddt.data(('True', 'native threads'), ('False', 'eventlet'))
    @ddt.unpack
    def test_while_saves_hang(self, disable_eventlet, model):
        process = subprocess.Popen(
            [sys.executable, '-m',
             'tests.functional.virt.libvirt.ending_process'],
            cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=dict(
                os.environ, OS_NOVA_DISABLE_EVENTLET_PATCHING=disable_eventlet,
                PYTHONPATH=str(ROOT)))
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        began = time.monotonic()
        error = process.communicate(timeout=60)[1]
        self.assertEqual('recording on %s\n' % model, line, error)
        self.assertEqual(0, process.returncode, error)
        # The saves take ten minutes; the interpreter is not that fast either
        # on a machine with other things to do.
        self.assertLess(time.monotonic() - began, 10)
