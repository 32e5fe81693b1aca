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

import datetime

import ddt
from nova.conf import libvirt
import testtools

from nova_migprogress.osc import nova_timeout
from tests.unit.osc import fakes


@ddt.ddt
class NovaTimeoutTest(testtools.TestCase):

    def test_per_gib(self):
        record = fakes.a_record()
        timeout = nova_timeout.estimate_timeout(record)
        self.assertEqual((8.0, 6400), (timeout.gib, timeout.seconds))
        self.assertEqual(record.created_at + datetime.timedelta(seconds=6400),
                         timeout.strikes_at)
        self.assertEqual(6100, timeout.seconds_left(300))

    def test_flavor_before_the_hypervisors_size(self):
        timeout = nova_timeout.estimate_timeout(
            fakes.a_record(), flavor_memory=4 * fakes.GIB)
        self.assertEqual(3200, timeout.seconds)

    @ddt.data((fakes.GIB // 2, 0, 1600), (fakes.GIB // 2, 1, 3200),
              (fakes.GIB // 2, 10 * fakes.GIB, 9600),
              (3 * fakes.GIB, None, 2400))
    @ddt.unpack
    def test_least(self, memory, disk, seconds):
        record = fakes.a_record(memory_total=memory, disk_total=disk)
        timeout = nova_timeout.estimate_timeout(record)
        self.assertEqual(seconds, timeout.seconds)

    @ddt.data({'migration_type': 'migration'}, {'status': 'completed'},
              {'status': 'running (post-copy)'}, {'memory_total': None})
    def test_none(self, values):
        record = fakes.a_record(**values)
        self.assertIsNone(nova_timeout.estimate_timeout(record))

    def test_unknown_creation(self):
        timeout = nova_timeout.estimate_timeout(
            fakes.a_record(created_at=None))
        self.assertIsNone(timeout.strikes_at)
        self.assertIsNone(timeout.seconds_left(None))

    def test_novas_defaults(self):
        options = {opt.name: opt for opt in libvirt.libvirt_general_opts}
        self.assertEqual(
            nova_timeout.SECONDS_PER_GIB,
            options['live_migration_completion_timeout'].default)
        self.assertEqual(nova_timeout.ACTION,
                         options['live_migration_timeout_action'].default)
