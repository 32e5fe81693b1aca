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

"""Migrations as the commands see them."""

import datetime

from nova_migprogress.client import migration_record
from nova_migprogress.client import tracking
from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import verdicts
from nova_migprogress.osc import columns

GIB = 1024 ** 3
MIB = 1024 ** 2

NOW = datetime.datetime(2026, 11, 23, 3, 0, 0, tzinfo=datetime.timezone.utc)


def a_record(number=1, **values):
    """Return a running live migration of 8 GiB, of which 2 remain.

    :param number: its id, also in its uuid and its server's
    """
    fields = {
        'id': number,
        'uuid': '10000000-0000-0000-0000-%012d' % number,
        'instance_uuid': '20000000-0000-0000-0000-%012d' % number,
        'status': 'running', 'migration_type': 'live-migration',
        'source_compute': 'compute1', 'source_node': 'node1',
        'dest_compute': 'compute2', 'dest_node': 'node2',
        'dest_host': '192.0.2.2', 'project_id': 'a' * 32, 'user_id': 'b' * 32,
        'created_at': NOW - datetime.timedelta(seconds=300),
        'updated_at': NOW - datetime.timedelta(seconds=2),
        'memory_total': 8 * GIB, 'memory_processed': 10 * GIB,
        'memory_remaining': 2 * GIB, 'disk_total': 0, 'disk_processed': 0,
        'disk_remaining': 0,
    }
    fields.update(values)
    return migration_record.MigrationRecord(**fields)


def an_assessment(verdict=verdicts.CONVERGING, **values):
    """Return what was said two seconds ago of such a migration."""
    fields = {
        'time': NOW.timestamp() - 2, 'phase': phases.PRE_COPY,
        'throughput': 100.0 * MIB, 'dirty_rate': 40.0 * MIB, 'ratio': 0.4,
        'eta': 34.0, 'pause': 20.5, 'pause_most': 28.0, 'sample_age': 2.0,
    }
    fields.update(values)
    if verdict not in (verdicts.CONVERGING, verdicts.BORDERLINE):
        fields['eta'] = values.get('eta')
    return assessment.Assessment(verdict=verdict, **fields)


def a_tracked(number=1, verdict=verdicts.CONVERGING, vanished=False, **values):
    """Return a tracked migration.

    :param values: of its record
    """
    return tracking.Tracked(a_record(number, **values),
                            an_assessment(verdict), vanished=vanished)


def a_row(number=1, verdict=verdicts.CONVERGING, name='web', **values):
    """Return a columns.MigrationRow; see a_tracked."""
    tracked = a_tracked(number, verdict, **values)
    return columns.make_row(
        tracked, {tracked.record.instance_uuid: name} if name else {})
