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

"""Ctrl-C and SIGTERM: undo what is half done, once, and completely."""

import signal
import types
import typing

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ignore() -> None:
    """From here on only clean up; nothing may interrupt that."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int,
               _frame: typing.Optional[types.FrameType]) -> None:
    ignore()
    raise KeyboardInterrupt


def catch() -> None:
    """Raise KeyboardInterrupt at the first of these signals.

    Also where a shell started the command in the background, which ignores
    SIGINT.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
