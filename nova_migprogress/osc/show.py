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

"""``openstack server migration progress show``."""

import argparse
import collections.abc
import typing

from osc_lib.command import command
from osc_lib import exceptions

from nova_migprogress.client import discovery
from nova_migprogress.client import tracking
from nova_migprogress.osc import columns
from nova_migprogress.osc import connection
from nova_migprogress.osc import details
from nova_migprogress.osc import sampling
from nova_migprogress.text import printable


class ShowProgress(command.ShowOne):
    """Show all about one migration, and what can be done about it now.

    With the actions that Nova would take now, what each of them costs and
    the command to paste; and with what Nova's own timeout will do and when,
    assuming the defaults of the compute node. Nothing is done.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'server', metavar='<server>', help='The server (name or ID)')
        parser.add_argument(
            'migration', metavar='<migration>', nargs='?',
            help='The migration (UUID or ID; default: the one in progress '
                 'or, if there is none, the last one)')
        sampling.add_arguments(parser, default=3)
        return parser

    def take_action(
            self, parsed_args: argparse.Namespace
    ) -> tuple[tuple[str, ...], tuple[columns.Cell, ...]]:
        cloud = connection.connect(self.app)
        with connection.translate_errors():
            server = cloud.server(parsed_args.server)
            # All of them while one is watched, so that its end is seen.
            snapshot = sampling.poll_repeatedly(
                cloud, {'server': server['id'], 'statuses': ()},
                parsed_args.samples, parsed_args.interval)
        capabilities = snapshot.capabilities
        connection.warn_of_missing(self.log, capabilities)
        tracked = _choose_migration(snapshot.tracked, parsed_args)
        row = columns.make_row(tracked, {server['id']: server.get('name')})
        # What the client speaks is new enough for every action if the cloud
        # is, see client.discovery.
        max_microversion = None
        if capabilities is not None:
            max_microversion = discovery.parse_microversion(
                capabilities.microversion)
        found = details.collect_fields(row, server, max_microversion,
                                       connection.cloud_options(self.app))
        if parsed_args.formatter in ('shell', 'value'):
            # They print a value as it is.
            found = [(name, columns.Cell(_printable_value(cell),
                                         cell.human_readable()))
                     for name, cell in found]
        return (tuple(name for name, _cell in found),
                tuple(cell for _name, cell in found))

    def produce_output(
            self, parsed_args: argparse.Namespace,
            column_names: collections.abc.Sequence[str],
            data: typing.Any) -> int:
        if parsed_args.formatter != 'table' or parsed_args.columns:
            return super().produce_output(parsed_args, column_names, data)
        shown = [(name, cell) for name, cell in zip(column_names, data)
                 if name != details.ACTIONS]
        actions = dict(zip(column_names, data))[details.ACTIONS]
        result = super().produce_output(parsed_args, *zip(*shown))
        # Beneath the table, where a command stays in one piece.
        self.app.stdout.write('\nActions now:%s%s\n' % (
            '\n' if actions.machine_readable() else ' ',
            actions.human_readable()))
        return result


def _printable_value(cell: columns.Cell) -> columns.Value:
    """Return the value of a Cell as a number or a printable string."""
    value = cell.machine_readable()
    if isinstance(value, (list, dict)):
        return cell.human_readable()
    return printable.escape(value) if isinstance(value, str) else value


def _choose_migration(
        migrations: collections.abc.Sequence[tracking.Tracked],
        parsed_args: argparse.Namespace) -> tracking.Tracked:
    """Return the migration that is meant.

    :raises CommandError: there is none
    """
    if parsed_args.migration is not None:
        for tracked in migrations:
            if parsed_args.migration in (tracked.record.uuid,
                                         str(tracked.record.id)):
                return tracked
        raise exceptions.CommandError(
            'The server %r has no migration %r; it has %s.' % (
                parsed_args.server, parsed_args.migration,
                ', '.join(str(tracked.record.id)
                          for tracked in migrations) or 'none'))
    if not migrations:
        raise exceptions.CommandError(
            'The server %r has never been migrated.' % parsed_args.server)
    return max(migrations, key=lambda tracked: (
        not tracked.record.ended, tracked.record.created_at is not None and
        tracked.record.created_at.timestamp(), tracked.record.id or 0))
