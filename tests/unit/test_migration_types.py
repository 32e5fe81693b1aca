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

from nova.objects import fields
from oslotest import base

from nova_migprogress import migration_types


class MigrationTypesTest(base.BaseTestCase):

    def test_they_are_novas(self):
        self.assertEqual(
            set(fields.MigrationType.ALL),
            {migration_types.LIVE_MIGRATION, migration_types.COLD_MIGRATION,
             migration_types.RESIZE, migration_types.EVACUATION})
