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

"""``openstack server migration progress list``."""

import argparse
import collections.abc
import shutil

from osc_lib.command import command

from nova_migprogress.client import follow
from nova_migprogress.osc import columns
from nova_migprogress.osc import connection
from nova_migprogress.osc import filters
from nova_migprogress.osc import sampling
from nova_migprogress.osc import sorting
from nova_migprogress.text import printable

#: Formatters whose own syntax makes every character harmless.
_ESCAPING_FORMATTERS = ('json', 'yaml')


class ListProgress(command.Lister):
    """List the migrations in progress: how far they are and whether they end.

    Live migrations, cold migrations and resizes of all servers that the user
    may see. Sizes are in bytes and times in seconds, null for unknown, with
    ``-f json`` and the other formatters for programs, which also show more
    columns. A table that is too wide for the terminal leaves some out; name
    them with ``-c``, or use ``--long``, to see them.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        filters.add_arguments(parser)
        parser.add_argument(
            '--server', metavar='<server>', action='append', default=[],
            help='Only migrations of this server (name or ID; repeat for '
                 'several)')
        parser.add_argument(
            '--status', metavar='<status>', action='append', default=[],
            choices=filters.STATUSES,
            help='Only migrations in this status (repeat for several): %s' %
                 ', '.join(filters.STATUSES))
        parser.add_argument(
            '--all', action='store_true',
            help='Also those that have ended')
        parser.add_argument(
            '--changes-since', metavar='<time>',
            help='Only those that changed since then, in ISO 8601, such as '
                 '2026-11-23T02:00:00Z; useful with --all')
        parser.add_argument(
            '--sort', metavar='<key>[:asc|:desc]', type=sorting.parse_order,
            default=sorting.TROUBLE,
            help='Order: trouble (default: the worst verdict first) or one '
                 'of %s' % ', '.join(sorting.COLUMNS))
        parser.add_argument(
            '--long', action='store_true',
            help='Show every column in a table too')
        sampling.add_arguments(parser, default=1)
        return parser

    def take_action(
            self, parsed_args: argparse.Namespace
    ) -> tuple[list[str], list[list[columns.Cell]]]:
        cloud = connection.connect(self.app)
        with connection.translate_errors():
            wanted = filters.collect_filters(parsed_args, cloud, self.app)
            if parsed_args.status or parsed_args.all:
                wanted['statuses'] = tuple(parsed_args.status)
            if parsed_args.changes_since is not None:
                wanted['changes_since'] = parsed_args.changes_since
            snapshot = sampling.poll_repeatedly(
                cloud, wanted, parsed_args.samples, parsed_args.interval)
        connection.warn_of_missing(self.log, snapshot.capabilities)
        self._suggest_samples(parsed_args, snapshot)
        names = connection.find_server_names(cloud, snapshot.tracked)
        rows = sorting.sort_rows(
            [columns.make_row(tracked, names)
             for tracked in snapshot.tracked], parsed_args.sort)
        chosen = self._choose_columns(parsed_args, rows)
        harmless = parsed_args.formatter in _ESCAPING_FORMATTERS
        return ([column.title for column in chosen],
                [[_make_cell(column, row, harmless) for column in chosen]
                 for row in rows])

    def _suggest_samples(self, parsed_args: argparse.Namespace,
                         snapshot: follow.Snapshot) -> None:
        """Tell a person at a terminal why there are no rates."""
        if (parsed_args.samples == 1 and parsed_args.formatter == 'table' and
                self.app.stdout.isatty() and any(
                    tracked.record.has_progress and not tracked.ended
                    for tracked in snapshot.tracked)):
            self.log.warning(
                'Rates, times left and verdicts need several looks: add '
                '--samples 5, or use "openstack server migration watch".')

    def _choose_columns(
            self, parsed_args: argparse.Namespace,
            rows: collections.abc.Sequence[columns.MigrationRow]
    ) -> collections.abc.Sequence[columns.Column]:
        if (parsed_args.long or parsed_args.columns or
                parsed_args.formatter != 'table'):
            return columns.ALL
        width = parsed_args.max_width
        if width <= 0:
            if not (parsed_args.fit_width or self.app.stdout.isatty()):
                return columns.TABLE
            width = shutil.get_terminal_size().columns
        chosen = columns.choose_fitting(columns.TABLE, rows, width)
        left_out = [column.title for column in columns.TABLE
                    if column not in chosen]
        if left_out:
            self.log.info('Left out, as the terminal has %d columns: %s.',
                          width, ', '.join(left_out))
        return chosen


def _make_cell(column: columns.Column, row: columns.MigrationRow,
               harmless: bool) -> columns.Cell:
    """Make the cell of a list.

    :param harmless: the formatter makes every character of the value harmless
    """
    value = column.value(row)
    if isinstance(value, str) and not harmless:
        value = printable.escape(value)
    return columns.Cell(value, columns.safe_text(column, row))
