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

"""What recording one running live migration costs, stock against plugin.

In the sandbox (real nova-compute, conductor, RabbitMQ and MariaDB) a guest
that never converges is live-migrated with Nova's own driver and with this
one. For each, the RPC calls that the compute hosts make and the SQL
statements that the database executes are counted for a while, and what they
make without a migration is subtracted. Then the record in the database is
watched: the longest time between two changes is how old the newest sample
gets.

Run as root from the checkout, alone on the machine::

    .venv/bin/python -m benchmarks.recording_cost

RPC calls are reported by oslo.messaging itself ([oslo_messaging_metrics]),
SQL statements by the database (SELECT, INSERT, UPDATE and DELETE).
"""

import argparse
import collections
from collections import abc
import json
import os
import socket
import sys
import tempfile
import threading
import time
import typing

from nova_migprogress import statuses
from sandbox import client
from sandbox import cloud
from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox import novaconf
from sandbox import reconfigure
from sandbox import servers

STATEMENTS = ('Com_select', 'Com_insert', 'Com_update', 'Com_delete')
#: Guest and link, in MiB and MiB/s: it would never converge.
MEMORY, WORKING_SET, DIRTY_RATE, BANDWIDTH = 256, 96, 60, 16

#: Periodic tasks of nova-compute come once a minute or less: whether a count
#: holds one more or less of them would hide what a migration costs.
QUIET: dict[str, abc.Mapping[str, str]] = {
    'DEFAULT': {
        'update_resources_interval': '-1',
        'heal_instance_info_cache_interval': '-1',
        'sync_power_state_interval': '-1',
        'shelved_poll_interval': '-1',
        'instance_delete_interval': '-1',
        'running_deleted_instance_poll_interval': '0',
    },
    'image_cache': {'manager_interval': '-1'},
}


class Costs(typing.TypedDict):
    """What a migration costs: RPC calls and SQL statements a minute."""

    rpc: float
    sql: float
    #: Seconds that the newest sample gets old.
    age: float
    #: What is made without a migration.
    idle_rpc: float
    idle_sql: float


class CallCounter:
    """Counts the RPC calls that services report on a datagram socket."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._calls: collections.Counter[str] = collections.Counter()
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self) -> typing.NoReturn:
        while True:
            metric = json.loads(self._socket.recv(65536))
            if metric['name'] == 'rpc_client_invocation_start_total':
                self._calls[metric['labels']['method']] += 1

    def total(self) -> int:
        return sum(self._calls.values())


def options(path: str,
            interval: typing.Optional[int]) -> novaconf.Options:
    """The computes are quiet and report their RPC calls to a socket."""
    found = dict(QUIET, oslo_messaging_metrics={
        'metrics_enabled': 'true', 'metrics_socket_file': path})
    if interval:
        found['migration_progress'] = {'interval': str(interval)}
    return found


def count_statements(layout: layout_mod.Layout) -> int:
    """Return how many statements the database has executed so far."""
    output = database.query(layout, 'SHOW GLOBAL STATUS WHERE Variable_name '
                            'IN (%s);' % ', '.join(map(repr, STATEMENTS)))
    return sum(int(line.split('\t')[1]) for line in
               output.splitlines()[1:])


def rates(layout: layout_mod.Layout, counter: CallCounter,
          seconds: int) -> tuple[float, float]:
    """Count for some seconds; return calls and statements a minute."""
    calls, executed, began = (counter.total(), count_statements(layout),
                              time.monotonic())
    time.sleep(seconds)
    calls = counter.total() - calls
    executed = count_statements(layout) - executed
    minutes = (time.monotonic() - began) / 60
    return calls / minutes, executed / minutes


def oldest_sample(layout: layout_mod.Layout, uuid: str,
                  seconds: int) -> float:
    """Return the longest time between two changes of the record, seconds."""
    changed: typing.Optional[float] = None
    value = None
    worst = 0.0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = time.monotonic()
        found = database.query(
            layout, "SELECT memory_processed FROM nova.migrations "
            "WHERE uuid = '%s';" % uuid)
        if found != value:
            if changed is not None:
                worst = max(worst, now - changed)
            changed, value = now, found
        time.sleep(0.1)
    return worst


def measure(layout: layout_mod.Layout, counter: CallCounter, path: str,
            driver: str, interval: typing.Optional[int],
            seconds: int) -> dict[str, typing.Any]:
    """Measure one driver at one interval; returns Costs with a label."""
    label = driver if interval is None else '%s, %d s' % (driver, interval)
    print('%s: preparing' % label, flush=True)
    cloud.up(layout, driver, lambda line: None)
    with reconfigure.compute(layout, options(path, interval)):
        counts = count(layout, counter, label, seconds)
    return dict(counts, label=label)


def count(layout: layout_mod.Layout, counter: CallCounter, label: str,
          seconds: int) -> Costs:
    """Count with and without a migration that never ends."""
    servers.boot(layout, 'cost', 'compute1', memory=MEMORY,
                 working_set=WORKING_SET, dirty_rate=DIRTY_RATE)
    servers.set_bandwidth(layout, BANDWIDTH)
    print('%s: counting without a migration' % label, flush=True)
    idle_calls, idle_statements = rates(layout, counter, seconds)
    entry = migrations.live_migrate(layout, 'cost')
    api = client.Client(layout)
    while migrations.migration(api, entry['instance_uuid'],
                               entry['uuid'])['status'] != statuses.RUNNING:
        time.sleep(0.5)
    time.sleep(10)
    print('%s: counting with one' % label, flush=True)
    calls, executed = rates(layout, counter, seconds)
    worst = oldest_sample(layout, entry['uuid'], 40)
    final = migrations.migration(api, entry['instance_uuid'], entry['uuid'])
    if final['status'] != statuses.RUNNING:
        raise exception.SandboxError(
            'The migration is %s: nothing was measured.' % final['status'])
    migrations.abort(layout, 'cost')
    migrations.wait_settled(layout, entry['instance_uuid'])
    servers.delete(layout, 'cost')
    return {'rpc': calls - idle_calls,
            'sql': executed - idle_statements, 'age': worst,
            'idle_rpc': idle_calls, 'idle_sql': idle_statements}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=int, default=120,
                        help='length of each count (default: %(default)s)')
    parser.add_argument('--json', metavar='FILE',
                        help='also write the figures there')
    args = parser.parse_args()
    layout = layout_mod.Layout()
    with tempfile.TemporaryDirectory(prefix='migprogress-') as directory:
        path = os.path.join(directory, 'metrics')
        counter = CallCounter(path)
        results = [measure(layout, counter, path, driver, interval,
                           args.seconds)
                   for driver, interval in (('stock', None),
                                            ('migprogress', 2),
                                            ('migprogress', 5))]
    cloud.down(layout)
    stock = results[0]
    print('\n%-18s %12s %8s %12s %8s %14s' % (
        'one migration', 'RPC calls/min', 'ratio', 'SQL/min', 'ratio',
        'oldest sample'))
    for row in results:
        row['rpc_ratio'] = row['rpc'] / stock['rpc']
        row['sql_ratio'] = row['sql'] / stock['sql']
        print('%(label)-18s %(rpc)13.1f %(rpc_ratio)8.2f %(sql)12.1f '
              '%(sql_ratio)8.2f %(age)12.1f s' % row)
    print('Without a migration: %.1f calls and %.1f statements a minute.' % (
        stock['idle_rpc'], stock['idle_sql']))
    if args.json:
        with open(args.json, 'w') as target:
            json.dump(results, target, indent=2)
    return 0


if __name__ == '__main__':
    sys.exit(main())
