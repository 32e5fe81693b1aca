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

import subprocess
import sys

import ddt
from oslotest import base

from benchmarks.convergence import recordings
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import phases
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import verdicts
from tests.unit.convergence import exact_guest

MIB = 1024 * 1024
GIB = 1024 * MIB


def sample(time, status, *mebibytes):
    return samples.Sample(time, status, *(
        None if value is None else int(value * MIB) for value in mebibytes))


def recorded():
    return {recording.name: recording for recording in recordings.load()}


class EndTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.estimator = estimator.Estimator()

    def test_nothing_yet(self):
        said = self.estimator.assess(5)
        self.assertEqual((phases.PREPARING, verdicts.UNKNOWN), said[1:3])

    def test_preparing(self):
        said = self.estimator.add(samples.Sample(1, 'preparing'))
        self.assertEqual((1, phases.PREPARING, verdicts.UNKNOWN), said[:3])
        self.assertIsNone(said.throughput)
        self.assertIsNone(said.eta)

    def test_completed(self):
        self.estimator.add(sample(1, 'running', 512, 9, 400, 0, 0, 0))
        said = self.estimator.add(
            sample(9, 'completed', 512, 500, 0, 0, 0, 0), now=10)
        self.assertEqual((9, phases.ENDED, verdicts.COMPLETED), said[:3])
        self.assertEqual(1, said.sample_age)

    def test_failed(self):
        for status in ('failed', 'error', 'cancelled'):
            follower = estimator.Estimator()
            follower.add(sample(1, 'running', 512, 9, 400, 0, 0, 0))
            said = follower.add(sample(2, status, 512, 9, 400, 0, 0, 0))
            self.assertEqual(verdicts.FAILED, said.verdict)
            self.assertEqual(phases.ENDED, said.phase)

    def test_zeros_after_an_abort_are_ignored(self):
        self.estimator.add(sample(1, 'running', 512, 9, 400, 0, 0, 0))
        said = self.estimator.add(sample(2, 'running', 0, 0, 0, 0, 0, 0))
        self.assertEqual((1, phases.FIRST_PASS, verdicts.UNKNOWN), said[:3])

    def test_zeros_before_anything_was_sent_are_ignored(self):
        self.estimator.add(sample(1, 'running', 512, 0, 512, 0, 0, 0))
        said = self.estimator.add(sample(2, 'running', 0, 0, 0, 0, 0, 0))
        self.assertEqual((phases.FIRST_PASS, verdicts.UNKNOWN), said[1:3])


class ColdTestCase(base.BaseTestCase):

    def test_copy(self):
        follower = estimator.Estimator()
        for n in range(20):
            said = follower.add(sample(n * 2.1, 'migrating', None, None, None,
                                       4096, 80 * n, 4096 - 80 * n))
        self.assertEqual((phases.COPYING, verdicts.CONVERGING), said[1:3])
        self.assertAlmostEqual(80 / 2.1 * MIB, said.throughput, delta=MIB)
        self.assertAlmostEqual((4096 - 80 * 19) * 2.1 / 80, said.eta, delta=1)
        self.assertFalse(said.eta_at_least)
        self.assertIsNone(said.pause)
        # A file server that copies by itself moves in large steps.
        said = follower.add(follower._filter.last, now=400)
        self.assertEqual(verdicts.UNKNOWN, said.verdict)
        self.assertIsNone(said.eta)


