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

import threading
import time
from unittest import mock

import ddt
from nova.db.main import api as db_api
from nova.db.main import models
from nova import exception
from nova import objects
from nova.tests.fixtures import libvirt as fakelibvirt
import oslo_messaging
from oslo_messaging.rpc import client as rpc_client
from oslo_versionedobjects import exception as ovo_exc

from tests.functional.virt.libvirt import base
from tests.functional.virt.libvirt import player

MIB = player.MIB
TOTAL = 257 * MIB
FINAL = (TOTAL, 300 * MIB + 5, 0, 0, 0, 0)
WITHOUT_EVENT = (TOTAL, 140 * MIB, 0, 0, 0, 0)
COMPLETED = player.statistics(FINAL[:3])


def memory(processed, **kwargs):
    return dict(player.statistics(
        (TOTAL, processed * MIB, TOTAL - processed * MIB)), **kwargs)


#: Three seconds at ten polls a second.
STEPS = [player.NOT_STARTED, player.PREPARING] + [
    memory(number * 5) for number in range(1, 29)]


@db_api.pick_context_manager_writer
def delete_migration(context, number):
    context.session.query(models.Migration).filter_by(id=number).delete()


class FaultTestBase(base.LiveMigrationBase):

    def setUp(self):
        super().setUp()
        self.flags(interval=1, group='migration_progress')
        self.posts = self.count('_post_live_migration')
        self.recoveries = self.count('_rollback_live_migration')

    def count(self, name):
        """Count the calls of a method of the source's manager."""
        calls = []
        stock = getattr(self.src.manager, name)

        def counted(*args, **kwargs):
            calls.append(time.monotonic())
            return stock(*args, **kwargs)

        patcher = mock.patch.object(self.src.manager, name, counted)
        patcher.start()
        self.addCleanup(patcher.stop)
        return calls

    def before_writers_save(self, function):
        """Let the recorder's own writes call this before they save."""
        save = objects.Migration.save

        def function_and_save(migration):
            if threading.current_thread().name == base.WRITER:
                function()
            return save(migration)

        patcher = mock.patch.object(objects.Migration, 'save',
                                    function_and_save)
        patcher.start()
        self.addCleanup(patcher.stop)

    def migrate(self, steps=STEPS, **kwargs):
        kwargs.setdefault('completed', COMPLETED)
        played = self.play(steps, poll_faster=5, **kwargs)
        self.start_migration()
        return played

    def assert_completed_once(self, record=FINAL):
        self.follow('completed')
        self.wait_for_record(record)
        self.assert_ended(posts=1, recoveries=0)

    def assert_ended(self, posts, recoveries):
        """Nova was told the end as often, and nothing of ours is left."""
        self.wait_for_no_listener()
        self.wait_for_no_writer(10)
        self.assertEqual((posts, recoveries),
                         (len(self.posts), len(self.recoveries)))


@ddt.ddt
class SaveTestCase(FaultTestBase):

    @ddt.data(
        oslo_messaging.MessagingTimeout('no reply'),
        rpc_client.RemoteError('DBConnectionError', 'gone', None),
        exception.MigrationNotFound(migration_id=7),
        ovo_exc.IncompatibleObjectVersion(objname='Migration', objver='9.9',
                                          supported='1.8'),
        ZeroDivisionError('a bug of ours'))
    def test_raises(self, error):
        over = threading.Event()

        def fail():
            if not over.is_set():
                raise error

        self.before_writers_save(fail)
        self.migrate()
        self.follow('completed')
        # Where an answer was missing the final numbers are written once more:
        # what was not answered may have been done after Nova's own save.
        over.set()
        self.assert_completed_once()
        self.assertEqual(1, self.stdlog.logger.output.count(
            'WARNING [nova_migprogress.virt.libvirt.progress_record]'))


