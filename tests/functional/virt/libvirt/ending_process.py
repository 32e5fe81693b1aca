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

"""A process that ends while migrations are recorded and no save returns.

Run as ``python -m``, so that its packages choose the concurrency model first;
says "recording" when nine live migrations and a cold one are being recorded,
and the end of another one waits for the conductor, and returns from its main
function.
"""

import sys
import tempfile
import threading
import time
from unittest import mock

from nova.compute import task_states
from nova import context
from nova import objects
from nova.tests.unit import fake_instance
from nova import utils

from nova_migprogress import conf
from nova_migprogress.virt.libvirt import cold_observer
from nova_migprogress.virt.libvirt import conductor_wait
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import recorder


def main():
    conf.register_opts(recorder.CONF)
    objects.register_all()
    admin = context.get_admin_context()
    saving = []

    def save(migration):
        saving.append(migration.id)
        time.sleep(600)

    with mock.patch.object(objects.Migration, 'save', save), \
            tempfile.NamedTemporaryFile() as disk:
        progress_recorder = recorder.Recorder()
        for number in range(9):
            instance = fake_instance.fake_instance_obj(
                admin, task_state=task_states.MIGRATING)
            writer = progress_recorder.start(
                objects.Migration(admin, id=number), instance)
            writer.put(job_stats.ProgressNumbers(100, 50, 50, 0, 0, 0))
            if number % 2:
                writer.end()
                writer.close(
                    job_stats.ProgressNumbers(100, 120, 0, 0, 0, 0), False)
        instance.migration_context = objects.MigrationContext(
            migration_id=100)
        disk.truncate(1 << 20)
        cold_observer.ColdObserver(progress_recorder, admin, instance).plan(
            [{'path': disk.name, 'type': 'raw', 'disk_size': 1 << 20}])
        # Nova's threads for live migrations are waited for, as this one is.
        stopping = threading.Event()
        wait = conductor_wait.ConductorWait(
            objects.Migration(admin, id=101), instance, 'src',
            stopping.is_set)
        threading.Thread(target=wait.wait).start()
        while len(saving) < recorder.MAX_THREADS + 1:
            time.sleep(0.01)
        model = ('native threads' if utils.concurrency_mode_threading()
                 else 'eventlet')
        sys.stdout.write('recording on %s\n' % model)
        sys.stdout.flush()
        stopping.set()


if __name__ == '__main__':
    main()
