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

import ddt
import testtools

from nova_migprogress.convergence import amounts


@ddt.ddt
class AmountsTest(testtools.TestCase):

    @ddt.data((None, None, None), (None, 0, 0), (5, None, 5), (5, 7, 12))
    @ddt.unpack
    def test_together(self, memory, disk, expected):
        self.assertEqual(expected, amounts.together(memory, disk))

    @ddt.data((None, 5, None), (0, 0, None), (100, None, None),
              (100, 25, 75.0), (100, 0, 100.0), (100, 300, 0.0))
    @ddt.unpack
    def test_percent(self, total, remaining, expected):
        self.assertEqual(expected, amounts.percent(total, remaining))
