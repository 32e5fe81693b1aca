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

"""What ``GET /os-migrations`` costs: ratios measured in one run.

A real Nova API in this process, with its whole pipeline but Keystone, over a
SQLite database. Requests that are compared take turns, so that a loaded
machine slows both; the figures are medians, and the ratios are those of the
processor time. Run it as ``python -m benchmarks.list_migrations`` from the
checkout.
"""

import argparse
from collections import abc
import json
import logging
import statistics
import time
import typing

import tests.functional  # noqa: F401  (before anything imports eventlet)

from nova import context  # noqa: I100
from nova.db.main import api as db
from nova import objects
from nova.tests import fixtures as nova_fixtures
from oslo_utils.fixture import uuidsentinel as uuids
import sqlalchemy

from nova_migprogress import fields
from nova_migprogress import statuses
from tests.functional.api import base
from tests.functional import fixtures

#: Older microversions that are compared with stock Nova: each with another
#: view or another set of filters.
OLDER = ('2.1', '2.23', '2.59', '2.66', base.STOCK_VERSION)

MIGRATIONS = '/v2.1/os-migrations'

Request = abc.Callable[[], typing.Any]
#: Its figures by name.
Comparison = dict[str, typing.Any]


class InProcessNova(base.APITestCase):
    """Nova's database and API; nova.test sets up and tears down the rest."""

    def runTest(self) -> None:
        raise NotImplementedError

    def setUp(self) -> None:
        super().setUp()
        # What a deployment has; Nova's test fixtures say 'error' and debug.
        self.flags(response_validation='warn', group='api')
        # Loaded before the plugin, and so a stock API for good.
        self.stock = self.use_api(plugin=False)
        self.plugin = self.stock.beside(plugin=True)
        self.flags(debug=False)
        logging.disable(logging.INFO)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.statements = 0
        sqlalchemy.event.listen(
            sqlalchemy.engine.Engine, 'before_cursor_execute', self._count)
        self.addCleanup(
            sqlalchemy.event.remove, sqlalchemy.engine.Engine,
            'before_cursor_execute', self._count)

    def _count(self, connection: typing.Any, cursor: typing.Any,
               statement: str, *args: typing.Any) -> None:
        # Nova's tests begin SQLite transactions by a statement of their own.
        self.statements += statement != 'BEGIN'

    def add_rows(self, number: int, start: int = 0) -> None:
        """Insert running live migrations with progress, none of them 0."""
        for minute in range(start, start + number):
            self.add_migration(minute, **dict.fromkeys(
                fields.NAMES, 2 ** 33 + minute))

    def add_servers(self, number: int) -> None:
        """Insert the servers of the rows, as the API finds them."""
        ctxt = context.get_admin_context()
        cell = self.cell_mappings['cell1']
        for minute in range(number):
            uuid = getattr(uuids, 'server_%d' % minute)
            with context.target_cell(ctxt, cell) as cctxt:
                db.instance_create(cctxt, {
                    'uuid': uuid, 'project_id': nova_fixtures.PROJECT_ID,
                    'user_id': uuids.user, 'host': 'compute1',
                    'vm_state': 'active', 'display_name': uuid})
            objects.InstanceMapping(
                ctxt, instance_uuid=uuid, cell_mapping=cell,
                project_id=nova_fixtures.PROJECT_ID,
                user_id=uuids.user).create()


