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

import fixtures
from oslotest import base

from sandbox.truth import calls

SERVER = '22f5a99f-f1cb-4b59-b3b3-d76e6ae32306'
OTHER = 'b3b3a99f-f1cb-4b59-b3b3-d76e6ae32306'
#: 2026-11-23 03:10:26 UTC.
BEGIN = 1795403426


def line(seconds, function, server=SERVER):
    return ('2026-11-23 03:10:%06.3f+0000: 12970: debug : %s:9397 : '
            'dom=0x7f50fc009900, (VM: name=instance-00000001, uuid=%s), '
            'flags=0x0\n' % (26 + seconds, function, server))


class CallsTestCase(base.BaseTestCase):

    def _read(self, *lines):
        path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'calls.log')
        with open(path, 'w') as log:
            log.writelines(lines)
        return calls.read(path, SERVER)

    def test_read(self):
        found = self._read(
            line(0.5, calls.POLL),
            line(0.75, calls.POLL, OTHER),
            '2026-11-23 03:10:26.800+0000: 1: error : virX:1 : no device\n',
            '     target="0" unit="0"/>\n',
            line(1.25, 'virDomainAbortJob'))
        self.assertEqual(
            [(BEGIN + 0.5, calls.POLL), (BEGIN + 1.25, calls.ABORT)], found)

    def test_no_log(self):
        self.assertEqual([], calls.read('/nonexistent/calls.log', SERVER))

    def test_polls_leave_out_the_recorders(self):
        made = self._read(*[
            line(seconds, calls.POLL)
            for seconds in (0.1, 0.2, 0.4, 0.5, 0.6, 1.0, 9.0)])
        run = {'started': BEGIN + 0.15, 'ended': BEGIN + 2,
               'samples': [{'asked': BEGIN + asked,
                            'time': BEGIN + asked + 0.05}
                           for asked in (0.199, 0.4, 0.599)]}
        self.assertEqual([BEGIN + 0.5, BEGIN + 1.0],
                         calls.poll_times(made, run))
