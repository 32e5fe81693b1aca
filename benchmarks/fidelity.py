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

"""How true the API is to libvirt, stock Nova against plugin.

In the sandbox each live migration of sandbox.scenario.catalogue runs with
both drivers while the API is read once a second and libvirt five times a
second. Told for each:

age
    of the newest sample that the API shows, median and maximum, from
    libvirt's first numbers to its last; while the API shows none, the time
    since libvirt's first
error
    of the numbers shown against libvirt's at the sample's own time, the
    largest, as a share of the total
final
    whether the numbers that stay are those of JOB_COMPLETED to the byte; of
    a migration that did not complete whether they are libvirt's of its last
    three seconds

Run as root from the checkout, alone on the machine; 20 to 30 minutes::

    .venv/bin/python -m benchmarks.fidelity
    .venv/bin/python -m benchmarks.fidelity --scenario post-copy

Stock Nova's numbers are read from the server's own list of migrations: its
list of all migrations has none. Exit code 0 when everything could be
measured, whatever came out.
"""

import argparse
from collections import abc
import json
import statistics
import sys
import time
import typing

from rich import box
from rich import console
from rich import table

from sandbox import api_poller
from sandbox import checks
from sandbox import client
from sandbox import cloud
from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox.scenario import action
from sandbox.scenario import catalogue
from sandbox.scenario import stage
from sandbox import servers
from sandbox.truth import reader

NAME = 'fidelity'
#: Seconds for one migration.
PATIENCE = 300
#: No numbers to compare: it fails before libvirt has any.
SCENARIOS = [scenario for scenario in catalogue.ALL if not scenario.refused]


class ScenarioFigures(typing.TypedDict):
    """What came out of one scenario with one driver."""

    scenario: str
    driver: str
    #: The migration's, at its end.
    status: str
    #: From libvirt's first numbers to its last.
    seconds: float
    #: Seconds; None if the API showed nothing meanwhile.
    age_median: typing.Optional[float]
    age_maximum: typing.Optional[float]
    #: A share of the total.
    error_maximum: typing.Optional[float]
    #: Whether the numbers that stay are right, these, and JOB_COMPLETED's.
    final_right: bool
    numbers: dict[str, typing.Optional[int]]
    completed: typing.Optional[dict[str, int]]
    #: How many the age was taken of.
    readings: int


def _known_numbers(
        result: api_poller.APIAnswer) -> typing.Optional[checks.Numbers]:
    numbers = result['numbers']
    # Stock Nova shows libvirt's six zeros.
    return numbers if numbers and any(numbers.values()) else None


def _ages(results: abc.Iterable[api_poller.APIAnswer],
          truth: reader.Run) -> list[float]:
    samples = checks.moving_samples(truth)
    ages = []
    known = None
    for result in results:
        asked = result['time']
        if not samples[0]['time'] <= asked <= samples[-1]['time']:
            continue
        # Stock Nova's list drops a migration in post-copy: then a client has
        # the last numbers only.
        known = _known_numbers(result) or known
        ages.append(
            asked - samples[0]['time'] if known is None else
            checks.age({'time': asked, 'answered': asked,
                        'migration': dict(known)}, truth))
    return ages


def _distance(value: int, low: int, high: int) -> int:
    return max(0, min(low, high) - value, value - max(low, high))


def _error(numbers: checks.Numbers, truth: reader.Run) -> float:
    """The share by which what remains is off, at the sample's own time.

    That is the time at which libvirt had processed as much: between two of
    its samples, or between the last one and the end.
    """
    samples = truth['samples'] + (
        [truth['completed']] if truth['completed'] else [])
    kind = 'memory' if numbers['memory_processed'] else 'disk'
    processed = kind + '_processed'
    remaining = kind + '_remaining'
    total = numbers[kind + '_total']
    if not total:
        return 0.0
    fits = [
        _distance(numbers[remaining], before[remaining], after[remaining])
        for before, after in zip(samples, samples[1:])
        if before[processed] <= numbers[processed] <= after[processed]]
    return min(fits) / total if fits else 1.0


