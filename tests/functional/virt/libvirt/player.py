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

"""Plays a live migration's job statistics into Nova's fake libvirt."""

import threading
import time
import types

import fixtures
from lxml import etree
from nova.tests.fixtures import libvirt as fakelibvirt

MIB = 1024 * 1024
JOB_COMPLETED_EVENT = 21  # libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED
MIGRATION_OPERATION = 5

NOT_STARTED = {'type': fakelibvirt.VIR_DOMAIN_JOB_NONE}


def statistics(memory=(0, 0, 0), disk=(0, 0, 0), iteration=0,
               job_type=fakelibvirt.VIR_DOMAIN_JOB_UNBOUNDED):
    """Statistics as virDomainGetJobStats() gives them.

    :param memory: total, processed and remaining, in bytes
    :param disk: total, processed and remaining, in bytes
    """
    return {'type': job_type, 'operation': MIGRATION_OPERATION,
            'memory_total': memory[0], 'memory_processed': memory[1],
            'memory_remaining': memory[2], 'disk_total': disk[0],
            'disk_processed': disk[1], 'disk_remaining': disk[2],
            'memory_iteration': iteration}


PREPARING = statistics()
CANCELLED = statistics(job_type=fakelibvirt.VIR_DOMAIN_JOB_CANCELLED)
FAILED = statistics(job_type=fakelibvirt.VIR_DOMAIN_JOB_FAILED)


class LibvirtPlayer(fixtures.Fixture):
    """Replaces jobStats(), migrateToURI3() and abortJob() of a fake domain.

    :param steps: what jobStats() returns, one call after the other; the last
        one is repeated until the migration ends. A step that is an exception
        is raised.
    :param completed: statistics of JOB_COMPLETED; None if it is lost
    :param outcome: 'completed' or 'failed' when the steps are used up, or
        'endless' to go on until it is aborted
    :param get_connections: returns the source's and the destination's
        connection
    :param event_delay: seconds from the end to JOB_COMPLETED
    """

    def __init__(self, get_connections, steps, completed=None,
                 outcome='completed', event_delay=0):
        super().__init__()
        self._get_connections = get_connections
        self._steps = list(steps)
        self._completed = completed
        self._outcome = outcome
        self._event_delay = event_delay
        self._ended = threading.Event()
        self._last = None
        self.polls = []

    def _setUp(self):
        for name in ('jobStats', 'migrateToURI3', 'abortJob'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova.tests.fixtures.libvirt.Domain.' + name,
                getattr(self, '_' + name)))
        # Like Nova's own fixture: it works without libvirt-python.
        constants = types.SimpleNamespace(
            VIR_DOMAIN_JOB_UNBOUNDED=fakelibvirt.VIR_DOMAIN_JOB_UNBOUNDED,
            VIR_DOMAIN_EVENT_ID_JOB_COMPLETED=JOB_COMPLETED_EVENT)
        for module in ('events', 'observer'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.libvirt' % module,
                constants))
        # A test that fails must not leave a migration running.
        self.addCleanup(self._ended.set)

    def _jobStats(self, domain, flags=0):
        self.polls.append(time.monotonic())
        if self._last is not None:
            step = self._last
        elif len(self._steps) > 1:
            step = self._steps.pop(0)
        else:
            step = self._steps[0]
            if self._outcome != 'endless':
                self._ended.set()
        if isinstance(step, Exception):
            raise step
        return dict(step)

    def _abortJob(self, domain):
        self._outcome = 'cancelled'
        self._ended.set()

    def _migrateToURI3(self, domain, destination, params, flags):
        self._ended.wait()
        source, dest = self._get_connections()
        if self._outcome != 'completed':
            self._last = CANCELLED if self._outcome == 'cancelled' else FAILED
            raise fakelibvirt.make_libvirtError(
                fakelibvirt.libvirtError, 'migration %s' % self._outcome,
                error_code=fakelibvirt.VIR_ERR_INTERNAL_ERROR)
        dest.createXML(params['destination_xml'], 0)
        uuid = etree.fromstring(params['destination_xml']).findtext('./uuid')
        if self._completed is not None:
            threading.Timer(self._event_delay, self._emit_completed,
                            (source, source.lookupByUUIDString(uuid))).start()
        self._last = fakelibvirt.make_libvirtError(
            fakelibvirt.libvirtError, 'no domain',
            error_code=fakelibvirt.VIR_ERR_NO_DOMAIN)

    def _emit_completed(self, connection, domain):
        if JOB_COMPLETED_EVENT in connection._event_callbacks:
            callback, opaque = connection._event_callbacks[JOB_COMPLETED_EVENT]
            callback(connection, domain, self._completed, opaque)
