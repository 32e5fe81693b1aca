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

import time
import types
from unittest import mock

import fixtures
from nova import test

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import recorder
from tests.unit.virt.libvirt import threads


def numbered(number, total=1000):
    """Make a sample that can be told from others."""
    return job_stats.ProgressNumbers(total, number, total - number, 0, 0, 0)


class FakeMigration:
    """What the recorder needs of a Migration; notes what is saved."""

    id = 7
    uuid = 'ba5e'

    def __init__(self, save=None):
        self.saved = []
        self._save = save or (lambda: None)
        for name in fields.NAMES:
            setattr(self, name, None)

    _context = 'context'

    def obj_attr_is_set(self, name):
        return hasattr(self, name)

    def obj_clone(self):
        return self

    def obj_reset_changes(self, recursive=False):
        pass

    def obj_what_changed(self):
        return set()

    def save(self, **kwargs):
        self._save()
        self.saved.append(self.memory_processed)


class FakeInstance(FakeMigration):
    progress = 0

    def save(self, expected_task_state):
        self._save()
        self.saved.append(self.progress)
        self.expected_task_state = expected_task_state


class RecorderTestBase(threads.ThreadsMixin, test.NoDBTestCase):

    THREAD = 'migration-progress-writer'

    def setUp(self):
        super().setUp()
        conf.register_opts(recorder.CONF)
        self.now = 100.0
        began = time.monotonic()
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.RETRY_PAUSE', 0.01))
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.progress_writer.REPEAT_PAUSES',
            (0.01,)))
        # The Instance that is saved is one of its own.
        self.instances = {}
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.virt.libvirt.instance_progress.objects',
            types.SimpleNamespace(
                Instance=lambda context, id, uuid: self.instances[id])))
        clock = mock.Mock(monotonic=lambda: (
            self.now + time.monotonic() - began))
        for module in ('instance_progress', 'open_calls', 'pace',
                       'progress_record', 'progress_writer', 'thread_pool'):
            self.useFixture(fixtures.MonkeyPatch(
                'nova_migprogress.virt.libvirt.%s.time' % module, clock))
        self.make_recorder(2)

    def make_recorder(self, max_threads):
        self.recorder = recorder.Recorder(max_threads=max_threads)
        self.addCleanup(self._forget_waiting, self.recorder._threads)

    def _forget_waiting(self, pool):
        """What waits its turn is not to outlast the test."""
        with pool._changed:
            pool._waiting.clear()
            pool._changed.notify_all()

    def instance(self, save=None):
        instance = FakeInstance(save)
        instance.id = len(self.instances)
        self.instances[instance.id] = instance
        return instance

    def start(self, save=None, save_instance=None):
        migration = FakeMigration(save)
        instance = self.instance(save_instance)
        return (self.recorder.start(migration, instance), migration,
                instance)
