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

from unittest import mock

from oslo_config import cfg

from nova_migprogress.virt.libvirt import recorder
from tests.unit.virt.libvirt import base


class RecorderTestCase(base.RecorderTestBase):

    def test_interval_out_of_bounds_is_refused(self):
        self.flags(interval=4, group='migration_progress')
        self.assertEqual(4, self.recorder.interval)
        refusal = cfg.ConfigFileValueError('99: Should be less')
        with mock.patch.object(recorder, 'CONF') as broken:
            interval = mock.PropertyMock(side_effect=refusal)
            type(broken.migration_progress).interval = interval
            self.assertEqual(4, self.recorder.interval)
            self.assertEqual(4, self.recorder.interval)
        self.assertEqual(1, self.stdlog.logger.output.count(
            '99: Should be less. The interval of 4 seconds stays in force.'))
        self.flags(interval=5, group='migration_progress')
        self.assertEqual(5, self.recorder.interval)
