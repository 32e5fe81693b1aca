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

"""One observation of a migration's progress.

Imports nothing of Nova or OpenStack.
"""

import math
import typing

from nova_migprogress import fields


class InvalidSample(ValueError):
    """A sample holds a value that cannot be one."""


class Sample(typing.NamedTuple):
    """What is known about a migration at one moment.

    The six numbers are bytes or None, with the null rules of
    nova_migprogress.fields.
    """

    #: When the numbers were true, in seconds from any fixed moment.
    time: float
    #: The migration's status in Nova, None where nobody knows it.
    status: typing.Optional[str] = None
    memory_total: typing.Optional[int] = None
    memory_processed: typing.Optional[int] = None
    memory_remaining: typing.Optional[int] = None
    disk_total: typing.Optional[int] = None
    disk_processed: typing.Optional[int] = None
    disk_remaining: typing.Optional[int] = None

    @property
    def numbers(self):
        """The six numbers, in the order of fields.NAMES."""
        return self[2:]

    def without_fragments(self):
        """Return the sample with whole groups of three numbers only.

        Some of the numbers of a resource without the others mean nothing: all
        three become None.
        """
        changes = {}
        for names in (fields.MEMORY_NAMES, fields.DISK_NAMES):
            missing = [getattr(self, name) is None for name in names]
            if any(missing) and not all(missing):
                changes.update(dict.fromkeys(names))
        return self._replace(**changes) if changes else self


def from_mapping(mapping, time=None):
    """Make a checked sample of a mapping, such as a migration of the API.

    :param mapping: has any of the keys of fields.NAMES and 'status', and
        'time' in seconds unless that is given; other keys are ignored
    :param time: seconds, instead of mapping['time']
    :returns: a Sample
    :raises InvalidSample: a value is not what it should be; the message names
        the key, the value and the bound
    """
    if time is None:
        time = mapping.get('time')
    if (isinstance(time, bool) or not isinstance(time, (int, float)) or
            not math.isfinite(time)):
        raise InvalidSample('time is %r, which is not a number of seconds'
                            % (time,))
    status = mapping.get('status')
    if status is not None and not isinstance(status, str):
        raise InvalidSample('status is %r, which is not a string'
                            % (status,))
    values = []
    for name in fields.NAMES:
        value = mapping.get(name)
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidSample(
                    '%s is %r, which is neither an integer nor null'
                    % (name, value))
            if not 0 <= value <= fields.MAX_VALUE:
                raise InvalidSample(
                    '%s is %d, which is not between 0 and %d'
                    % (name, value, fields.MAX_VALUE))
        values.append(value)
    return Sample(time, status, *values)
