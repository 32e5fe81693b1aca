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

import contextlib
import io
from unittest import mock

import ddt
import testtools

from nova_migprogress.osc import listing


@ddt.ddt
class ListingTest(testtools.TestCase):

    @ddt.data(
        (['--interval', '0'], "'0' is not a number of seconds from 1 to 3600"),
        (['--samples', '-1'], "'-1' is not a whole number from 1 to 10000"),
        (['--status', 'lazy'], "'lazy'"), (['--type', 'warm'], "'warm'"),
        (['--sort', 'size'], "'size' is not one of trouble"))
    @ddt.unpack
    def test_bad_input(self, arguments, words):
        parser = listing.ListProgress(mock.Mock(), None).get_parser('list')
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            self.assertRaises(SystemExit, parser.parse_args, arguments)
        self.assertIn(words, err.getvalue())
