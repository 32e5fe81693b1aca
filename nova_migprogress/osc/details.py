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

"""Everything that is known of one migration, for ``progress show``."""

import collections.abc
import textwrap
import typing

from nova_migprogress.client import migration_record
from nova_migprogress import fields
from nova_migprogress.osc import actions
from nova_migprogress.osc import columns
from nova_migprogress.osc import nova_timeout
from nova_migprogress.text import printable
from nova_migprogress.text import units
from nova_migprogress.text import wording

#: The one that is not a line of a table, because its commands are to be
#: copied whole.
ACTIONS = 'actions'
#: Characters in a line of its sentences, and of those within the table.
WIDTH = 79
CELL_WIDTH = 56


#: A server as the compute API shows it, {} if it does not.
Server = collections.abc.Mapping[str, typing.Any]


def collect_fields(
        row: columns.MigrationRow, server: Server,
        max_microversion: typing.Optional[tuple[int, ...]] = None,
        cloud_options: collections.abc.Sequence[str] = ()
) -> list[tuple[str, columns.Cell]]:
    """Return the fields of a migration: pairs of name and Cell.

    :param row: the migration
    :param server: its server
    :param max_microversion: see actions.list_legal
    :param cloud_options: see actions.list_legal
    """
    record, assessment = row.record, row.assessment
    found = [
        ('id', _make_cell(record.id)),
        ('uuid', _make_cell(record.uuid)),
        ('server', _make_cell(row.server_name)),
        ('server_id', _make_cell(record.instance_uuid)),
        ('project_id', _make_cell(record.project_id)),
        ('user_id', _make_cell(record.user_id)),
        ('type', _make_cell(record.migration_type)),
        ('status', _make_cell(record.status)),
        ('phase', _make_cell(assessment.phase)),
        ('verdict', _make_cell(assessment.verdict)),
        ('eta', columns.Cell(assessment.eta, wording.eta(assessment))),
        ('eta_at_least', columns.Cell(assessment.eta_at_least,
                                      str(assessment.eta_at_least))),
    ]
    for name in ('source_compute', 'source_node', 'dest_compute',
                 'dest_node', 'dest_host'):
        found.append((name, _make_cell(getattr(record, name))))
    for name in ('created_at', 'updated_at'):
        when = getattr(record, name)
        found.append((name, columns.Cell(when and units.timestamp(when),
                                         units.timestamp(when))))
    found.append(('age', columns.Cell(row.age, units.seconds(row.age))))
    found.append(('sample_age', columns.Cell(
        assessment.sample_age, units.seconds(assessment.sample_age))))
    found.append(('percent', columns.Cell(record.percent,
                                          units.percent(record.percent))))
    found.extend((name, _make_size_cell(getattr(record, name)))
                 for name in ('total', 'remaining') + fields.NAMES)
    found.extend((name, columns.Cell(getattr(assessment, name),
                                     units.rate(getattr(assessment, name))))
                 for name in ('throughput', 'dirty_rate'))
    found.append(('ratio', columns.Cell(
        assessment.ratio, units.UNKNOWN if assessment.ratio is None
        else '%.2f' % assessment.ratio)))
    found.extend((name, columns.Cell(getattr(assessment, name),
                                     units.seconds(getattr(assessment, name))))
                 for name in ('pause', 'pause_most'))
    found.append(('nova_timeout', _make_timeout_cell(row, server)))
    found.append((ACTIONS, _make_actions_cell(actions.list_legal(
        record, assessment, server.get('OS-EXT-STS:vm_state'),
        max_microversion, cloud_options), record)))
    return found


def _make_cell(value: columns.Value) -> columns.Cell:
    if value is None:
        return columns.Cell(None, units.UNKNOWN)
    return columns.Cell(value, printable.escape(str(value)))


def _make_size_cell(number: typing.Optional[int]) -> columns.Cell:
    return columns.Cell(number, units.size(number))


def _make_timeout_cell(
        row: columns.MigrationRow, server: Server) -> columns.Cell:
    timeout = nova_timeout.estimate_timeout(row.record, flavor_memory(server))
    if timeout is None:
        return columns.Cell(None, units.UNKNOWN)
    left = timeout.seconds_left(row.age)
    value: dict[str, columns.Value] = {
        'action': nova_timeout.ACTION, 'seconds': timeout.seconds,
        'gib': round(timeout.gib, 3),
        'strikes_at': None if timeout.strikes_at is None
        else units.timestamp(timeout.strikes_at),
        'seconds_left': left, 'assumed': nova_timeout.ASSUMPTION}
    if left is None:
        when = 'after %s' % units.seconds(timeout.seconds)
    elif left > 0:
        when = 'in %s, at %s, or later' % (
            units.seconds(left), units.timestamp(timeout.strikes_at))
    else:
        when = ('is due since %s: it waited before it ran, or the timeout is '
                'longer or switched off' % units.seconds(-left))
    return columns.Cell(value, textwrap.fill(
        '%s %s (%d s per GiB, %.1f GiB). %s' % (
            nova_timeout.ACTION, when, nova_timeout.SECONDS_PER_GIB,
            timeout.gib, nova_timeout.ASSUMPTION), CELL_WIDTH))


def flavor_memory(server: Server) -> typing.Optional[int]:
    """Return the bytes of memory of a server's flavor, None if not shown."""
    flavor = server.get('flavor')
    ram = flavor.get('ram') if isinstance(flavor, dict) else None
    return ram * 1024 ** 2 if isinstance(ram, int) else None


def _make_actions_cell(
        legal: collections.abc.Sequence[actions.Action],
        record: migration_record.MigrationRecord) -> columns.Cell:
    value = [action._asdict() for action in legal]
    if not legal:
        return columns.Cell(value, 'none. ' + actions.explain_none(record))
    return columns.Cell(value, '\n'.join(
        '%s\n    %s' % (textwrap.fill(
            '%s: %s' % (action.name, action.cost), WIDTH), action.command)
        for action in legal))
