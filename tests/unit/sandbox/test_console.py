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

from oslotest import base

from sandbox.guest import console

ARRIVED = ('teration 6 rate 15.9 MiB/s\r\n'
           'MIGPROGRESS ok iteration 7 rate 16.0 MiB/s\r\n'
           'MIGPROGRESS ok iteration 8 rate 15.8 MiB/s\r\n')


class ConsoleTestCase(base.BaseTestCase):

    def test_nothing_yet(self):
        parsed = console.parse('[    0.1] Booting\r\n')
        self.assertEqual((False, None, None, None, None), tuple(parsed))
        self.assertEqual(0, parsed.verified)

    def test_arrival(self):
        parsed = console.parse(ARRIVED)
        self.assertEqual((True, 7, 8, 15.8, None), tuple(parsed))
        self.assertEqual(1, parsed.verified)

    def test_broken(self):
        for line in ('MIGPROGRESS CORRUPT memory page 7 expected 1 found 2',
                     '[ 12.3] Kernel panic - not syncing: Attempted to kill',
                     '[ 12.3] BUG: unable to handle page fault'):
            parsed = console.parse(ARRIVED + line + '\r\n' + ARRIVED)
            self.assertEqual(line, parsed.bad)
