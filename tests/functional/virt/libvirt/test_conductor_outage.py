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

"""A live migration ends while nothing that needs the conductor works."""

import ddt
from nova import objects
from nova.network import neutron
import oslo_messaging

from tests.functional import outage
from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
FINAL = (TOTAL, 300 * MIB + 5, 0, 0, 0, 0)

STEPS = [player.NOT_STARTED, player.PREPARING] + [
    player.statistics((TOTAL, number * 5 * MIB, TOTAL - number * 5 * MIB))
    for number in range(1, 15)]


class OutageTestBase(base.LiveMigrationBase):

    def begin_at_end(self, **kwargs):
        """Let an outage begin when libvirt's job ends, not before.

        The last write was fine: nobody knows of the outage.
        """
        broken = self.useFixture(outage.ConductorOutage(**kwargs))
        for name in ('_post_live_migration_update_host',
                     '_rollback_live_migration'):
            broken.begin_before(self.src.manager, name)
        return broken

    def migrate(self, **kwargs):
        kwargs.setdefault('completed', player.statistics(FINAL[:3]))
        self.play(STEPS, poll_faster=5, **kwargs)
        self.start_migration()

    def assert_moved(self):
        self.follow('completed')
        self.wait_for_record(FINAL)
        server = self._wait_for_server_parameter(
            self.server, {'OS-EXT-STS:task_state': None})
        self.assertEqual(('dest', 'ACTIVE'), (
            server['OS-EXT-SRV-ATTR:host'], server['status']))


OUTAGES = {
    'no_answer': {'delay': 0.5},
    'no_database': {'error': outage.no_database},
    'read_only': {'error': outage.read_only_database, 'read_only': True},
}


@ddt.ddt
class EndTestCase(OutageTestBase):

    @ddt.data(*OUTAGES)
    def test_completed(self, kind):
        broken = self.begin_at_end(**OUTAGES[kind])
        self.migrate()
        self.assertTrue(broken.noticed.wait(30))
        self.assertEqual('running', self.migration().status)
        import time
        time.sleep(3)
        broken.end()
        self.assert_moved()
