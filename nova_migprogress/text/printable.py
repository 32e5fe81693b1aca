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

"""Names that cannot do anything to a terminal.

The names of servers and projects are chosen by users. Escape sequences in
them could move the cursor, change the title or, with the codes that reverse
the direction of writing, show another name than the real one.
"""

import typing


@typing.overload
def escape(text: None) -> None:
    ...


@typing.overload
def escape(text: str) -> str:
    ...


def escape(text: typing.Optional[str]) -> typing.Optional[str]:
    """Replace whatever is not a printable character by an escape of it.

    :param text: a string, or None
    :returns: the string, with ``\\x1b`` for the character ESC and so on;
        None for None
    """
    if text is None or text.isprintable():
        return text
    return ''.join(
        character if character.isprintable()
        else character.encode('unicode_escape').decode('ascii')
        for character in text)


def sentence(error: Exception) -> str:
    """Return an error's message in one printable line."""
    return escape(' '.join(str(error).split())) or repr(error)
