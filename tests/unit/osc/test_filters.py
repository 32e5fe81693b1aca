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

import argparse
from unittest import mock

import testtools

from nova_migprogress.osc import filters


class FiltersTest(testtools.TestCase):

    def collect(self, *arguments):
        parser = argparse.ArgumentParser()
        filters.add_arguments(parser)
        parser.add_argument('--server', action='append')
        cloud = mock.Mock()
        cloud.server.side_effect = lambda name: {'id': 'id of ' + name}
        return filters.collect_filters(parser.parse_args(arguments), cloud,
                                       mock.Mock())

    def test_none(self):
        self.assertEqual({}, self.collect())

    def test_all(self):
        self.assertEqual(
            {'host': 'h', 'source_compute': 's', 'dest_compute': 'd',
             'migration_type': 'migration',
             'server': ('id of a', 'id of b')},
            self.collect('--host', 'h', '--source', 's', '--destination', 'd',
                         '--type', 'cold-migration', '--server', 'a',
                         '--server', 'b'))
