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

import random

import ddt
from testtools import content

from sandbox import cloud
from sandbox.outage import cases
from sandbox.outage import experiment
from tests.e2e import base

#: Seconds for a new sample to be read after an outage: a second between two
#: requests, an interval of 2 s, and what the outage itself leaves behind.
RESUMED = 5
#: RabbitMQ's clients wait up to so long before they connect again
#: ([oslo_messaging_rabbit] kombu_reconnect_delay, rabbit_interval_max).
RECONNECTED = 30
#: Seconds from the operator's request until libvirt is told to abort.
ABORTED = 2
#: Nova's calls of a frozen conductor wait for 60 s before they fail.
SHORTEST = 65
#: Nova looks at a migration twice a second.
MONITOR_GAP = 2


@ddt.ddt
class OutageTestCase(base.SandboxTestCase):
    """A live migration goes on when something else in the cloud does not."""

    def setUp(self):
        super().setUp()
        # The test before may have left the sandbox without a service.
        cloud.up(self.layout, self.DRIVER, say=lambda line: None)

    def _run(self, case):
        self.addCleanup(self._clean)
        return experiment.run(self.layout, self.DRIVER, case,
                              lambda line: None)

    def _clean(self):
        if not experiment.clean(self.layout, lambda line: None):
            cloud.down(self.layout)

    def assertUnharmed(self, found):
        """The migration is completed, and nobody but its reader noticed."""
        self.assertEqual('completed', found.migration)
        self.assertFalse(found.lost)
        self.assertTrue(found.intact)
        self.assertTrue(found.exact, (found.numbers, found.last))
        self.assertLess(found.monitor_gap, MONITOR_GAP)

    @ddt.data('conductor-frozen', 'mariadb-stopped', 'conductor-killed')
    def test_samples_resume(self, name):
        found = self._run(cases.get(name))
        self.assertUnharmed(found)
        self.assertLess(found.resumed, RESUMED)
        # One warning, not one a second.
        self.assertLessEqual(len(found.own_complaints), 1)

    def test_rabbitmq_stopped(self):
        found = self._run(cases.get('rabbitmq-stopped'))
        self.assertUnharmed(found)
        self.assertLess(found.resumed, RECONNECTED)
        self.assertLessEqual(len(found.own_complaints), 1)

    def test_api_restarted(self):
        found = self._run(cases.get('api-restarted'))
        self.assertUnharmed(found)
        self.assertEqual([], found.own_complaints)

    def test_copy_finishes_meanwhile(self):
        found = self._run(cases.get('finish-during-outage'))
        self.assertUnharmed(found)
        # That samples, and that the end, wait for the conductor.
        self.assertLessEqual(len(found.own_complaints), 2)

    def test_aborted_meanwhile(self):
        found = self._run(cases.get('abort-during-outage'))
        self.assertLess(found.latency, ABORTED)
        # Stock Nova turns "cancelled" into "error" a second later.
        self.assertIn(found.migration, ('cancelled', 'error'))
        self.assertFalse(found.lost)
        self.assertEqual(['compute1'], found.guest_hosts)
        self.assertTrue(found.intact)
        self.assertTrue(found.exact, (found.numbers, found.last))

    def test_forced_to_complete_meanwhile(self):
        self.assertUnharmed(self._run(
            cases.get('force-complete-during-outage')))

    @ddt.data(*(kind.name for kind in cases.AT_END))
    def test_copy_ends_just_then(self, name):
        # Another moment each time; python -m benchmarks.outages --random
        # tries many.
        seed = random.randrange(1 << 32)
        self.addDetail('seed', content.text_content(str(seed)))
        found = self._run(cases.draw(name, seed)._replace(seconds=SHORTEST))
        self.assertTrue(found.unharmed, found)

    def test_libvirtd_restarted(self):
        found = self._run(cases.get('libvirtd-restarted'))
        # Nova loses the job and gives it up; the guest stays.
        self.assertIn(found.migration, ('failed', 'error'))
        self.assertFalse(found.lost)
        self.assertEqual(['compute1'], found.guest_hosts)
        self.assertTrue(found.intact)
        self.assertTrue(found.exact, (found.numbers, found.last))
