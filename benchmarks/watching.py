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

"""Measure what showing many migrations costs.

Sorts and draws pictures of so many migrations as ``openstack server migration
watch`` and ``progress list`` do, without a cloud. Run it as ``python -m
benchmarks.watching``. The figures are medians of the processor time.
"""

import argparse
import collections.abc
import io
import statistics
import time

from rich import console as rich_console

from nova_migprogress.client import migration_record
from nova_migprogress.client import tracking
from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import verdicts
from nova_migprogress import migration_types
from nova_migprogress.osc import columns
from nova_migprogress.osc import sorting
from nova_migprogress.osc.watch import change_lines
from nova_migprogress.osc.watch import screen
from nova_migprogress.osc.watch import view
from nova_migprogress import statuses

MIB = 1024 ** 2


def make_migrations(number: int) -> list[tracking.Tracked]:
    """Make so many migrations, of every verdict."""
    found = []
    for index in range(number):
        found.append(tracking.Tracked(
            migration_record.MigrationRecord.from_api({
                'id': index, 'uuid': '%032x' % index,
                'instance_uuid': 'server-%d' % index,
                'status': statuses.RUNNING,
                'migration_type': migration_types.LIVE_MIGRATION,
                'source_compute': 'compute-%03d' % (index % 100),
                'dest_compute': 'compute-%03d' % (index % 97),
                'created_at': '2026-11-23T03:%02d:%02dZ' % (
                    index % 60, index % 59),
                'updated_at': '2026-11-23T04:00:00Z',
                'memory_total': 8192 * MIB, 'memory_processed': 9000 * MIB,
                'memory_remaining': (index % 1000) * MIB, 'disk_total': 0,
                'disk_processed': 0, 'disk_remaining': 0}),
            assessment.Assessment(
                1795406400.0 + index % 60, phases.PRE_COPY,
                verdicts.ALL[index % len(verdicts.ALL)], 1e8, 4e7, 0.4,
                float(index % 3600), False, 1.0, 2.0, 1.0)))
    return found


def make_rows(migrations: collections.abc.Iterable[tracking.Tracked]
              ) -> list[columns.MigrationRow]:
    """Make the rows that are shown, those in most trouble first."""
    return [columns.make_row(tracked, {})
            for tracked in sorted(migrations, key=sorting.trouble_rank)]


def draw(migrations: collections.abc.Iterable[tracking.Tracked],
         width: int, height: int) -> None:
    """Draw a picture on a terminal of so many columns and lines."""
    console = rich_console.Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True,
        color_system='standard')
    console.print(screen.Screen(view.View(make_rows(migrations),
                                          'seen 1s ago')))


def median(function: collections.abc.Callable[[], object],
           times: int = 20) -> float:
    """Return the median milliseconds of the processor's time."""
    took = []
    for _time in range(times):
        began = time.process_time()
        function()
        took.append(time.process_time() - began)
    return 1000 * statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.watching',
        description=__doc__.splitlines()[0])
    parser.add_argument('--migrations', type=int, default=1000,
                        help='how many (default: %(default)s)')
    parser.add_argument('--output', help='write the table to this file')
    arguments = parser.parse_args()
    migrations = make_migrations(arguments.migrations)
    changes = change_lines.ChangeDetector()
    list(changes.changed_rows(make_rows(migrations)))
    measured = (
        ('A picture of 80 x 24', median(lambda: draw(migrations, 80, 24))),
        ('A picture of 200 x 60', median(lambda: draw(migrations, 200, 60))),
        ('Looking for changes, without a terminal', median(
            lambda: list(changes.changed_rows(make_rows(migrations))))),
        ('Every column of a list', median(lambda: [
            [column.value(row) for column in columns.ALL]
            for row in make_rows(migrations)])))
    table = ['.. list-table::', '   :header-rows: 1', '   :widths: 70 30', '',
             '   * - What', '     - processor time']
    for what, milliseconds in measured:
        table.append('   * - %s' % what)
        table.append('     - %.0f ms' % milliseconds)
    text = '\n'.join(table) + '\n'
    if arguments.output:
        with open(arguments.output, 'w') as written:
            written.write(text)
    print(text, end='')


if __name__ == '__main__':
    main()
