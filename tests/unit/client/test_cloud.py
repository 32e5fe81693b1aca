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

from tests.unit.client import base


class PagesTestCase(base.ClientTestCase):

    def test_link_of_migrations_without_uuid(self):
        # No marker can be made of them: Nova would answer 400.
        self.answer('/extensions', base.EXTENSIONS)
        listing = self.answer('/os-migrations', {
            'migrations': [base.entry(1, uuid=None)],
            'migrations_links': [{'rel': 'next', 'href': 'next'}]})
        self.assertEqual([1], [found.id for found in self.cloud.migrations()])
        self.assertNotIn('marker', listing.last_request.qs)
