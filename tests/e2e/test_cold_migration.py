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
import signal
import threading
import time

from nova_migprogress import fields
from sandbox import checks
from sandbox import migrations
from sandbox import namespaces
from tests.e2e import base

MIB = 1 << 20
POLL = 0.5


class Destination(threading.Thread):
    """Notes, five times a second, how large a disk is at its destination.

    That is scp's own truth: it writes a file from its beginning to its end.
    """

    def __init__(self, path):
        super().__init__(daemon=True)
        self._path = path
        self._ended = threading.Event()
        #: Pairs of seconds since 1970 and bytes.
        self.sizes = []

    def run(self):
        while not self._ended.wait(0.2):
            try:
                size = self._path.stat().st_size
            except OSError:
                continue
            self.sizes.append((time.time(), size))

    def stop(self):
        self._ended.set()
        self.join()

    def at(self, moment):
        """The size at a moment: bytes."""
        return max([size for when, size in self.sizes if when <= moment],
                   default=0)


class ColdMigrationTestCase(base.SandboxTestCase):
    """Disks that are copied over ssh, by real hosts with a slow network."""

    DISK = 192
    #: Of the network between the hosts, in MiB/s.
    RATE = 16

    def boot(self, name, **kwargs):
        return super().boot(name, memory=160, working_set=16, dirty_rate=1,
                            **kwargs)

    def slow_down(self):
        device = ['dev', 'eth0', 'root']
        namespaces.run(
            self.layout, 'compute1',
            ['tc', 'qdisc', 'add'] + device +
            ['tbf', 'rate', '%dmbit' % (self.RATE * MIB * 8 // 10 ** 6),
             'burst', '256kb', 'latency', '50ms'])
        self.addCleanup(namespaces.run, self.layout, 'compute1',
                        ['tc', 'qdisc', 'del'] + device)

    def instances(self, host):
        return self.layout.machine(host) / 'nova' / 'instances'

    def watch(self, server, *until, on_reading=lambda entry: None):
        """Cold-migrate a server; return readings, final entry and truth."""
        truth = Destination(
            self.instances('compute2') / server['id'] / 'disk')
        truth.start()
        self.addCleanup(truth.stop)
        entry = migrations.cold_migrate(self.layout, server['name'])
        readings = []
        deadline = time.monotonic() + 240
        while not readings or readings[-1]['migration']['status'] not in until:
            self.assertLess(time.monotonic(), deadline, readings[-1:])
            now = time.time()
            found = self.read(entry)
            readings.append({'time': now, 'migration': found})
            on_reading(found)
            time.sleep(POLL)
        # What Nova does not save itself is saved by the recorder at once.
        time.sleep(3)
        return readings, self.read(entry), truth

    def read(self, entry):
        return migrations.migration(
            self.api, entry['instance_uuid'], entry['uuid'],
            microversion=self.maximum)

    def assertDisksOnly(self, readings, total):
        """Null, then disks: the total fixed, the sum exact, never back."""
        seen = [reading['migration'] for reading in readings]
        self.assertEqual({None}, {entry[name] for entry in seen
                                  for name in fields.MEMORY_NAMES})
        self.assertIsNone(seen[0]['disk_total'])
        known = [entry for entry in seen if entry['disk_total'] is not None]
        self.assertEqual({total}, {entry['disk_total'] for entry in known})
        for entry in known:
            self.assertEqual(total, entry['disk_processed'] +
                             entry['disk_remaining'])
        processed = [entry['disk_processed'] for entry in known]
        self.assertEqual(sorted(processed), processed)
        return known

    def assertFollowed(self, readings, truth):
        """The readings are what has arrived, at most 2.5 seconds old."""
        # Read, but not yet sent or written: in buffers and on the way.
        slack = 8 * MIB
        compared = 0
        for reading in readings:
            processed = reading['migration']['disk_processed']
            if reading['migration']['status'] != 'migrating' or not processed:
                continue
            low = truth.at(reading['time'] - checks.MAX_AGE) - slack
            high = truth.at(reading['time'] + 0.2) + slack
            self.assertTrue(low <= processed <= high,
                            '%d is not between %d and %d'
                            % (processed, low, high))
            compared += 1
        self.assertGreater(compared, 5)

    def server(self, server):
        return self.api.get('/servers/' + server['id'])['server']

    def progress(self, server):
        return self.server(server)['progress']

    def wait_for_active(self, server):
        deadline = time.monotonic() + 60
        while self.server(server)['status'] != 'ACTIVE':
            self.assertLess(time.monotonic(), deadline)
            time.sleep(POLL)

    def test_copied_finished_confirmed(self):
        server = self.boot('e2e-cold', disk=self.DISK)
        self.slow_down()
        percents = set()
        readings, final, truth = self.watch(
            server, 'finished',
            on_reading=lambda entry: percents.add(self.progress(server)))
        copy = self.instances('compute2') / server['id'] / 'disk'
        total = copy.stat().st_size
        self.assertGreaterEqual(total, self.DISK * MIB)
        known = self.assertDisksOnly(readings, total)
        # 192 MiB at 16 MiB/s are six intervals of 2 s.
        self.assertGreater(
            len({entry['disk_processed'] for entry in known}), 4)
        self.assertFollowed(readings, truth)
        self.assertEqual((total, total, 0), tuple(
            final[name] for name in fields.DISK_NAMES))
        self.assertEqual(100, self.progress(server))
        self.assertTrue(percents - {0, 100}, percents)

        migrations.confirm(self.layout, server['name'])
        self.wait_for_active(server)
        confirmed = self.read(final)
        self.assertEqual('confirmed', confirmed['status'])
        self.assertEqual(checks.values(final), checks.values(confirmed))
        self.assertEqual(0, self.progress(server))
        self.assertStockBelow({'migration': confirmed})
        self.assertGuestIntact(server, 'compute2')

    def test_copy_killed(self):
        server = self.boot('e2e-killed', disk=self.DISK)
        total = (self.instances('compute1') / server['id'] /
                 'disk').stat().st_size
        self.slow_down()
        killed = []

        def kill(entry):
            if not killed and (entry['disk_processed'] or 0) > total // 4:
                killed.append(self.scp(server))
                os.kill(killed[0], signal.SIGKILL)

        readings, final, truth = self.watch(server, 'error', on_reading=kill)
        self.assertEqual(1, len(killed))
        self.assertDisksOnly(readings, total)
        self.assertFrozen(final, truth, total)

    def scp(self, server):
        """The process that copies a server's disk."""
        for proc in pathlib.Path('/proc').iterdir():
            try:
                words = (proc / 'cmdline').read_bytes().split(b'\0')
            except OSError:
                continue
            if words[0] == b'scp' and server['id'].encode() in b' '.join(
                    words):
                return int(proc.name)
        self.fail('no scp copies the disk')

    def assertFrozen(self, final, truth, total):
        arrived = truth.sizes[-1][1]
        # Half a second of copying may have gone unseen.
        slack = 8 * MIB + self.RATE * MIB * POLL
        self.assertTrue(
            0 < arrived - slack <= final['disk_processed'] <=
            min(arrived + slack, total - 1),
            '%s, %d of %d have arrived' % (final, arrived, total))
        self.assertEqual(total - final['disk_processed'],
                         final['disk_remaining'])
        self.assertEqual(total, final['disk_total'])
        time.sleep(3)
        self.assertEqual(final, self.read(final))

    def test_destination_full(self):
        server = self.boot('e2e-full', disk=self.DISK)
        total = (self.instances('compute1') / server['id'] /
                 'disk').stat().st_size
        path = '/run/nova/instances/' + server['id']
        namespaces.run(self.layout, 'compute2', ['sh', '-c', (
            'mkdir %s && mount -t tmpfs -o size=%dm tmpfs %s'
            % (path, self.DISK // 2, path))])
        self.addCleanup(namespaces.run, self.layout, 'compute2', [
            'sh', '-c', 'umount %s; rm -rf %s' % (path, path)])
        self.slow_down()
        readings, final, _truth = self.watch(server, 'error')
        self.assertDisksOnly(readings, total)
        # scp has read ahead of what the full disk took: its outstanding
        # requests, ssh's window and the TCP buffers of both ends (16.1 MiB
        # were seen).
        full = self.DISK // 2 * MIB
        self.assertTrue(
            full / 2 < final['disk_processed'] < full + 32 * MIB, final)
        time.sleep(3)
        self.assertEqual(final, self.read(final))

    def test_no_local_disk(self):
        server = self.boot('e2e-volume')
        readings, final, _truth = self.watch(server, 'finished')
        seen = [reading['migration'] for reading in readings]
        self.assertEqual({None}, {entry[name] for entry in seen
                                  for name in fields.MEMORY_NAMES})
        self.assertEqual((0, 0, 0), tuple(
            final[name] for name in fields.DISK_NAMES))