class StorageTestCase(base.BaseTestCase):

    def follow(self, memory):
        follower = estimator.Estimator()
        for n in range(20):
            said = follower.add(sample(
                n * 2.1, 'running', *memory, 4096, 80 * n, 4096 - 80 * n))
        return follower, said

    def test_counts_the_memory_to_come(self):
        said = self.follow((2048, 0, 2048))[1]
        self.assertEqual((phases.STORAGE, verdicts.UNKNOWN), said[1:3])
        rate = 80 / 2.1
        left = (4096 - 80 * 19 + 2048) / rate
        self.assertAlmostEqual(left + estimator.SWITCH_OVER, said.eta,
                               delta=2)
        self.assertTrue(said.eta_at_least)
        self.assertAlmostEqual(left, said.pause, delta=2)

    def test_memory_unknown(self):
        said = self.follow((0, 0, 0))[1]
        self.assertEqual(phases.STORAGE, said.phase)
        self.assertTrue(said.eta_at_least)
        self.assertAlmostEqual((4096 - 80 * 19) * 2.1 / 80, said.pause,
                               delta=2)

    def test_guest_writes_faster_than_it_is_copied(self):
        follower = estimator.Estimator()
        for n in range(20):
            said = follower.add(sample(
                n * 2.1, 'running', 2048, 0, 2048, 4096 + 90 * n, 80 * n,
                4096 + 10 * n))
        self.assertEqual((phases.STORAGE, verdicts.NOT_CONVERGING),
                         said[1:3])
        self.assertAlmostEqual(80 / 2.1, said.throughput / MIB, delta=0.1)
        self.assertAlmostEqual(90 / 2.1, said.dirty_rate / MIB, delta=0.1)
        self.assertEqual((None, None, False),
                         (said.eta, said.pause, said.eta_at_least))

    def test_stalls(self):
        follower, said = self.follow((2048, 0, 2048))
        last = follower._filter.last
        said = follower.add(last, now=last.time + 50)
        self.assertEqual(verdicts.UNKNOWN, said.verdict)
        said = follower.add(last, now=last.time + 61)
        self.assertEqual(verdicts.STALLED, said.verdict)
        self.assertEqual(0, said.throughput)
        self.assertIsNone(said.eta)


class FirstPassTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.estimator = estimator.Estimator()
        for n in range(10):
            self.said = self.estimator.add(sample(
                n * 2.1, 'running', 4096, 64 * n, 4096 - 64 * n, 0, 0, 0))

    def test_least_time(self):
        said = self.said
        self.assertEqual((phases.FIRST_PASS, verdicts.UNKNOWN), said[1:3])
        left = (4096 - 64 * 9) * 2.1 / 64
        self.assertAlmostEqual(left, said.pause, delta=1)
        self.assertAlmostEqual(left + estimator.SWITCH_OVER, said.eta,
                               delta=1)
        self.assertTrue(said.eta_at_least)
        self.assertIsNone(said.ratio)
        self.assertIsNone(said.dirty_rate)
        self.assertIsNone(said.pause_most)

    def test_age(self):
        last = self.estimator._filter.last
        said = self.estimator.add(last, now=last.time + 5)
        self.assertEqual(5, said.sample_age)
        self.assertEqual(verdicts.UNKNOWN, said.verdict)
        self.assertAlmostEqual(self.said.eta - 5, said.eta, delta=0.01)

    def test_stalls(self):
        last = self.estimator._filter.last
        said = self.estimator.add(last, now=last.time + 15)
        self.assertEqual(verdicts.STALLED, said.verdict)
        self.assertEqual(0, said.throughput)
        self.assertIsNone(said.eta)
        # It moves again.
        said = self.estimator.add(last._replace(
            time=last.time + 16,
            memory_processed=last.memory_processed + 10 * MIB), 40)
        self.assertEqual(verdicts.UNKNOWN, said.verdict)

    def test_unread_is_not_stalled(self):
        # Nobody looked: that says nothing of the migration.
        said = self.estimator.assess(1000)
        self.assertEqual(verdicts.UNKNOWN, said.verdict)
        self.assertGreater(said.sample_age, 900)
        self.assertEqual(0, said.eta)


