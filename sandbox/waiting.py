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

"""Wait for something that somebody else does."""

import time

from sandbox import exception


def poll(what, timeout, check, step=0.5):
    """Call check() until it returns something true.

    :raises Timeout: naming what did not happen
    """
    deadline = time.monotonic() + timeout
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise exception.Timeout(
                '%s did not happen within %d s.' % (what, timeout))
        time.sleep(step)
