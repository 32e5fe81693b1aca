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

"""The order of a list of migrations, as ``--sort`` takes it."""

import argparse
import collections.abc
import typing

from nova_migprogress.client import tracking
from nova_migprogress.osc import columns
from nova_migprogress.text import severity

#: What one can sort by: columns of the table by their titles.
COLUMNS = {column.title.lower().replace(' ', '-'): column
           for column in columns.TABLE}

#: Sorts first the migrations that need somebody.
TROUBLE = 'trouble'

_DIRECTIONS = {'': False, 'asc': False, 'desc': True}

#: What has a record and an assessment.
Assessed = typing.Union[columns.MigrationRow, tracking.Tracked]


def parse_order(value: str) -> tuple[str, bool]:
    """Check a value of ``--sort``.

    :returns: a key of COLUMNS or TROUBLE, and whether it is reversed
    :raises argparse.ArgumentTypeError: it is neither
    """
    key, _colon, direction = value.partition(':')
    if key != TROUBLE and key not in COLUMNS:
        raise argparse.ArgumentTypeError(
            '%r is not one of %s' % (key, ', '.join([TROUBLE, *COLUMNS])))
    if direction not in _DIRECTIONS:
        raise argparse.ArgumentTypeError(
            'the direction %r is neither asc nor desc' % direction)
    return key, _DIRECTIONS[direction]


def sort_rows(rows: collections.abc.Iterable[columns.MigrationRow],
              order: tuple[str, bool]) -> list[columns.MigrationRow]:
    """Sort rows; those whose value is unknown come last.

    :param order: what parse_order returned
    """
    key, reverse = order
    by_trouble = sorted(
        rows, key=trouble_rank, reverse=reverse and key == TROUBLE)
    if key == TROUBLE:
        return by_trouble
    column = COLUMNS[key]
    if column is columns.VERDICT:
        return sorted(by_trouble, key=verdict_rank, reverse=reverse)
    known = []
    unknown = []
    for row in by_trouble:
        value = column.value(row)
        if value is None:
            unknown.append(row)
        else:
            known.append((value, row))
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    return [row for _value, row in known] + unknown


def verdict_rank(assessed: Assessed) -> int:
    """Return the place of a migration's verdict, 0 for the worst."""
    return severity.rank(assessed.assessment.verdict)


def trouble_rank(assessed: Assessed) -> tuple[int, float, float, str]:
    """Return the place of a migration among all, that in most trouble first.

    By verdict, the longest time left first, then the oldest.

    :returns: for sorted(); no two are equal, so that the order is steady
    """
    eta = assessed.assessment.eta
    created = assessed.record.created_at
    return (verdict_rank(assessed), -eta if eta is not None else 0.0,
            created.timestamp() if created else 0.0, assessed.record.key)
