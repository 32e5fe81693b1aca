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

"""The six progress fields of a migration, defined once.

Source: the specification "Report more live migration progress detail",
section "Proposed change". Every value is a number of bytes, an integer from
0 to :data:`MAX_VALUE`, or null.

Null rules, for all six:

* null until something real is known about the migration;
* ``memory_*`` stay null for a cold migration or resize, only ``disk_*`` are
  filled;
* ``disk_*`` are 0, not null, for a live migration that copies no disk;
* all six stay null for virt drivers that report nothing.

A migration is an unbounded job: ``processed`` may exceed ``total``, and
``processed + remaining`` may differ from it, because memory or disk that the
guest writes again must be sent again.

This module imports nothing of Nova.
"""

import collections.abc
import typing

#: The largest value a field can hold: the columns are signed 64-bit.
MAX_VALUE = 2 ** 63 - 1


class Field(typing.NamedTuple):
    """One progress field."""

    #: Name of the object field, the database column and the API key.
    name: str
    #: What is counted: 'memory' or 'disk'.
    resource: str
    #: Meaning, in the specification's words.
    meaning: str
    #: Unit of the value.
    unit: str = 'bytes'


FIELDS = (
    Field('memory_total', 'memory', 'the total guest memory size'),
    Field('memory_processed', 'memory',
          'the amount memory has been transferred'),
    Field('memory_remaining', 'memory',
          'the amount memory remaining to transfer'),
    Field('disk_total', 'disk', 'the total disk size'),
    Field('disk_processed', 'disk', 'the amount disk has been transferred'),
    Field('disk_remaining', 'disk', 'the amount disk remaining to transfer'),
)

NAMES = tuple(field.name for field in FIELDS)
MEMORY_NAMES = tuple(f.name for f in FIELDS if f.resource == 'memory')
DISK_NAMES = tuple(f.name for f in FIELDS if f.resource == 'disk')


def is_byte_count(value: object) -> bool:
    """Tell whether a value is an integer from 0 to MAX_VALUE, no boolean."""
    return (isinstance(value, int) and not isinstance(value, bool) and
            0 <= value <= MAX_VALUE)


def any_moved(numbers: collections.abc.Iterable[typing.Optional[int]]) -> bool:
    """Tell whether any number is more than zero.

    All zeros (or nulls) mean unknown.
    """
    return any(number is not None and number > 0 for number in numbers)


def sum_known(memory: typing.Optional[int],
              disk: typing.Optional[int]) -> typing.Optional[int]:
    """Return the sum, None if neither is known.

    One of the two alone is what is known: a cold migration has no numbers of
    memory.
    """
    if memory is None and disk is None:
        return None
    return (memory or 0) + (disk or 0)


def percent(total: typing.Optional[int],
            remaining: typing.Optional[int]) -> typing.Optional[float]:
    """Return how much does not remain: 0.0 to 100.0, None if unknown.

    :param total: bytes or None
    :param remaining: bytes, which may be more than the total, or None
    """
    if not total or remaining is None:
        return None
    return 100.0 * (total - min(remaining, total)) / total
