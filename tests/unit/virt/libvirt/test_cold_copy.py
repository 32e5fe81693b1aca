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

import os
import pathlib
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time

import ddt
import fixtures
from nova import test
from oslo_concurrency import processutils

from nova_migprogress.virt.libvirt import cold_copy
from tests import copying

MIB = 1 << 20


def disk(path):
    return {'path': str(path), 'type': 'qcow2', 'virt_disk_size': 1 << 40,
            'disk_size': 4096}


class FilesTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def make(self, name, size, sparse=False):
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        with open(path, 'wb') as new:
            if not sparse:
                new.write(os.urandom(size))
            new.truncate(size)
        return path


class PlanTestCase(FilesTestCase):

    def test_apparent_sizes(self):
        plan = cold_copy.Plan([
            disk(self.make('disk', 3 * MIB + 1)),
            disk(self.make('disk.eph0', 64 * MIB, sparse=True)),
            disk(self.make('disk.config', 17)),
            disk(self.make('disk.swap', MIB))])
        self.assertEqual({'disk': 3 * MIB + 1, 'disk.eph0': 64 * MIB,
                          'disk.config': 17}, plan.sizes)
        self.assertEqual(67 * MIB + 18, plan.total)
        self.assertEqual(17, plan.size('/x_resize/disk.config'))
        for name in ('disk.swap', 'disk.info', 'swtpm'):
            self.assertIsNone(plan.size('/x_resize/' + name))

    def test_nothing_local(self):
        plan = cold_copy.Plan([])
        self.assertEqual(0, plan.total)
        self.assertEqual({}, plan.sizes)

    def test_directory(self):
        self.make('disk/root.hds', MIB)
        self.make('disk/DiskDescriptor.xml', 100)
        plan = cold_copy.Plan([disk(self.directory / 'disk')])
        self.assertEqual(MIB + 100, plan.total)

    def test_no_file(self):
        plan = cold_copy.Plan([disk('/dev/null')])
        self.assertEqual({}, plan.sizes)

    def test_missing(self):
        self.assertRaises(OSError, cold_copy.Plan,
                          [disk(self.directory / 'disk')])


class CopyTestCase(FilesTestCase):
    """Real copies, made by the commands that Nova uses."""

    def setUp(self):
        super().setUp()
        lack = copying.missing()
        if lack:
            self.skipTest(lack)

    def read(self, reader, positions, ended):
        while not ended.wait(0.05):
            positions.append(reader.read())
        positions.append(reader.read())
        reader.close()

    def watch(self, source, *command):
        """Run a copy of a file and return the positions read meanwhile."""
        positions = []
        ended = threading.Event()
        threads = []

        def on_execute(process):
            threads.append(threading.Thread(target=self.read, args=(
                cold_copy.reader(str(source), None, process.pid), positions,
                ended)))
            threads[0].start()

        try:
            processutils.execute(*command, on_execute=on_execute)
        finally:
            ended.set()
            threads[0].join()
        # The process is gone: nothing can be read, nothing is raised.
        self.assertIsNone(positions[-1])
        return [position for position in positions if position is not None]


