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

"""Read a guest's console: is it alive and is its memory intact?"""

import re
import typing

_OK = re.compile(r'^MIGPROGRESS ok iteration (\d+) rate ([0-9.]+) MiB/s',
                 re.MULTILINE)
_BAD = re.compile(r'^.*(?:MIGPROGRESS CORRUPT|Kernel panic|'
                  r'BUG: |Oops|general protection|segfault).*$',
                  re.MULTILINE)


class Console(typing.NamedTuple):
    """What a console log says."""

    #: The workload has written its memory (and disk) once.
    ready: bool
    #: The first and the newest complete verification in this log, or None.
    first: typing.Optional[int]
    last: typing.Optional[int]
    #: The dirty rate that the guest measured last, in MiB/s, or None.
    rate: typing.Optional[float]
    #: The first line that tells of corruption or a crash, or None.
    bad: typing.Optional[str]

    @property
    def verified(self) -> int:
        """How many complete verifications began while this log was kept.

        The one that was running when a guest arrived does not count.
        """
        if self.first is None or self.last is None:
            return 0
        return self.last - self.first


def parse(text: str) -> Console:
    """Interpret a console log."""
    # The serial line ends its lines with CR LF.
    text = text.replace('\r', '')
    found = _OK.findall(text)
    bad = _BAD.search(text)
    return Console(
        ready='MIGPROGRESS ready' in text or bool(found),
        first=int(found[0][0]) if found else None,
        last=int(found[-1][0]) if found else None,
        rate=float(found[-1][1]) if found else None,
        bad=bad.group(0).strip() if bad else None)
