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
import pathlib

import fixtures
from oslotest import base

from sandbox.truth import slow_saves

UUID = '64c07f74-b531-4ba0-8c04-cc7df69a501d'
LINE = ('%s 11333 DEBUG nova_migprogress.virt.libvirt.progress_writer [None '
        'req-a91dd48b admin admin - - default default] [instance: %s] A save '
        'of the progress took 0.28 s: the next one begins 2.8 s after it at '
        'the earliest\n')


class SlowSavesTestCase(base.BaseTestCase):

    def test_read(self):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'log')
        path.write_text(
            'Traceback\n' +
            LINE % ('2026-11-28 07:15:06.522', UUID) +
            LINE % ('2026-11-28 07:15:07.522', UUID.replace('6', '7')))
        save, = slow_saves.read(path, UUID)
        logged = datetime.datetime(2026, 11, 28, 7, 15, 6, 522000).timestamp()
        self.assertAlmostEqual(logged - 0.28, save.began)
        self.assertEqual((0.28, 2.8), save[1:])
