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

"""Waiting in tests for threads that are known by their name."""

import threading
import time


class ThreadsMixin:
    """For a test case whose threads all have the name THREAD."""

    THREAD = ''

    def threads(self):
        return sum(thread.name == self.THREAD
                   for thread in threading.enumerate())

    def wait_for(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)

    def wait(self):
        """Wait until none of the threads is left."""
        self.wait_for(lambda: not self.threads())
