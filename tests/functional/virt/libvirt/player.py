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

import itertools
import threading
import time
import types

import fixtures
from lxml import etree
from nova.tests.fixtures import libvirt as fakelibvirt
from nova import utils

MIB = 1024 * 1024
JOB_COMPLETED_EVENT = 21  # libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED
MIGRATION_OPERATION = 5

NOT_STARTED = {'type': fakelibvirt.VIR_DOMAIN_JOB_NONE}


def statistics(memory=(0, 0, 0), disk=(0, 0, 0), iteration=0,
               job_type=fakelibvirt.VIR_DOMAIN_JOB_UNBOUNDED, **more):
    """Statistics as virDomainGetJobStats() gives them.

    :param memory: total, processed and remaining, in bytes
    :param disk: total, processed and remaining, in bytes
    :param more: further keys
    """
    return {'type': job_type, 'operation': MIGRATION_OPERATION,
            'memory_total': memory[0], 'memory_processed': memory[1],
            'memory_remaining': memory[2], 'disk_total': disk[0],
            'disk_processed': disk[1], 'disk_remaining': disk[2],
            'memory_iteration': iteration, **more}


PREPARING = statistics()
CANCELLED = statistics(job_type=fakelibvirt.VIR_DOMAIN_JOB_CANCELLED)
FAILED = statistics(job_type=fakelibvirt.VIR_DOMAIN_JOB_FAILED)


def native_threading():
    """Return the threading module whose threads are the system's."""
    if utils.concurrency_mode_threading():
        return threading
    return utils.get_eventlet().patcher.original('threading')


def thread_exit():
    """Return what ends a thread without a word, caught by nobody."""
    if utils.concurrency_mode_threading():
        return SystemExit()
    return utils.get_eventlet().greenlet.GreenletExit()


class JobEvents(fixtures.Fixture):
    """Registration for JOB_COMPLETED, domain by domain.

    Nova's fake libvirt knows one callback per event and connection, which
    cannot be deregistered.
    """

    def _setUp(self):
        self._registered = {}
        self._ids = itertools.count(1)
        register_other = fakelibvirt.Connection.domainEventRegisterAny

        def register(connection, domain, event, callback, opaque):
            if event != JOB_COMPLETED_EVENT:
                return register_other(connection, domain, event, callback,
                                      opaque)
            number = next(self._ids)
            self._registered[number] = (connection, domain.UUIDString(),
                                        callback, opaque)
            return number

        def deregister(connection, number):
            del self._registered[number]

        for name, function in (('domainEventRegisterAny', register),
                               ('domainEventDeregisterAny', deregister)):
            self.useFixture(fixtures.MonkeyPatch(
                'nova.tests.fixtures.libvirt.Connection.' + name, function))

    def __len__(self):
        return len(self._registered)

    def send(self, connection, domain, job_statistics, delay=0):
        """Call those who listen now, from a native thread like libvirt's.

        A callback that was already on its way reaches its listener even if
        that has deregistered meanwhile.
        """
        for registered in list(self._registered.values()):
            if registered[:2] == (connection, domain.UUIDString()):
                native_threading().Timer(delay, registered[2], (
                    connection, domain, job_statistics, registered[3])).start()


class LibvirtPlayer(fixtures.Fixture):
    """Replaces what a live migration does with a fake domain.

    :param get_connections: returns the source's and the destination's
        connection
    :param events: the JobEvents
    :param steps: what jobStats() returns, one call after the other; the last
        one is repeated until the migration ends. A step that is an exception
        is raised.
    :param completed: statistics of JOB_COMPLETED; None if it is lost
    :param outcome: 'completed' or 'failed' when the steps are used up, or
        'endless' to go on until it is aborted or forced to complete
    :param forced: the steps from when the guest is suspended or switched to
        post-copy, and with which the migration completes
    :param event_delay: seconds from the end to JOB_COMPLETED
    :param uuid: of the only domain that is replaced
    """

    def __init__(self, get_connections, events, steps, completed=None,
                 outcome='completed', forced=None, event_delay=0, uuid=None):
        super().__init__()
        self._get_connections = get_connections
        self._events = events
        self._steps = list(steps)
        self._completed = completed
        self._outcome = outcome
        self._forced = forced
        self._event_delay = event_delay
        self._uuid = uuid
        self._ended = threading.Event()
        self._last = None
        self._thaw = threading.Event()
        self._thaw.set()
        self.polls = []
        #: What the domain was told, and when: name and time.
        self.told = []
        #: The parameters and flags of the migration.
        self.params = None
        self.flags = None

    def _setUp(self):
        for name in ('jobStats', 'migrateToURI3', 'abortJob', 'suspend',
                     'migrateStartPostCopy'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova.tests.fixtures.libvirt.Domain.' + name,
                self._replacement(name)))
        # Like Nova's own fixture: it works without libvirt-python.
        constants = types.SimpleNamespace(
            VIR_DOMAIN_JOB_UNBOUNDED=fakelibvirt.VIR_DOMAIN_JOB_UNBOUNDED,
            VIR_DOMAIN_EVENT_ID_JOB_COMPLETED=JOB_COMPLETED_EVENT)
        for module in ('job_completed', 'live_observer'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.libvirt' % module,
                constants))
        # A test that fails must not leave a migration running.
        self.addCleanup(self._ended.set)
        self.addCleanup(self._thaw.set)

    def _replacement(self, name):
        original = getattr(fakelibvirt.Domain, name, None)
        ours = getattr(self, '_' + name)

        def replacement(domain, *args, **kwargs):
            if self._uuid in (None, domain.UUIDString()):
                return ours(domain, *args, **kwargs)
            return original(domain, *args, **kwargs)

        return replacement

    def freeze(self):
        """Let nova-compute's monitor see nothing any more.

        This is how the monitor of a process that was killed looks to the
        others. It ends with the test.
        """
        self._thaw.clear()

    def _jobStats(self, domain, flags=0):
        if not self._thaw.is_set():
            self._thaw.wait()
            raise thread_exit()
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
        self.told.append(('abort', time.monotonic()))
        self._outcome = 'cancelled'
        self._ended.set()

    def _suspend(self, domain):
        self.told.append(('suspend', time.monotonic()))
        domain._state = fakelibvirt.VIR_DOMAIN_PAUSED
        self._force()

    def _migrateStartPostCopy(self, domain, flags=0):
        self.told.append(('post-copy', time.monotonic()))
        self._force()

    def _force(self):
        if self._outcome == 'endless':
            self._steps = list(self._forced)
            self._outcome = 'completed'

    def _migrateToURI3(self, domain, destination, params, flags):
        self.params, self.flags = params, flags
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
            self._events.send(source, source.lookupByUUIDString(uuid),
                              self._completed, self._event_delay)
        self._last = fakelibvirt.make_libvirtError(
            fakelibvirt.libvirtError, 'no domain',
            error_code=fakelibvirt.VIR_ERR_NO_DOMAIN)
