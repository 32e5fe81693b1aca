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

"""A thousand live migrations on one compute host at once.

Their number is bounded by nothing but max_concurrent_live_migrations, so this
is far beyond what happens; what the recorder takes must still be small.
"""

import gc
import threading
import time
import tracemalloc
import types

import fixtures
from nova.compute import task_states
from nova import context
from nova import objects
from nova import test
from nova.tests.fixtures import libvirt as fakelibvirt
from nova.tests.unit import fake_flavor
from nova.tests.unit import fake_instance
from oslo_utils.fixture import uuidsentinel
from testtools import content

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import job_completed
from nova_migprogress.virt.libvirt import live_observer
from nova_migprogress.virt.libvirt import recorder
from tests.functional.virt.libvirt import player

MIB = player.MIB
MIGRATIONS = 1000
TOTAL = 257 * MIB
WRITER = 'migration-progress-writer'
#: Bytes for each migration; more is a leak or a copy too many.
ALLOWED_MEMORY = 32 * 1024
#: Seconds of CPU that a migration's monitor may spend on its end.
ALLOWED_TIME = 0.002


class Host:
    """As much of nova.virt.libvirt.host.Host as a listener needs."""

    def __init__(self):
        self._connection = fakelibvirt.Connection('qemu:///system')
        domain = types.SimpleNamespace(UUIDString=lambda: self._uuid)
        self._connection.lookupByUUIDString = lambda uuid: (
            setattr(self, '_uuid', uuid) or domain)

    def get_connection(self):
        return self._connection


class ThousandTestCase(test.TestCase):

    def setUp(self):
        super().setUp()
        conf.register_opts(recorder.CONF)
        self.events = self.useFixture(player.JobEvents())
        constants = types.SimpleNamespace(
            VIR_DOMAIN_JOB_UNBOUNDED=fakelibvirt.VIR_DOMAIN_JOB_UNBOUNDED,
            VIR_DOMAIN_EVENT_ID_JOB_COMPLETED=player.JOB_COMPLETED_EVENT)
        for module in ('job_completed', 'live_observer'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.libvirt' % module,
                constants))
        # A thread is left as long as there is something to be repeated.
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.REPEAT_PAUSES',
            (0.2,)))
        self.context = context.get_admin_context()
        self.flavor = fake_flavor.fake_flavor_obj(self.context,
                                                  memory_mb=256)
        self.host = Host()
        self.migrations = [self.migration(n) for n in range(MIGRATIONS)]
        self.conductor = threading.Event()
        self.addCleanup(self.conductor.set)
        self.saved = {}
        self.most_threads = 0
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Migration.save', self.save()))
        self.useFixture(fixtures.MonkeyPatch(
            'nova.objects.Instance.save',
            lambda instance, *args, **kwargs: None))

    def migration(self, number):
        instance = fake_instance.fake_instance_obj(
            self.context, id=number, flavor=self.flavor, host='src',
            uuid=getattr(uuidsentinel, 'instance%d' % number),
            task_state=task_states.MIGRATING, progress=0)
        instance.obj_reset_changes(recursive=True)
        migration = objects.Migration(
            self.context, id=number, instance_uuid=instance.uuid,
            uuid=getattr(uuidsentinel, 'migration%d' % number),
            status='running', migration_type='live-migration',
            source_compute='src', dest_compute='dest')
        migration.obj_reset_changes()
        return migration, instance

    def save(self):
        def save(migration):
            self.conductor.wait()
            self.saved[migration.id] = tuple(
                getattr(migration, name) for name in fields.NAMES)
            migration.obj_reset_changes()
        return save

    def writers(self):
        return [thread for thread in threading.enumerate()
                if thread.name == WRITER]

    def poll(self, observers, processed):
        """Let every monitor poll once; return how long the longest took."""
        longest = 0
        for number, observer in enumerate(observers):
            info = types.SimpleNamespace(**player.statistics(
                (TOTAL, processed + number, TOTAL - processed - number)))
            began = time.thread_time()
            observer.observe(info)
            longest = max(longest, time.thread_time() - began)
        self.most_threads = max(self.most_threads, len(self.writers()))
        return longest

    def test_conductor_that_does_not_answer(self):
        gc.collect()
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before = tracemalloc.get_traced_memory()[0]
        progress_recorder = recorder.Recorder()
        listeners, waits, observers = [], [], []
        for migration, instance in self.migrations:
            listener = job_completed.JobCompletedListener(self.host, instance)
            listeners.append(listener.__enter__())
            waits.append(conductor_wait.ConductorWait(
                migration, instance, 'src', lambda: False))
            observers.append(live_observer.LiveObserver(
                progress_recorder, instance, migration, listener, waits[-1]))
        self.assertEqual(MIGRATIONS, len(self.events))
        for step in range(1, 6):
            self.poll(observers, step * MIB)
        gc.collect()
        early = tracemalloc.get_traced_memory()[0] - before
        for step in range(6, 21):
            self.poll(observers, step * MIB)
        gc.collect()
        late = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        longest = self.poll(observers, 21 * MIB)

        self.assertEqual(recorder.MAX_THREADS, len(self.writers()))
        self.assertEqual(recorder.MAX_THREADS, self.most_threads)
        self.assertEqual({}, self.saved)
        self.assertLess(late, MIGRATIONS * ALLOWED_MEMORY)
        # Time passes, samples come: they replace each other.
        self.assertLess(late - early, MIGRATIONS * 1024)

        # All of them end, still during the outage.
        began = time.thread_time()
        for observer, listener, wait in zip(observers, listeners, waits):
            listener.statistics = player.statistics((TOTAL, TOTAL + 7, 0))
            observer.wrap_post_method(lambda: None, 'dest')()
            observer.close()
            wait.close()
            listener.__exit__(None, None, None)
        ending = (time.thread_time() - began) / MIGRATIONS
        self.assertEqual(recorder.MAX_THREADS, len(self.writers()))
        self.assertEqual(0, len(self.events))

        began = time.monotonic()
        self.conductor.set()
        while self.writers():
            self.assertLess(time.monotonic(), began + 20)
            time.sleep(0.01)
        final = (TOTAL, TOTAL + 7, 0, 0, 0, 0)
        self.assertEqual({number: final for number in range(MIGRATIONS)},
                         self.saved)
        self.addDetail('figures', content.text_content(
            '%d migrations: %d threads, %.1f KiB of memory each, '
            '%.1f bytes more after 15 polls; the longest poll took %.2f ms '
            'of CPU, an end %.2f ms; all written %.1f s after the outage' % (
                MIGRATIONS, self.most_threads, late / MIGRATIONS / 1024,
                (late - early) / MIGRATIONS, 1000 * longest, 1000 * ending,
                time.monotonic() - began)))
        self.assertLess(ending, ALLOWED_TIME)
