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

import testtools

from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.osc.watch import poller
from nova_migprogress.osc.watch import status_line


def snapshot(error=None, taken_at=100.0):
    return follow.Snapshot(taken_at, 0.0, (), error, None)


class NoteTest(testtools.TestCase):

    def of(self, poll, asking_since=None, now=103.7, wait=2.0):
        return status_line.describe(poll, asking_since, now, wait)

    def test_nothing_yet(self):
        self.assertEqual(('nothing seen yet', False),
                         self.of(poller.Poll()))
        self.assertEqual(('nothing seen yet; no answer for 13s', True),
                         self.of(poller.Poll(), asking_since=90.0))

    def test_well(self):
        self.assertEqual(('seen 3s ago', False),
                         self.of(poller.Poll(snapshot())))
        self.assertEqual(('seen 3s ago', False),
                         self.of(poller.Poll(snapshot()), asking_since=102.0))

    def test_slow(self):
        self.assertEqual(('seen 30s ago; no answer for 12s', True), self.of(
            poller.Poll(snapshot()), asking_since=118.0, now=130.5, wait=None))

    def test_error(self):
        poll = poller.Poll(snapshot(errors.ServerFailed('GET: 503\nno')))
        self.assertEqual(('seen 3s ago; GET: 503 no; next look in 8s', True),
                         self.of(poll, wait=8.2))
        poll = poller.Poll(snapshot(errors.Unreachable('no'), None))
        self.assertEqual(('nothing seen yet; no; next look in 8s', True),
                         self.of(poll, wait=8.2))

    def test_fault(self):
        poll = poller.Poll(snapshot(), fault=KeyError('x'))
        self.assertEqual(("seen 3s ago; 'x'; next look in 1s", True),
                         self.of(poll, wait=1.0))

    def test_clock_set_back(self):
        self.assertEqual(('seen 0s ago', False),
                         self.of(poller.Poll(snapshot()), now=50.0))
