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

import threading
from unittest import mock

from oslo_config import cfg

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import recorder
from tests.unit.virt.libvirt import base


class RecorderTestCase(base.RecorderTestBase):

    def test_interval_out_of_bounds_is_refused(self):
        self.flags(interval=4, group='migration_progress')
        self.assertEqual(4, self.recorder.interval)
        refusal = cfg.ConfigFileValueError('99: Should be less')
        with mock.patch.object(conf, 'effective_interval',
                               side_effect=refusal):
            self.assertEqual(4, self.recorder.interval)
            self.assertEqual(4, self.recorder.interval)
        self.assertEqual(1, self.stdlog.logger.output.count(
            '99: Should be less. The interval of 4 seconds stays in force.'))
        self.flags(interval=5, group='migration_progress')
        self.assertEqual(5, self.recorder.interval)
        # Once more, after all was well.
        with mock.patch.object(conf, 'effective_interval',
                               side_effect=refusal):
            self.assertEqual(5, self.recorder.interval)
        self.assertEqual(2, self.stdlog.logger.output.count('99: Should be'))

    def test_eight_writes_are_under_way_at_the_most(self):
        self.recorder = recorder.Recorder()
        go = threading.Event()
        self.addCleanup(go.set)
        for _number in range(10):
            writer, _migration, _instance = self.start(save=go.wait)
            writer.put(base.numbered(1))
        self.assertEqual(8, self.threads())
        self.wait_for(lambda: len(self.recorder._calls._made) == 8)
        go.set()
        self.wait()

    def test_interval_is_logged(self):
        self.flags(interval=4, group='migration_progress')
        self.make_recorder(1)
        for value in (7, 7):
            self.flags(interval=value, group='migration_progress')
            self.assertEqual(7, self.recorder.interval)
        for seconds in (4, 7):
            self.assertEqual(1, self.stdlog.logger.output.count(
                'INFO [nova_migprogress.virt.libvirt.recorder] The progress '
                'of a running migration is saved every %d seconds: as set by '
                '[migration_progress] interval.' % seconds))