def measure(layout: layout_mod.Layout, driver: str,
            scenario: catalogue.Scenario) -> ScenarioFigures:
    """Run a scenario."""
    api = client.Client(layout)
    with stage.prepared(layout, scenario):
        server = servers.boot(layout, NAME, stage.SOURCE,
                              **stage.workload(scenario))
        trigger = action.Trigger(layout, server, scenario.action,
                                 scenario.when)
        entry = migrations.live_migrate(layout, NAME, bool(scenario.disk))
        poller = api_poller.APIPoller(layout, entry)
        poller.start()
        deadline = time.monotonic() + PATIENCE
        while migrations.migration(
                api, server['id'],
                entry['uuid'])['status'] not in migrations.FINAL:
            trigger()
            if time.monotonic() > deadline:
                raise exception.TimedOut('%s did not end within %d s.'
                                         % (scenario.name, PATIENCE))
            time.sleep(0.5)
        migrations.wait_settled(layout, server['id'])
        results = poller.stop()
        truth = reader.last_run(layout.truth, server['id'])
        status, numbers = database.migration(layout, entry['uuid'])
        servers.delete(layout, NAME)
    samples = checks.moving_samples(truth)
    ages = _ages(results, truth)
    shown = [_known_numbers(result) for result in results
             if result['time'] <= samples[-1]['time']]
    errors = [_error(known, truth) for known in shown if known]
    return {
        'scenario': scenario.name, 'driver': driver, 'status': status,
        'seconds': samples[-1]['time'] - samples[0]['time'],
        'age_median': statistics.median(ages) if ages else None,
        'age_maximum': max(ages) if ages else None,
        'error_maximum': max(errors) if errors else None,
        'final_right': checks.are_right(numbers, truth), 'numbers': numbers,
        'completed': truth['completed'] and checks.values(truth['completed']),
        'readings': len(ages),
    }


def _show(found: abc.Iterable[ScenarioFigures]) -> None:
    def text(form: str, value: typing.Optional[float]) -> str:
        return '-' if value is None else form % value

    shown = table.Table('migration', 'driver', 'status', 'lasts', 'age median',
                        'age maximum', 'error maximum', 'final numbers',
                        box=box.ASCII2)
    for row in found:
        error = row['error_maximum']
        shown.add_row(
            row['scenario'], row['driver'], row['status'],
            '%.0f s' % row['seconds'], text('%.1f s', row['age_median']),
            text('%.1f s', row['age_maximum']),
            text('%.2f %%', None if error is None else 100 * error),
            'right' if row['final_right'] else 'wrong')
    console.Console(width=140).print(shown)


def main(argv: typing.Optional[list[str]] = None) -> int:
    names = {scenario.name: scenario for scenario in SCENARIOS}
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.fidelity',
        description='How true the API is to libvirt.')
    parser.add_argument('--driver', action='append',
                        choices=layout_mod.DRIVERS,
                        help='may be repeated (default: both)')
    parser.add_argument('--scenario', action='append', choices=names,
                        metavar='NAME', help='may be repeated (default: all '
                        'of: %s)' % ', '.join(names))
    parser.add_argument('--json', metavar='FILE',
                        type=argparse.FileType('w'),
                        help='also write one JSON object a line')
    args = parser.parse_args(argv)
    layout = layout_mod.Layout()
    found: list[ScenarioFigures] = []
    try:
        for driver in args.driver or ('stock', 'migprogress'):
            cloud.up(layout, driver, say=lambda line: None)
            for name in args.scenario or names:
                print('%s, %s' % (name, driver), file=sys.stderr, flush=True)
                found.append(measure(layout, driver, names[name]))
                if args.json:
                    args.json.write(json.dumps(found[-1]) + '\n')
                    args.json.flush()
    except exception.SandboxError as exc:
        print('error: %s' % exc, file=sys.stderr)
        return 1
    finally:
        _show(found)
        cloud.down(layout)
    return 0


if __name__ == '__main__':
    sys.exit(main())