class ExactTestCase(base.BaseTestCase):
    """A guest that is known exactly, at 32 MiB/s."""

    def follow(self, ratio, until, step=0.5):
        guest = exact_guest.ExactGuest(
            512, 32, [128 * ratio ** n for n in range(200)])
        follower = estimator.Estimator()
        time = 0.1
        while time < until:
            said = follower.add(guest.sample(time))
            time += step
        return guest, follower, said

    def test_converging(self):
        guest, follower, said = self.follow(0.8, 26)
        self.assertEqual((phases.PRE_COPY, verdicts.CONVERGING), said[1:3])
        self.assertAlmostEqual(32, said.throughput / MIB, delta=0.01)
        self.assertAlmostEqual(0.8 * 32, said.dirty_rate / MIB, delta=0.01)
        self.assertAlmostEqual(0.8, said.ratio, delta=0.001)
        # Nova needs one to two seconds more than the transfer.
        left = guest.seconds_at(guest.end) - said.time
        self.assertAlmostEqual(left + 1.5, said.eta, delta=0.4)
        self.assertFalse(said.eta_at_least)
        self.assertAlmostEqual(guest.remaining(said.time) / 32, said.pause,
                               delta=0.01)
        self.assertGreater(said.pause_most, said.pause)
        self.assertEqual(4, len(follower.syncs))

    def test_hopeless(self):
        _guest, follower, said = self.follow(1.0, 26)
        self.assertEqual((phases.PRE_COPY, verdicts.NOT_CONVERGING),
                         said[1:3])
        self.assertIsNone(said.eta)
        self.assertFalse(said.eta_at_least)
        self.assertEqual(32, round(said.dirty_rate / MIB))

    def test_stalls_in_pre_copy(self):
        _guest, follower, said = self.follow(0.8, 26)
        stalled = follower.add(follower._filter.last, now=said.time + 15)
        self.assertEqual(verdicts.STALLED, stalled.verdict)
        self.assertEqual(0, stalled.throughput)
        self.assertEqual((None, None, None), (
            stalled.eta, stalled.pause, stalled.pause_most))

    def test_switch_over_is_no_stall(self):
        # Little remains: nothing moves while the guest changes over.
        guest, follower, said = self.follow(0.8, 26)
        end = guest.sample(said.time + 0.5)._replace(memory_remaining=MIB)
        follower.add(end)
        for seconds, verdict in ((119, verdicts.CONVERGING),
                                 (121, verdicts.STALLED)):
            said = follower.add(end, now=end.time + seconds)
            self.assertEqual(verdict, said.verdict)

    def test_post_copy_stalls_at_once(self):
        # There is no switch-over to come.
        guest, follower, said = self.follow(0.8, 26)
        end = guest.sample(said.time + 0.5, 'running (post-copy)')._replace(
            memory_remaining=MIB)
        follower.add(end)
        said = follower.add(end, now=end.time + 14)
        self.assertEqual(verdicts.CONVERGING, said.verdict)
        said = follower.add(end, now=end.time + 16)
        self.assertEqual(verdicts.STALLED, said.verdict)

    def test_restart(self):
        # A migration whose counters begin again is a new one.
        _guest, follower, said = self.follow(1.0, 26)
        guest = exact_guest.ExactGuest(512, 32, [])
        for n in range(8):
            said = follower.add(guest.sample(n + 0.5)._replace(
                time=said.time + 1))
        self.assertEqual((phases.FIRST_PASS, verdicts.UNKNOWN), said[1:3])
        self.assertIsNone(said.ratio)
        self.assertEqual(0, len(follower.syncs))

    def test_numbers_without_their_group(self):
        _guest, follower, said = self.follow(0.8, 26)
        last = follower._filter.last
        for name in ('memory_total', 'memory_processed', 'memory_remaining'):
            after = follower.add(last._replace(
                time=last.time + 1, **{name: None}))
            self.assertEqual(said[1:3], after[1:3])

    def test_clock_that_is_behind(self):
        guest, follower, said = self.follow(0.8, 26)
        said = follower.assess(said.time - 7)
        self.assertEqual(0, said.sample_age)