@ddt.ddt
class RemoteCopyTestCase(CopyTestCase):

    def setUp(self):
        super().setUp()
        self.remote = self.useFixture(copying.RemoteMachine(rate=6 * MIB))

    @ddt.data(('scp', '-C', '-r'), ('scp', '-r'),
              ('rsync', '-r', '--sparse', '--compress'),
              ('rsync', '-r', '--sparse'))
    def test_file(self, command):
        size = 6 * MIB + 321
        source = self.make('disk', size)
        positions = self.watch(source, *command, str(source), '192.0.2.1:/x')
        self.assertEqual(source.read_bytes(),
                         self.remote.path('/x').read_bytes())
        self.assertEqual(sorted(positions), positions)
        self.assertLessEqual(positions[-1], size)
        self.assertGreater(positions[-1], size - 2 * MIB)
        between = {position for position in positions
                   if MIB < position < 5 * MIB}
        self.assertGreater(len(between), 3, positions)

    @ddt.data(('scp', '-r'), ('rsync', '-r', '--sparse'))
    def test_directory(self, command):
        size = 6 * MIB
        self.make('disk/root.hds', size)
        positions = self.watch(self.directory / 'disk', *command,
                               str(self.directory / 'disk'), '192.0.2.1:/x')
        self.assertEqual(sorted(positions), positions)
        between = {position for position in positions
                   if MIB < position < 5 * MIB}
        self.assertGreater(len(between), 3, positions)
        # Never less than it has read of the disk.
        self.assertGreater(positions[-1], size - 2 * MIB)

    def test_symbolic_link(self):
        source = self.make('real/disk', 4 * MIB)
        (self.directory / 'link').symlink_to(self.directory / 'real')
        link = self.directory / 'link' / 'disk'
        positions = self.watch(link, 'scp', '-r', str(link), '192.0.2.1:/x')
        self.assertGreater(positions[-1], 2 * MIB)
        self.assertEqual(source.stat().st_size,
                         self.remote.path('/x').stat().st_size)

    def test_killed(self):
        source = self.make('disk', 12 * MIB)
        process = subprocess.Popen(
            ['scp', '-r', str(source), '192.0.2.1:/x'],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reader = cold_copy.reader(str(source), None, process.pid)
        self.addCleanup(reader.close)
        threading.Timer(1, process.kill).start()
        positions = []
        while process.poll() is None:
            positions.append(reader.read())
            time.sleep(0.05)
        self.assertLess(max(filter(None, positions)), 12 * MIB)
        self.assertIsNone(reader.read())

    def test_cost(self):
        source = self.make('disk', 12 * MIB)
        process = subprocess.Popen(
            ['scp', '-r', str(source), '192.0.2.1:/x'],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        reader = cold_copy.reader(str(source), None, process.pid)
        self.addCleanup(reader.close)
        while reader.read() is None:
            time.sleep(0.05)
        before = resource.getrusage(resource.RUSAGE_THREAD)
        for _number in range(200):
            self.assertIsNotNone(reader.read())
        after = resource.getrusage(resource.RUSAGE_THREAD)
        spent = (after.ru_utime - before.ru_utime +
                 after.ru_stime - before.ru_stime) / 200
        # Two a second have 1 ms together.
        self.assertLess(spent, 0.0005)


class LocalCopyTestCase(CopyTestCase):

    def test_file(self):
        memory = '/dev/shm'
        if not os.access(memory, os.W_OK):
            self.skipTest('needs a writable %s: a file system on which no '
                          'copy is instantaneous' % memory)
        size = 64 * MIB + 5
        source = self.make('disk', size)
        target = os.path.join(self.useFixture(
            fixtures.TempDir(rootdir=memory)).path, 'disk')
        reader = cold_copy.reader(str(source), target)
        self.assertIsNone(reader.read())
        process = subprocess.Popen(['cp', '-r', str(source), target])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        positions = []
        while process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            positions.append(reader.read() or 0)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.001)
        self.assertEqual(size, reader.read())
        self.assertEqual(sorted(positions), positions)
        self.assertTrue([position for position in positions
                         if 0 < position < size], positions)

    def test_directory(self):
        self.make('disk/root.hds', MIB)
        target = self.directory / 'copy'
        reader = cold_copy.reader(str(self.directory / 'disk'), str(target))
        self.assertIsNone(reader.read())
        processutils.execute('cp', '-r', str(self.directory / 'disk'),
                             str(target))
        self.assertEqual(MIB, reader.read())
        reader.close()


class ReaderTestCase(FilesTestCase):

    def test_no_process(self):
        process = subprocess.Popen(['true'])
        process.wait()
        for source in (self.make('disk', 5), self.directory):
            reader = cold_copy.reader(str(source), None, process.pid)
            self.assertIsNone(reader.read())
            reader.close()

    def test_other_files_are_not_read(self):
        process = subprocess.Popen(['sleep', '60'])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        reader = cold_copy.reader(str(self.make('disk', 5)), None,
                                  process.pid)
        self.addCleanup(reader.close)
        self.assertIsNone(reader.read())

    def open(self, path, position):
        descriptor = os.open(path, os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        os.lseek(descriptor, position, os.SEEK_SET)
        return descriptor

    def test_descriptor_that_becomes_another_files(self):
        """A process may open the disk again, and others in between."""
        source = self.make('disk', 100)
        reader = cold_copy.reader(str(source), None, os.getpid())
        self.addCleanup(reader.close)
        self.assertIsNone(reader.read())
        first = self.open(source, 30)
        self.assertEqual(30, reader.read())
        os.dup2(self.open(self.make('other', 100), 70), first)
        self.assertIsNone(reader.read())
        second = self.open(source, 40)
        self.assertEqual(40, reader.read())
        os.dup2(first, second)
        more = [os.open(source, os.O_RDONLY) for _number in range(2)]
        self.assertEqual(0, reader.read())
        closed = int(reader._descriptor)
        os.close(closed)
        more.remove(closed)
        self.assertEqual(0, reader.read())
        os.close(more[0])

    def test_descriptors_are_given_back(self):
        before = os.listdir('/proc/self/fd')
        reader = cold_copy.reader(str(self.make('disk', 5)), None,
                                  os.getpid())
        for _number in range(3):
            self.assertIsNone(reader.read())
        reader.close()
        reader.close()
        self.assertEqual(before, os.listdir('/proc/self/fd'))
        self.assertIsNone(reader.read())


class EventletTestCase(FilesTestCase):

    # Opening a pipe that nobody writes to blocks in the kernel, as stat does
    # on a network file system whose server does not answer.
    SCRIPT = textwrap.dedent('''\
        from nova import monkey_patch
        monkey_patch.patch(backend='eventlet')
        import os, sys, threading, time
        from nova_migprogress.virt.libvirt import cold_copy
        pipe, = sys.argv[1:]
        def hang(path):
            os.close(os.open(path, os.O_RDONLY))
            return 42
        cold_copy.apparent_size = hang
        reader = cold_copy.reader(pipe, pipe)
        read = []
        thread = threading.Thread(
            target=lambda: read.append(reader.read()), daemon=True)
        thread.start()
        ticks = 0
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            time.sleep(0.02)
            ticks += 1
        assert not read, read
        with open(pipe, 'w'):
            thread.join()
        print(ticks, *read)
        ''')

    def test_hanging_file_system_blocks_nobody_else(self):
        pipe = self.directory / 'pipe'
        os.mkfifo(pipe)
        result = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', self.SCRIPT, str(pipe)],
            env=dict(os.environ, OS_NOVA_DISABLE_EVENTLET_PATCHING='false'),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True, timeout=60)
        self.assertEqual(0, result.returncode, result.stderr)
        ticks, size = map(int, result.stdout.split())
        self.assertGreater(ticks, 10)
        self.assertEqual(42, size)
