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

"""Text streams that take any name, and readers that go away."""

import contextlib
import io
import os
import typing


def tolerate(stream: typing.Optional[typing.TextIO]) -> None:
    """Escape what the encoding of a stream has not, instead of an error."""
    with contextlib.suppress(AttributeError, ValueError,
                             io.UnsupportedOperation):
        # What is none, such as a StringIO, takes any character.
        typing.cast(io.TextIOWrapper, stream).reconfigure(
            errors='backslashreplace')


def silence(stream: typing.TextIO) -> None:
    """Let a stream whose reader has gone take the rest without an error.

    The interpreter would try to write it at its end, and complain.
    """
    # Not a file: nobody flushes it at the end.
    with contextlib.suppress(OSError, ValueError):
        with open(os.devnull, 'w') as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
