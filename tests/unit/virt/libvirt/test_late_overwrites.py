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

from nova import objects
from nova import test

from nova_migprogress.virt.libvirt import late_overwrites

NOON = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
SECOND = datetime.timedelta(seconds=1)


class CorrectTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        objects.register_all()

    def correct(self, row, stock, unsaved=False):
        row, stock = (objects.Migration(status=status, updated_at=updated_at)
                      for status, updated_at in (row, stock))
        if not unsaved:
            stock.obj_reset_changes()
        changed = late_overwrites.correct(row, stock)
        return changed and (row.status, row.updated_at)

    def test_nothing_was_done_late(self):
        for status in ('completed', 'error', 'running (post-copy)'):
            self.assertFalse(self.correct((status, NOON), (status, NOON)))

    def test_cold_migration(self):
        row = objects.Migration(status='running (post-copy)', updated_at=NOON)
        self.assertFalse(late_overwrites.correct(row, objects.Migration(id=1)))

    def test_status(self):
        for status in ('completed', 'failed', 'cancelled', 'error'):
            self.assertEqual(
                (status, NOON),
                self.correct(('running (post-copy)', NOON), (status, NOON)))

    def test_status_that_nova_has_not_saved(self):
        self.assertFalse(self.correct(
            ('running (post-copy)', NOON), ('completed', NOON), unsaved=True))
        self.assertFalse(self.correct(
            ('running (post-copy)', NOON), ('running', NOON)))

    def test_status_that_somebody_has_set(self):
        self.assertFalse(self.correct(('error', NOON), ('completed', NOON)))

    def test_time(self):
        self.assertEqual(
            ('completed', NOON),
            self.correct(('completed', NOON - SECOND), ('completed', NOON)))
        self.assertFalse(self.correct(
            ('completed', NOON + SECOND), ('completed', NOON)))
        self.assertFalse(self.correct(
            ('completed', None), ('completed', NOON)))
        self.assertFalse(self.correct(
            ('completed', NOON), ('completed', None)))