@ddt.ddt
class LibvirtTestCase(FaultTestBase):

    @ddt.data({'memory_processed': -1}, {'disk_total': 2 ** 63})
    def test_junk(self, junk):
        # Values that are no numbers end stock Nova's own monitor.
        junk = dict(memory(1), **junk)
        self.migrate(STEPS[:10] + [junk] * 5 + STEPS[10:])
        self.assert_completed_once()

    def test_junk_to_the_end(self):
        junk = dict(memory(1), memory_processed=2 ** 63)
        self.migrate(STEPS[:10] + [junk] * 5, completed=dict(
            COMPLETED, memory_processed=2 ** 63))
        # What was real before stays.
        self.assert_completed_once((TOTAL, 40 * MIB, 0, 0, 0, 0))

    def test_missing_keys(self):
        self.migrate(STEPS[:10] + [{'type': 2}] * 5 + STEPS[10:])
        self.assert_completed_once()

    def test_job_statistics_raise(self):
        # Stock Nova aborts the migration then, and so it stays.
        error = fakelibvirt.make_libvirtError(
            fakelibvirt.libvirtError, 'broken',
            error_code=fakelibvirt.VIR_ERR_INTERNAL_ERROR)
        self.migrate(STEPS[:20] + [error], outcome='endless')
        self.follow('error', 'failed', 'cancelled')
        self.assertEqual((TOTAL, 90 * MIB, TOTAL - 90 * MIB, 0, 0, 0),
                         self.record())
        self.assert_ended(posts=0, recoveries=0)

    @ddt.data('internal error: migration was active, but no RAM info was set',
              'Migration was active, but no RAM info was set')
    def test_some_polls_find_no_memory_numbers(self, message):
        # With any other spelling than the first stock Nova aborts it.
        error = fakelibvirt.make_libvirtError(
            fakelibvirt.libvirtError, message, error_message=message,
            error_code=fakelibvirt.VIR_ERR_INTERNAL_ERROR)
        self.migrate(STEPS[:10] + [error] * 5 + STEPS[10:] + [error])
        self.assert_completed_once()

    def test_remaining_below_zero(self):
        below_zero = 2 ** 64 - 4096
        self.migrate(STEPS[:10] + [
            memory(number * 5, memory_remaining=below_zero)
            for number in range(9, 30)], completed=dict(
                COMPLETED, memory_remaining=below_zero))
        seen = self.follow('completed')
        # Nothing of what cannot be, and in the end what libvirt said.
        last = (TOTAL, 40 * MIB, TOTAL - 40 * MIB, 0, 0, 0)
        self.assertIn(last, seen)
        self.assertEqual([], [record for record in seen
                              if 40 * MIB < (record[1] or 0) < FINAL[1]])
        self.assert_completed_once()
        self.assertEqual(1, self.stdlog.logger.output.count(
            'Dropped migration statistics'))

    def test_numbers_of_another_job(self):
        dump = dict(memory(200), operation=8)
        self.migrate([dump] * 5 + STEPS, completed=dict(
            COMPLETED, operation=8, memory_processed=7))
        seen = self.follow('completed')
        self.assertNotIn(200 * MIB, [record[1] for record in seen])
        self.assert_completed_once(WITHOUT_EVENT)

    def test_event_tells_less_than_the_polls(self):
        done = (240 * MIB, 240 * MIB, 0)
        self.migrate(STEPS + [player.statistics(
            (TOTAL, 310 * MIB, MIB), done)], completed=player.statistics(
                FINAL[:3], (192 * MIB, 192 * MIB, 0)))
        self.assert_completed_once((TOTAL, 310 * MIB, 0) + done)

    def test_event_registration_fails(self):
        connection = self.src.driver._host.get_connection()
        with mock.patch.object(connection, 'domainEventRegisterAny',
                               side_effect=RuntimeError('no events')):
            self.migrate(completed=None)
            self.assert_completed_once(WITHOUT_EVENT)

    @ddt.data(0.05, 0.2, 0.5)
    def test_event_comes_while_nova_finishes_and_after(self, delay):
        self.migrate(event_delay=delay)
        self.follow('completed')
        # Too late for the driver, or in time for the recorder.
        self.assertIn(self.record(), [FINAL, WITHOUT_EVENT])
        self.assert_ended(posts=1, recoveries=0)

    def test_event_comes_when_all_is_over(self):
        self.migrate(event_delay=3)
        self.assert_completed_once(WITHOUT_EVENT)
        time.sleep(3.5)
        self.assertEqual(WITHOUT_EVENT, self.record())

    @ddt.data({}, {'memory_total': 'much'}, dict(COMPLETED, disk_total=-1))
    def test_event_is_junk(self, job_statistics):
        self.migrate(completed=job_statistics)
        self.assert_completed_once(WITHOUT_EVENT)


class RecordTestCase(FaultTestBase):

    def test_deleted(self):
        self.migrate()
        while self.record()[0] is None:
            time.sleep(0.05)
        delete_migration(self.context, self.migration().id)
        # Stock Nova aborts the migration then; here only its own last save
        # finds out.
        deadline = time.monotonic() + 30
        while len(self.posts) < 1:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assert_ended(posts=1, recoveries=0)
        server = self.api.get_server(self.server['id'])
        self.assertEqual('dest', server['OS-EXT-SRV-ATTR:host'])
        self.assertEqual(1, self.stdlog.logger.output.count(
            'WARNING [nova_migprogress.virt.libvirt.progress_record]'))


class OwnBugTestCase(FaultTestBase):

    def test_observer(self):
        with mock.patch('nova_migprogress.virt.libvirt.job_stats.'
                        'LiveSampler.observe', side_effect=KeyError('ours')):
            self.migrate()
            self.assert_completed_once()

    def test_everything(self):
        with mock.patch('nova_migprogress.virt.libvirt.live_observer.'
                        'LiveObserver.__init__', side_effect=KeyError('ours')):
            self.migrate()
            self.follow('completed')
        # Stock Nova does what it always did: numbers of the last save.
        self.assert_ended(posts=1, recoveries=0)
        self.assertIsNotNone(self.record()[0])

    def test_post_method_raises(self):
        # Nova then calls it an error, although the guest has moved.
        with mock.patch.object(
                self.src.manager.network_api, 'migrate_instance_start',
                side_effect=exception.NovaException('stock')):
            self.migrate()
            self.wait_for_record(FINAL)
            self.assert_ended(posts=1, recoveries=0)
            self.follow('error')
        self.assertEqual(FINAL, self.record())

    def test_recover_method_raises(self):
        with mock.patch.object(
                self.src.manager.network_api, 'setup_networks_on_host',
                side_effect=exception.NovaException('stock')):
            self.migrate(outcome='failed')
            last = (TOTAL, 140 * MIB, TOTAL - 140 * MIB, 0, 0, 0)
            self.wait_for_record(last)
            self.assert_ended(posts=0, recoveries=1)
        self.assertEqual(last, self.record())
