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

"""What is wrong with a recording, told once and not a million times."""

import collections.abc
import typing


class Problem(typing.NamedTuple):
    """One doubt about one line."""

    #: Problems that differ only in their line and value are of one kind.
    kind: str
    #: Number of the line, from 1; 0 for the recording as a whole.
    line: int
    #: One sentence without its full stop. It may quote the recording, control
    #: characters and all.
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return 'line %d: %s' % (self.line, self.message)


class Problems:
    """Passes problems on as they come, the first ones of each kind only.

    :param tell: called with a string for each that is passed on
    :param shown: how many of each kind are passed on
    """

    def __init__(self, tell: collections.abc.Callable[[str], object],
                 shown: int = 5) -> None:
        self._tell = tell
        self._shown = shown
        # By kind: how many there were, and the last one.
        self._kinds: dict[str, tuple[int, Problem]] = {}
        #: The strings that were passed on.
        self.told: list[str] = []

    def __len__(self) -> int:
        return sum(count for count, _last in self._kinds.values())

    def add(self, problem: Problem) -> None:
        """Take a problem."""
        before = self._kinds.get(problem.kind)
        count = before[0] + 1 if before else 1
        self._kinds[problem.kind] = (count, problem)
        if count <= self._shown:
            self._pass_on(str(problem))

    def close(self) -> None:
        """Say how many were not passed on. Call it once, at the end."""
        for count, last in self._kinds.values():
            more = count - self._shown
            if more == 1:
                self._pass_on(str(last))
            elif more > 1:
                self._pass_on('%d more lines like that, the last: %s'
                              % (more, last))

    def _pass_on(self, message: str) -> None:
        self.told.append(message)
        self._tell(message)
