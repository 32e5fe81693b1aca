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

from nova_migprogress.osc import columns
from nova_migprogress.text import severity

#: What one can sort by: columns of the table by their titles.
KEYS = {column.title.lower().replace(' ', '-'): column
        for column in columns.TABLE}

#: Sorts the migrations that need a look first.
TROUBLE = 'trouble'

_DIRECTIONS = {'': False, 'asc': False, 'desc': True}


def parse(value):
    """Check a value of ``--sort``.

    :returns: a column's key or TROUBLE, and whether it is reversed
    :raises argparse.ArgumentTypeError: it is neither
    """
    key, _colon, direction = value.partition(':')
    if key != TROUBLE and key not in KEYS:
        raise argparse.ArgumentTypeError(
            '%r is not one of %s' % (key, ', '.join([TROUBLE] + list(KEYS))))
    if direction not in _DIRECTIONS:
        raise argparse.ArgumentTypeError(
            'the direction %r is neither asc nor desc' % direction)
    return key, _DIRECTIONS[direction]


def arrange(rows, order):
    """Sort Rows; those whose value is unknown come last.

    :param order: what parse() returned
    :returns: a list
    """
    key, reverse = order
    rows = sorted(rows, key=trouble_key, reverse=reverse and key == TROUBLE)
    if key == TROUBLE:
        return rows
    column = KEYS[key]
    if column is columns.VERDICT:
        return sorted(rows, key=verdict_rank, reverse=reverse)
    known = [row for row in rows if column.value(row) is not None]
    return (sorted(known, key=column.value, reverse=reverse) +
            [row for row in rows if column.value(row) is None])


def verdict_rank(shown):
    """Return the place of a migration's verdict, 0 for the worst."""
    return severity.rank(shown.assessment.verdict)


def trouble_key(shown):
    """Sort by trouble: by verdict, the longest time left first, then age.

    :param shown: has a record and an assessment, such as a columns.MigrationRow
    :returns: a tuple for sorted(); total, so that the order is steady
    """
    eta = shown.assessment.eta
    created = shown.record.created_at
    return (verdict_rank(shown), -eta if eta is not None else 0.0,
            created.timestamp() if created else 0.0, shown.record.key)
