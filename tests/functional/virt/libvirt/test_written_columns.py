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

"""Which columns the recorder's writes touch: real objects, a real database."""

import re

from nova.compute import task_states
from nova import context
from nova import objects
from nova import test
from nova.tests.unit import fake_flavor
import sqlalchemy
from sqlalchemy import engine as sqlalchemy_engine

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import open_calls
from nova_migprogress.virt.libvirt import pace
from nova_migprogress.virt.libvirt import progress_writer

SAMPLE = job_stats.ProgressNumbers(1000, 300, 700, 200, 100, 100)
FINAL = job_stats.ProgressNumbers(1000, 1100, 0, 200, 200, 0)
MEMORY = ('memory_total', 'memory_processed', 'memory_remaining')
DISK = ('disk_total', 'disk_processed', 'disk_remaining')


class AtOnce:
    """A thread pool without threads."""

    def submit(self, function):
        while function() is not None:
            pass


class WrittenColumnsTestCase(test.TestCase):

    def setUp(self):
        super().setUp()
        conf.register_opts(test.CONF)
        self.context = context.get_admin_context()
        created = objects.Instance(
            self.context, host='src', project_id='p', user_id='u',
            task_state=task_states.MIGRATING, vm_state='active', progress=0,
            display_name='one', system_metadata={},
            flavor=fake_flavor.fake_flavor_obj(self.context),
            pci_requests=self.requests('old'))
        created.create()
        self.migration = objects.Migration(
            self.context, instance_uuid=created.uuid, status='running',
            migration_type='live-migration', source_compute='src')
        self.migration.create()
        # As nova-compute has it: with all that may be loaded.
        self.instance = objects.Instance.get_by_uuid(
            self.context, created.uuid, expected_attrs=[
                'pci_requests', 'flavor', 'metadata', 'system_metadata',
                'info_cache', 'numa_topology', 'migration_context',
                'pci_devices', 'services', 'tags', 'device_metadata'])

    @staticmethod
    def requests(alias):
        return objects.InstancePCIRequests(requests=[
            objects.InstancePCIRequest(
                count=1, alias_name=alias, spec=[{'vendor_id': '8086'}])])

    def start(self, task_state=task_states.MIGRATING):
        return progress_writer.ProgressWriter(
            AtOnce(), lambda: 2, self.migration, self.instance, task_state,
            pace.Pace(1), open_calls.OpenCalls())

    def written(self, function, *args, **kwargs):
        """Return what a call writes: (table, its columns), ..."""
        found = []

        def note(_connection, _cursor, statement, *_args):
            update = re.match(r'UPDATE (\w+) SET (.*?) WHERE', statement, re.S)
            if update:
                found.append((update[1], tuple(sorted(
                    assignment.split('=')[0].strip()
                    for assignment in update[2].split(',')))))
            elif not statement.startswith(('SELECT', 'PRAGMA', 'BEGIN')):
                found.append(statement)

        sqlalchemy.event.listen(sqlalchemy_engine.Engine,
                                'before_cursor_execute', note)
        try:
            function(*args, **kwargs)
        finally:
            sqlalchemy.event.remove(sqlalchemy_engine.Engine,
                                    'before_cursor_execute', note)
        return found

    @staticmethod
    def columns(names):
        return 'migrations', tuple(sorted((*names, 'updated_at')))

    def stored_alias(self):
        requests = objects.InstancePCIRequests.get_by_instance_uuid(
            self.context, self.instance.uuid)
        return [request.alias_name for request in requests.requests]

    def test_running(self):
        writer = self.start()
        self.assertEqual(
            [self.columns(fields.NAMES),
             ('instances', ('progress', 'updated_at'))],
            self.written(writer.put, SAMPLE))
        stored = objects.Instance.get_by_uuid(self.context, self.instance.uuid)
        self.assertEqual(30, stored.progress)
        # Nova's own objects know nothing of it.
        self.assertEqual(set(), self.instance.obj_what_changed())
        self.assertEqual(set(), self.migration.obj_what_changed())
        self.assertEqual(0, self.instance.progress)
        self.assertNotIn('WARNING [nova_migprogress',
                         self.stdlog.logger.output)

    def test_disks_only(self):
        self.instance.task_state = task_states.RESIZE_MIGRATING
        self.instance.save()
        writer = self.start(task_states.RESIZE_MIGRATING)
        self.assertEqual(
            [self.columns(DISK), ('instances', ('progress', 'updated_at'))],
            self.written(writer.put,
                         SAMPLE._replace(**dict.fromkeys(MEMORY))))

    def test_final_sample(self):
        writer = self.start()
        writer.end()
        self.assertEqual([self.columns(fields.NAMES)],
                         self.written(writer.close, FINAL, saved=False))

    def test_repeated_final_sample_writes_nothing(self):
        writer = self.start()
        writer._given_up = True
        writer.end()
        written = self.written(writer.close, FINAL, saved=True)
        # Many saves, but only the first finds anything to be changed.
        self.assertEqual([self.columns(fields.NAMES)], written)
        self.assertEqual(len(progress_writer.REPEAT_PAUSES),
                         writer._final_saves)

    def test_late_percentage(self):
        """Another migration has begun, or this one has ended."""
        writer = self.start()
        server = objects.Instance.get_by_uuid(
            self.context, self.instance.uuid, expected_attrs=['pci_requests'])
        server.pci_requests = self.requests('new')
        server.task_state = None
        server.save()
        self.assertEqual(['new'], self.stored_alias())
        before = objects.Instance.get_by_uuid(self.context, self.instance.uuid)
        # Nova asks for the task state in the WHERE of the UPDATE, and asks
        # some more times when no row has it.
        self.assertEqual(
            {self.columns(fields.NAMES),
             ('instances', ('progress', 'updated_at'))},
            set(self.written(writer.put, SAMPLE)))
        self.assertEqual(['new'], self.stored_alias())
        stored = objects.Instance.get_by_uuid(self.context, self.instance.uuid)
        self.assertEqual((0, before.updated_at),
                         (stored.progress, stored.updated_at))

    def test_percentage_in_time(self):
        writer = self.start()
        server = objects.Instance.get_by_uuid(
            self.context, self.instance.uuid, expected_attrs=['pci_requests'])
        server.pci_requests = self.requests('new')
        server.save()
        writer.put(SAMPLE)
        self.assertEqual(['new'], self.stored_alias())

    def test_percentage_is_notified(self):
        """Where Nova tells others of every change of an instance."""
        self.flags(notify_on_state_change='vm_and_task_state',
                   group='notifications')
        writer = self.start()
        self.assertEqual(
            [self.columns(fields.NAMES),
             ('instances', ('progress', 'updated_at'))],
            self.written(writer.put, SAMPLE))
        self.assertNotIn('Failed to send', self.stdlog.logger.output)
        self.assertNotIn('ERROR', self.stdlog.logger.output)
