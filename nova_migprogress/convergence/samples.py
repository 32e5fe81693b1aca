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

import collections.abc
import math
import typing

from nova_migprogress import fields


class InvalidSample(ValueError):
    """A sample holds a value that cannot be one."""


class Amounts(typing.NamedTuple):
    """The three numbers of one resource, in bytes."""

    total: int
    processed: int
    remaining: int


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
    def numbers(self) -> tuple[typing.Optional[int], ...]:
        """The six numbers, in the order of fields.NAMES."""
        return self[2:]

    @property
    def memory(self) -> typing.Optional[Amounts]:
        """The numbers of memory, None if not all of them are known."""
        return _make_amounts(*self[2:5])

    @property
    def disk(self) -> typing.Optional[Amounts]:
        """The numbers of disks, None if not all of them are known."""
        return _make_amounts(*self[5:])

    @property
    def has_total(self) -> bool:
        """Whether it is known how much there is to send.

        Before the start and after an abort all numbers are zero, which means
        nothing.
        """
        return fields.any_moved((self.memory_total, self.disk_total))

    def without_fragments(self) -> 'Sample':
        """Return the sample with whole groups of three numbers only.

        Some of the numbers of a resource without the others mean nothing: all
        three become None.
        """
        changes: dict[str, typing.Any] = {}
        for names in (fields.MEMORY_NAMES, fields.DISK_NAMES):
            missing = [getattr(self, name) is None for name in names]
            if any(missing) and not all(missing):
                changes.update(dict.fromkeys(names))
        return self._replace(**changes) if changes else self


def _make_amounts(total: typing.Optional[int],
                  processed: typing.Optional[int],
                  remaining: typing.Optional[int]
                  ) -> typing.Optional[Amounts]:
    if total is None or processed is None or remaining is None:
        return None
    return Amounts(total, processed, remaining)


def from_mapping(mapping: collections.abc.Mapping[str, typing.Any],
                 time: typing.Optional[float] = None) -> Sample:
    """Make a checked sample of a mapping, such as a migration of the API.

    :param mapping: has any of the keys of fields.NAMES and 'status', and
        'time' in seconds unless that is given; other keys are ignored
    :param time: seconds, instead of mapping['time']
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
        if value is not None and not fields.is_byte_count(value):
            if isinstance(value, int) and not isinstance(value, bool):
                raise InvalidSample(
                    '%s is %d, which is not between 0 and %d'
                    % (name, value, fields.MAX_VALUE))
            raise InvalidSample(
                '%s is %r, which is neither an integer nor null'
                % (name, value))
        values.append(value)
    return Sample(time, status, *values)