class UnknownNumbersTestCase(base.BaseTestCase):

    def test_post_copy_without_numbers(self):
        follower = estimator.Estimator()
        said = follower.add(samples.Sample(5, 'running (post-copy)'))
        self.assertEqual((phases.POST_COPY, verdicts.UNKNOWN), said[1:3])
        said = follower.add(samples.Sample(
            6, 'running (post-copy)', 0, 0, 0, 0, 0, 0))
        self.assertEqual((phases.POST_COPY, verdicts.UNKNOWN), said[1:3])
        self.assertIsNone(said.eta)

    def test_memory_without_disks(self):
        guest = exact_guest.ExactGuest(512, 32, [])
        follower = estimator.Estimator()
        for n in range(8):
            said = follower.add(guest.sample(n + 0.5)._replace(
                disk_total=None, disk_processed=None, disk_remaining=None))
        self.assertEqual(phases.FIRST_PASS, said.phase)
        self.assertAlmostEqual(32, said.throughput / MIB, delta=0.01)


class SlowWriterTestCase(base.BaseTestCase):

    def test_not_stalled_between_writes(self):
        # nova-compute writes every minute, a client looks every 2 s.
        follower = estimator.Estimator()
        for n in range(3):
            follower.add(samples.Sample(n - 3, 'preparing'))
        for now in range(0, 600, 2):
            n = now // 60
            said = follower.add(sample(
                60 * n, 'running', 90000, 1000 * n, 90000 - 1000 * n, 0, 0,
                0), now)
            self.assertEqual(verdicts.UNKNOWN, said.verdict)
            self.assertEqual(now - 60 * n, said.sample_age)


