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

"""Read from nova-compute's log which saves of the progress were slow.

Each makes the next one wait, see nova_migprogress.virt.libvirt.pace.
"""

import datetime
import pathlib
import re
import typing

_SAVE = re.compile(
    r'^(?P<time>[0-9-]+ [0-9:.]+) .*\[instance: (?P<server>[0-9a-f-]{36})\] '
    r'A save of the progress took (?P<seconds>[0-9.]+) s: '
    r'the next one begins (?P<rest>[0-9.]+) s after it')


class SlowSave(typing.NamedTuple):
    """One save after which the next one had to wait."""

    #: When it began, in seconds since 1970.
    began: float
    #: How long it took, and how long after its beginning the next one may
    #: begin.
    seconds: float
    rest: float


def read(path: pathlib.Path, server_id: str) -> list[SlowSave]:
    """Those of one server, the oldest first."""
    found = []
    with open(path, errors='replace') as log:
        for line in log:
            save = _SAVE.match(line)
            if save and save['server'] == server_id:
                logged = datetime.datetime.strptime(
                    save['time'], '%Y-%m-%d %H:%M:%S.%f').timestamp()
                seconds = float(save['seconds'])
                found.append(SlowSave(logged - seconds, seconds,
                                      float(save['rest'])))
    return found
