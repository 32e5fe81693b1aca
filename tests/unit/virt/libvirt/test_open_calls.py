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
import types

import fixtures
from nova import test

from nova_migprogress.virt.libvirt import open_calls


class OpenCallsTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.open_calls.time',
            types.SimpleNamespace(monotonic=lambda: self.now)))
        self.calls = open_calls.OpenCalls()

    def test_none(self):
        self.now = 1000.0
        self.assertFalse(self.calls.slow)

    def test_slow_after_one_second(self):
        with self.calls.one():
            for seconds, slow in ((0, False), (1, False), (1.01, True)):
                self.now = seconds
                self.assertIs(slow, self.calls.slow)
        self.assertFalse(self.calls.slow)

    def test_the_oldest_counts(self):
        with contextlib.ExitStack() as oldest:
            oldest.enter_context(self.calls.one())
            self.now = 1.5
            with self.calls.one():
                self.assertTrue(self.calls.slow)
                oldest.close()
                self.assertFalse(self.calls.slow)
                self.now = 3
                self.assertTrue(self.calls.slow)

    def test_failed_call_is_over(self):
        with contextlib.suppress(ValueError), self.calls.one():
            raise ValueError('no')
        self.now = 1000.0
        self.assertFalse(self.calls.slow)