@ddt.ddt
class RecordingTestCase(base.BaseTestCase):

    def replay(self, name, step=0.5, offset=0.0, change=None):
        """Return {time: assessment} of a replay."""
        recording = recorded()[name]
        follower = estimator.Estimator()
        found = {}
        for view in recordings.poll(recording, step, offset):
            made = change(view.sample) if change else view.sample
            found[view.now] = follower.add(made, view.now)
        return recording, found

    def test_phases(self):
        expected = {
            'conv': [phases.PREPARING, phases.FIRST_PASS, phases.PRE_COPY,
                     phases.ENDED],
            'block1': [phases.PREPARING, phases.STORAGE, phases.FIRST_PASS,
                       phases.PRE_COPY, phases.ENDED],
            'pc2': [phases.PREPARING, phases.FIRST_PASS, phases.PRE_COPY,
                    phases.POST_COPY, phases.ENDED],
            'abort5': [phases.PREPARING, phases.FIRST_PASS, phases.ENDED],
        }
        for name, order in expected.items():
            seen = []
            for said in self.replay(name, 0.1)[1].values():
                if said.phase not in seen:
                    seen.append(said.phase)
            self.assertEqual(order, seen, name)

    def test_rates(self):
        # It writes 27 MiB/s, the link carries 32 MiB/s.
        found = self.replay('border')[1]
        said = found[min(t for t in found if t > 20)]
        self.assertAlmostEqual(32, said.throughput / MIB, delta=1)
        self.assertAlmostEqual(27, said.dirty_rate / MIB, delta=1)
        self.assertAlmostEqual(27 / 32, said.ratio, delta=0.04)
        self.assertEqual(verdicts.CONVERGING, said.verdict)

    def test_pause_counts_what_is_hidden(self):
        found = self.replay('nonconv')[1]
        # Near the end of a pass little remains, but all is dirty again.
        lowest = min((said for said in found.values()
                      if said.verdict == verdicts.NOT_CONVERGING),
                     key=lambda said: said.pause)
        self.assertLess(lowest.pause, 0.5)
        self.assertAlmostEqual(4, lowest.pause_most, delta=0.3)
        self.assertIsNone(lowest.eta)

    def test_auto_converge(self):
        recording, found = self.replay('ac')
        rescued = recording.truth[-1][0]
        self.assertEqual(
            verdicts.NOT_CONVERGING,
            found[max(t for t in found if t < rescued - 1)].verdict)
        self.assertEqual(
            verdicts.CONVERGING,
            found[min(t for t in found if t > rescued)].verdict)

    def test_post_copy(self):
        found = [said for said in self.replay('pc2')[1].values()
                 if said.phase == phases.POST_COPY]
        self.assertGreater(len(found), 10)
        for said in found:
            self.assertEqual(verdicts.CONVERGING, said.verdict)
            self.assertIsNone(said.pause)
            self.assertIsNone(said.dirty_rate)
        middle = found[len(found) // 2]
        self.assertAlmostEqual(16, middle.throughput / MIB, delta=1)
        self.assertAlmostEqual(18.776 - middle.time, middle.eta, delta=1.5)

    @ddt.data('abort5', 'kill5', 'nonconv')
    def test_ended_otherwise(self, name):
        found = list(self.replay(name)[1].values())
        self.assertEqual(verdicts.FAILED, found[-1].verdict)
        self.assertNotIn(verdicts.CONVERGING,
                         [said.verdict for said in found])

    def test_status_is_not_needed_before_the_end(self):
        def forget(made):
            ended = phases.tell_phase(made) == phases.ENDED
            return made if ended else made._replace(status=None)

        def words(found):
            return [(said.phase, said.verdict) for said in found.values()]

        self.assertEqual(
            words(self.replay('border')[1]),
            words(self.replay('border', change=forget)[1]))

    def test_rows_that_are_read_many_times(self):
        recording = recorded()['nonconv']
        views = recordings.poll(recording, 2, 0.3)
        follower = estimator.Estimator()
        once = [follower.add(v.sample, v.now) for v in views]
        follower = estimator.Estimator()
        many = []
        for view in views:
            for late in range(4):
                said = follower.add(view.sample, view.now + late * 0.4)
            many.append(said)
        self.assertEqual([said.verdict for said in once],
                         [said.verdict for said in many])

    def test_late_and_lost_samples(self):
        recording = recorded()['border']
        views = recordings.poll(recording, 0.5)
        plain = estimator.Estimator()
        upset = estimator.Estimator()
        for index, view in enumerate(views):
            expected = plain.add(view.sample, view.now)
            said = upset.add(view.sample, view.now)
            self.assertEqual(expected, said)
            if view.sample.memory_processed and expected.phase != (
                    phases.ENDED):
                upset.add(views[index - 2].sample, view.now)
                upset.add(samples.Sample(view.now, view.sample.status),
                          view.now)

    def test_bounded_memory(self):
        recording = recorded()['nonconv']
        views = [view for view in recordings.poll(recording, 0.5)
                 if 15 < view.now < 34]
        follower = estimator.Estimator()
        sizes = []
        for turn in range(60):
            for view in views:
                made = view.sample
                follower.add(made._replace(
                    time=made.time + 19.5 * turn,
                    memory_processed=made.memory_processed + 620 * MIB * turn
                ))
            sizes.append(_size(follower))
        self.assertEqual(sizes[30], sizes[-1])


class ImportTestCase(base.BaseTestCase):

    def test_pure(self):
        code = (
            'import pkgutil, sys; '
            'from nova_migprogress import convergence as c; '
            '[__import__(c.__name__ + "." + m.name) '
            ' for m in pkgutil.iter_modules(c.__path__)]; '
            'print(sorted({m.split(".")[0] for m in sys.modules} & '
            '      {"nova", "oslo_config", "oslo_log", "oslo_utils", '
            '       "keystoneauth1", "openstack"}))')
        output = subprocess.run([sys.executable, '-S', '-c', code],
                                check=True, stdout=subprocess.PIPE,
                                env={'PYTHONPATH': '.'})
        self.assertEqual(b'[]', output.stdout.strip())


def _size(thing, seen=None):
    """Count the objects that something holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, (int, float, str, type)):
        return 0
    seen.add(id(thing))
    held = list(getattr(thing, '__dict__', {}).values())
    if hasattr(thing, '__iter__'):
        held += list(thing)
    return 1 + sum(_size(part, seen) for part in held)
