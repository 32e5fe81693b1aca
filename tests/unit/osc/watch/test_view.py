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

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts
from nova_migprogress.osc.watch import poller
from nova_migprogress.osc.watch import view
from tests.unit.osc import fakes


def snapshot(error=None, taken_at=100.0):
    return follow.Snapshot(taken_at, 0.0, (), error, None)


class DescribeStateTest(testtools.TestCase):

    def describe(self, result, polling_since=None, now=103.7, wait=2.0):
        return view.describe_state(result, polling_since, wait, now)

    def test_nothing_yet(self):
        self.assertEqual(('nothing seen yet', False),
                         self.describe(poller.PollResult()))
        self.assertEqual(
            ('nothing seen yet; no answer for 13s', True),
            self.describe(poller.PollResult(), polling_since=90.0))

    def test_well(self):
        result = poller.PollResult(snapshot())
        self.assertEqual(('seen 3s ago', False), self.describe(result))
        self.assertEqual(('seen 3s ago', False),
                         self.describe(result, polling_since=102.0))

    def test_slow(self):
        self.assertEqual(
            ('seen 30s ago; no answer for 12s', True), self.describe(
                poller.PollResult(snapshot()), polling_since=118.0,
                now=130.5, wait=None))

    def test_error(self):
        result = poller.PollResult(
            snapshot(errors.ServerFailed('GET: 503\nno')))
        self.assertEqual(('seen 3s ago; GET: 503 no; next look in 8s', True),
                         self.describe(result, wait=8.2))
        result = poller.PollResult(snapshot(errors.Unreachable('no'), None))
        self.assertEqual(('nothing seen yet; no; next look in 8s', True),
                         self.describe(result, wait=8.2))

    def test_fault(self):
        result = poller.PollResult(snapshot(), fault=KeyError('x'))
        self.assertEqual(("seen 3s ago; 'x'; next look in 1s", True),
                         self.describe(result, wait=1.0))

    def test_clock_set_back(self):
        self.assertEqual(
            ('seen 0s ago', False),
            self.describe(poller.PollResult(snapshot()), now=50.0))


class MakeViewTest(testtools.TestCase):

    def make(self, result, recording_problem=None):
        return view.make_view(result, None, 2.0, recording_problem, 103.7)

    def test_nothing_yet(self):
        self.assertEqual(view.View([], 'nothing seen yet'),
                         self.make(poller.PollResult()))

    def test_rows(self):
        taken = follow.Snapshot(
            100.0, 0.0, (fakes.a_tracked(1),
                         fakes.a_tracked(2, verdicts.STALLED)), None,
            discovery.Capabilities('2.105', '2.105', discovery.PROGRESS,
                                   ('Hosts are hidden.',)))
        uuid = fakes.a_record(1).instance_uuid
        made = self.make(poller.PollResult(taken, {uuid: 'web'},
                                           polled_at=100.7))
        self.assertEqual([(2, None), (1, 'web')], [
            (row.record.id, row.server_name) for row in made.rows])
        # Three seconds older than when they were seen.
        self.assertEqual(5.0, made.rows[0].assessment.sample_age)
        self.assertEqual(('seen 3s ago', False, ('Hosts are hidden.',)),
                         (made.note, made.wrong, made.missing))

    def test_recording_problem(self):
        made = self.make(poller.PollResult(snapshot()), 'the disk is full')
        self.assertEqual(('seen 3s ago; the disk is full', True),
                         (made.note, made.wrong))