def _measure(request: Request) -> tuple[float, float]:
    """Return the seconds of a request by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    request()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(name: str, reference: Request, candidate: Request,
            rounds: int) -> Comparison:
    """Let two requests take turns and return their medians and the ratio."""
    requests = {'reference': reference, 'candidate': candidate}
    times: dict[str, list[tuple[float, float]]] = {
        key: [] for key in requests}
    for key in requests:
        requests[key]()
    for turn in range(rounds):
        for key in sorted(requests, reverse=bool(turn % 2)):
            times[key].append(_measure(requests[key]))
    result: Comparison = {'name': name, 'rounds': rounds}
    for key, samples in times.items():
        result[key + '_wall_ms'], result[key + '_cpu_ms'] = (
            1000 * statistics.median(column) for column in zip(*samples))
    result['ratio'] = result['candidate_cpu_ms'] / result['reference_cpu_ms']
    result['wall_ratio'] = (
        result['candidate_wall_ms'] / result['reference_wall_ms'])
    return result


def _get(api: fixtures.API, path: str, version: str) -> Request:
    def request() -> typing.Any:
        response = api.get(path, version)
        if response.status_int != 200:
            raise SystemExit('GET %s answered %s: %s' % (
                path, response.status, response.text))
        return response
    return request


def _report(result: Comparison) -> Comparison:
    print('%(name)-58s %(reference_cpu_ms)9.1f %(candidate_cpu_ms)9.1f '
          '%(ratio)7.3f %(wall_ratio)7.3f' % result, flush=True)
    return result


def measure_listing(nova: InProcessNova, rows: int,
                    rounds: int) -> abc.Iterator[Comparison]:
    """Compare microversions, and older ones with stock, at so many rows."""
    rounds = max(rounds * 100 // rows, 10)
    yield compare(
        '%d rows: %s against %s' % (rows, base.VERSION, base.STOCK_VERSION),
        _get(nova.plugin, MIGRATIONS, base.STOCK_VERSION),
        _get(nova.plugin, MIGRATIONS, base.VERSION), rounds)
    for version in OLDER:
        yield compare(
            '%d rows: %s with the plugin against stock' % (rows, version),
            _get(nova.stock, MIGRATIONS, version),
            _get(nova.plugin, MIGRATIONS, version), rounds)


def measure_polling(nova: InProcessNova, servers: int,
                    rounds: int) -> Comparison:
    """Compare one call with one call for each server."""
    each = [_get(nova.stock,
                 '/v2.1/servers/%s/migrations'
                 % getattr(uuids, 'server_%d' % minute), base.STOCK_VERSION)
            for minute in range(servers)]
    one = _get(nova.plugin, MIGRATIONS + '?status=' + statuses.RUNNING,
               base.VERSION)

    def poll_each_server() -> None:
        for request in each:
            found, = request().json['migrations']
            assert found['memory_total_bytes']

    def poll_once() -> None:
        found = one().json['migrations']
        assert len(found) == servers and found[0]['memory_total']

    result = compare(
        '%d running: one call against %d per-server calls'
        % (servers, servers), poll_each_server, poll_once,
        max(rounds // 10, 5))
    for key, request in (('reference', poll_each_server),
                         ('candidate', poll_once)):
        nova.statements = 0
        request()
        result[key + '_sql_statements'] = nova.statements
    return result


def main() -> None:
    """Measure, print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rows', type=int, nargs='+', default=[100, 1000],
                        help='sizes of the list, ascending (%(default)s)')
    parser.add_argument('--rounds', type=int, default=100,
                        help='turns at 100 rows; fewer when there are more '
                             '(%(default)s)')
    parser.add_argument('--json', metavar='FILE',
                        help='write all figures to this file')
    args = parser.parse_args()
    if min(args.rows) < 1 or sorted(set(args.rows)) != args.rows:
        parser.error('--rows %s: expected ascending positive numbers'
                     % ' '.join(map(str, args.rows)))
    if args.rounds < 10:
        parser.error('--rounds %d: expected at least 10' % args.rounds)
    nova = InProcessNova()
    results: list[Comparison] = []
    print('%-58s %9s %9s %7s %7s' % (
        'processor time, median', 'ref. ms', 'cand. ms', 'ratio', 'wall'))
    try:
        nova.setUp()
        present = 0
        for rows in args.rows:
            nova.add_rows(rows - present, start=present)
            if not present:
                nova.add_servers(rows)
                results.append(_report(
                    measure_polling(nova, rows, args.rounds)))
                print('  SQL statements: %(reference_sql_statements)d against '
                      '%(candidate_sql_statements)d' % results[-1])
            present = rows
            results.extend(map(_report, measure_listing(
                nova, rows, args.rounds)))
    finally:
        nova.doCleanups()
    if args.json:
        with open(args.json, 'w') as report:
            json.dump(results, report, indent=4)
            report.write('\n')


if __name__ == '__main__':
    main()
