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

from nova_migprogress import fields
from sandbox import api_poller
from sandbox.outage import cases
from sandbox.outage import outcome
from sandbox.truth import calls

MIB = 1 << 20
CASE = cases.get('abort-during-outage')


def numbers(sent):
    found = dict.fromkeys(fields.NAMES, 0)
    return dict(found, memory_total=256 * MIB, memory_processed=sent * MIB,
                memory_remaining=(256 - sent) * MIB)


def reading(time, sent=None):
    return {'time': time, 'numbers': None if sent is None else numbers(sent),
            'status': 'running', 'error': None}


class OutcomeTestCase(base.BaseTestCase):

    def _judge(self, **kwargs):
        samples = [dict(numbers(n), time=float(n), asked=n - 0.01)
                   for n in range(1, 60)]
        # Nova's every half second but for five; the recorder's own.
        made = sorted(
            [(n / 2 + 0.1, calls.POLL) for n in range(2, 118)
             if not 44 < n < 54] +
            [(n - 0.005, calls.POLL) for n in range(1, 60)] +
            [(31.5, 'virDomainAbortJobFlags')])
        arguments = {
            'began': 20.0, 'ended': 40.0, 'asked': 30.0,
            'readings': [reading(1.0), reading(5.0, 4), reading(19.0, 18),
                         reading(30.0, 18), reading(42.0, 41),
                         reading(50.0, 49)],
            'truth': {'started': 0.5, 'ended': 59.5, 'samples': samples,
                      'completed': None},
            'calls': made,
            'log': ['2026 1 INFO nova.x a', '2026 1 ERROR oslo.y b',
                    '2026 1 WARNING nova_migprogress.z c'],
            'migration': 'error', 'numbers': numbers(58),
            'hosts': ['compute1'], 'intact': True,
            'server': {'status': 'ERROR', 'OS-EXT-STS:task_state': None,
                       'OS-EXT-SRV-ATTR:host': 'compute1'},
        }
        return outcome.judge(CASE, 'stock', **dict(arguments, **kwargs))

    def test_times(self):
        found = self._judge()
        # From 19 to 42.
        self.assertEqual(23.0, found.gap)
        self.assertEqual(2.0, found.resumed)
        # From 22.1 to 27.1.
        self.assertAlmostEqual(5.0, found.monitor_gap)
        self.assertEqual(1.5, found.latency)

    def test_nothing_after_the_outage(self):
        found = self._judge(
            readings=[reading(5.0, 4), reading(19.0, 18), reading(58.0, 18)],
            calls=[])
        self.assertEqual(40.5, found.gap)
        self.assertIsNone(found.resumed)
        self.assertIsNone(found.latency)
        self.assertIsNone(found.monitor_gap)

    def test_complaints(self):
        found = self._judge()
        self.assertEqual(2, found.complaints)
        self.assertEqual(['WARNING nova_migprogress.z c'],
                         found.own_complaints)

    def test_numbers(self):
        self.assertTrue(self._judge().exact)
        for wrong in (numbers(40), numbers(0), dict.fromkeys(fields.NAMES)):
            self.assertFalse(self._judge(numbers=wrong).exact)
        truth = {'started': 0.5, 'ended': 59.5, 'samples': [],
                 'completed': numbers(256)}
        self.assertFalse(self._judge(truth=truth).exact)
        self.assertTrue(self._judge(
            truth=truth, numbers=numbers(256)).exact)

    def test_lost(self):
        self.assertFalse(self._judge().lost)
        self.assertTrue(self._judge(hosts=['compute2']).lost)
        self.assertTrue(self._judge(hosts=[]).lost)


class ChangesTestCase(base.BaseTestCase):

    def test_changes(self):
        zeros = dict(reading(2.0), numbers=dict.fromkeys(fields.NAMES, 0))
        self.assertEqual(
            [3.0, 5.0], api_poller.change_times(
                [reading(1.0), zeros, reading(3.0, 1), reading(4.0, 1),
                 reading(4.5), reading(5.0, 2)]))
