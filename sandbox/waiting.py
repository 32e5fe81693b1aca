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

from collections import abc
import time
import typing

from sandbox import exception

_Result = typing.TypeVar('_Result')


def poll(what: str, timeout: float,
         check: abc.Callable[[], typing.Union[_Result, typing.Literal[False]]],
         step: float = 0.5) -> _Result:
    """Call check() until it returns something true.

    :raises TimedOut: naming what did not happen
    """
    deadline = time.monotonic() + timeout
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise exception.TimedOut(
                '%s did not happen within %d s.' % (what, timeout))
        time.sleep(step)
