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

import contextlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
from unittest import mock

import ddt
import fixtures
import testtools

from nova_migprogress.cmd import replay
from nova_migprogress import fields

ROOT = pathlib.Path(replay.__file__).parents[2]
RECORDINGS = ROOT / 'tests' / 'data' / 'recordings'

JSON_KEYS = {
    'time', 'uuid', 'status', 'phase', 'verdict', 'percent', 'remaining',
    'throughput', 'dirty_rate', 'ratio', 'eta', 'eta_at_least', 'pause',
    'pause_most', 'sample_age'} | set(fields.NAMES)


class Terminal(io.StringIO):

    def isatty(self):
        return True


class ReplayTestCase(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'recording.jsonl'

    def run_command(self, *arguments, out=None):
        """Return the exit code, standard output and standard error."""
        out = out or io.StringIO()
        err = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = replay.main([str(each) for each in arguments])
            except SystemExit as exc:
                code = exc.code
        self.assertNotIn('Traceback', err.getvalue())
        return code, out.getvalue(), err.getvalue()

    def replay(self, *rows, arguments=()):
        """Run the command with a recording of rows, bytes as they are."""
        self.path.write_bytes(b''.join(
            row if isinstance(row, bytes) else json.dumps(row).encode() + b'\n'
            for row in rows))
        return self.run_command(self.path, *arguments)

    def start(self, *arguments, **kwargs):
        """Start the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, '-m', 'nova_migprogress.cmd.replay',
             *[str(each) for each in arguments]],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **kwargs)


def endless(count, **more):
    """Return rows of a migration that goes on."""
    return [dict({'time': number, 'uuid': 'u', 'status': 'running',
                  'memory_total': 2 ** 30, 'memory_processed': 2 ** 20 *
                  number, 'memory_remaining': 2 ** 30 - number,
                  'disk_total': 0, 'disk_processed': 0, 'disk_remaining': 0},
                 **more) for number in range(count)]


@ddt.ddt
class TextTestCase(ReplayTestCase):

    def test_changes(self):
        code, out, err = self.run_command(RECORDINGS / 'nonconv.jsonl',
                                          '--uuid', 'u-1')
        self.assertEqual((0, ''), (code, err))
        lines = out.splitlines()
        self.assertEqual(['TIME', '#', 'PHASE', 'VERDICT', 'REMAINS', 'SENT',
                          'DIRTY', 'ETA', 'PAUSE'], lines[0].split())
        self.assertEqual('#1 is u-1', lines[2])
        self.assertEqual(
            '    0:12   #1 pre-copy   not converging  119 MiB    31.6    30.3'
            '   never   4.0s', lines[8])
        self.assertEqual(
            '#1 u-1: Ended with status cancelled, 39s after the first sample; '
            'the last verdict was not converging.', lines[11])
        self.assertLess(len(lines), 20)

    def test_what_the_user_guide_shows(self):
        _code, out, _err = self.run_command(
            RECORDINGS / 'nonconv.jsonl', '--uuid',
            '0f3a9c21-5d0f-4b0e-8a43-1f3f6d2c7b11')
        guide = ROOT / 'doc' / 'source' / 'user' / 'replay-nonconv.txt'
        self.assertEqual(guide.read_text(), out)

    @ddt.data('abort5', 'ac', 'block1', 'blockfull', 'border', 'conv',
              'fast512', 'kill5', 'nonconv', 'pc2')
    def test_lines_fit_into_80_columns(self, name):
        for step in ('0.5', '5'):
            code, out, _err = self.run_command(
                RECORDINGS / (name + '.jsonl'), '--all', '--step', step,
                '--uuid', 'u')
            self.assertEqual(0, code)
            table = out.partition('\n\n')[0].splitlines()
            self.assertGreater(len(table), 4)
            self.assertLessEqual(max(map(len, table)), 80)

    def test_every_sample(self):
        _code, out, _err = self.replay(*endless(20), arguments=['--all'])
        self.assertEqual(20, out.count('   #1 '))

    def test_clock(self):
        _code, out, _err = self.replay(
            *endless(1, time='2026-11-27T03:20:00Z'))
        self.assertIn('The recording begins at 2026-11-27T03:20:00Z.', out)

    def test_who_it_is(self):
        _code, out, _err = self.replay(
            *endless(1, name='web', source='one', destination='two'))
        self.assertIn('#1 is u, of web, one -> two\n', out)

    def test_several(self):
        rows = [row for pair in zip(endless(5), endless(5, uuid='v'))
                for row in pair]
        _code, out, _err = self.replay(*rows)
        self.assertIn('#2 is v\n', out)
        self.assertIn('\n#1 u: Not over', out)
        self.assertIn('\n#2 v: Not over', out)

    def test_colours(self):
        rows = endless(3, status='completed')
        self.replay(*rows)
        for out, term, no_color, coloured in (
                (Terminal(), 'xterm', '', True),
                (Terminal(), 'xterm', '1', False),
                (Terminal(), 'dumb', '', False),
                (io.StringIO(), 'xterm', '', False)):
            with mock.patch.dict(os.environ, TERM=term, NO_COLOR=no_color):
                _code, text, _err = self.run_command(self.path, out=out)
            self.assertEqual(coloured, '\x1b[1;32mcompleted\x1b[0m' in text)
            self.assertEqual(coloured, '\x1b' in text)

    def test_no_control_characters(self):
        evil = '\x1b]0;x\x07\x1b[2J\u202e\x9b1m\ud800\r\n'
        code, out, err = self.replay(
            *endless(2, uuid=evil, name=evil, status=evil, source=evil,
                     destination=evil), {'time': evil, 'uuid': 'a'})
        self.assertEqual(1, code)
        for text in (out, err):
            self.assertEqual(
                [], [each for each in text
                     if each != '\n' and not each.isprintable()])
        self.assertIn('\\x1b[2J\\u202e', out)


class JsonTestCase(ReplayTestCase):

    def test_one_object_for_each_sample(self):
        code, out, err = self.run_command(
            RECORDINGS / 'nonconv.jsonl', '--uuid', 'u', '--json')
        self.assertEqual((0, ''), (code, err))
        found = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(352, len(found))
        for each in found:
            self.assertEqual(JSON_KEYS, set(each))
        with open(RECORDINGS / 'nonconv.jsonl') as lines:
            self.assertEqual([json.loads(line)['time'] for line in lines],
                             [each['time'] for each in found])
        said = found[300]
        self.assertEqual(('u', 'running', 'pre-copy', 'not converging', None),
                         tuple(said[key] for key in (
                             'uuid', 'status', 'phase', 'verdict', 'eta')))
        self.assertAlmostEqual(31.5 * 2 ** 20, said['throughput'],
                               delta=2 ** 19)
        self.assertAlmostEqual(0.99, said['ratio'], 1)
        self.assertGreaterEqual(said['pause_most'], said['pause'])
        self.assertEqual(said['memory_remaining'], said['remaining'])

    def test_times_are_seconds(self):
        _code, out, _err = self.replay(
            *endless(1, time='1970-01-01T00:01:00Z'), arguments=['--json'])
        self.assertEqual(60.0, json.loads(out)['time'])

    def test_no_uuid(self):
        code, out, err = self.replay({'time': 1}, {'time': 2},
                                     arguments=['--json'])
        self.assertEqual((1, 1), (code, err.count('\n')))
        self.assertIn('recording.jsonl: line 1: it has no uuid', err)
        for line in out.splitlines():
            self.assertIsNone(json.loads(line)['uuid'])

    def test_age(self):
        rows = endless(1) + endless(1, time=7)
        _code, out, _err = self.replay(*rows, arguments=['--json'])
        said = json.loads(out.splitlines()[1])
        self.assertEqual((7, 7), (said['time'], said['sample_age']))


@ddt.ddt
class StepTestCase(ReplayTestCase):

    def test_thinned_out(self):
        _code, out, _err = self.run_command(
            RECORDINGS / 'nonconv.jsonl', '--uuid', 'u', '--json', '--step',
            '2')
        found = [json.loads(line) for line in out.splitlines()]
        self.assertAlmostEqual(22, len(found), delta=2)
        self.assertEqual('cancelled', found[-1]['status'])
        self.assertIn('not converging', [each['verdict'] for each in found])

    @ddt.data('0', '0.09', '3601', '-1', 'nan', 'inf', 'x', '')
    def test_out_of_bounds(self, step):
        code, out, err = self.run_command(self.path, '--step=' + step)
        self.assertEqual((2, ''), (code, out))
        self.assertIn('%r is not a number of seconds from 0.1 to 3600'
                      % step, err)


@ddt.ddt
class BadRecordingTestCase(ReplayTestCase):

    def test_missing(self):
        code, out, err = self.run_command(self.path)
        self.assertEqual((2, ''), (code, out))
        self.assertEqual(
            'nova-migprogress-replay: cannot read %s: No such file or '
            'directory\n' % self.path, err)

    def test_directory(self):
        code, out, err = self.run_command(self.directory)
        self.assertEqual((2, ''), (code, out))
        self.assertIn('Is a directory', err)

    @ddt.data(b'', b'\n\n')
    def test_empty(self, content):
        code, out, err = self.replay(content)
        self.assertEqual((2, ''), (code, out))
        self.assertIn('%s: empty: it has no lines' % self.path, err)

    @ddt.data(b'hello\n', b'\x7fELF\x00\x01\x02', b'\0' * 3000000, b'[]')
    def test_no_recording_at_all(self, content):
        code, out, err = self.replay(content)
        self.assertEqual((2, ''), (code, out))
        self.assertIn('line 1: left out: ', err)
        self.assertIn('nothing in %s could be assessed' % self.path, err)

    def test_compressed(self):
        code, out, err = self.replay(b'\x1f\x8b\x08\x00')
        self.assertEqual((2, ''), (code, out))
        self.assertIn('zcat', err)

    def test_cut_off(self):
        code, out, err = self.replay(*endless(5), b'{"time": 6, "uu')
        self.assertEqual(1, code)
        self.assertEqual('%s: line 6: left out: it is cut off\n' % self.path,
                         err)
        self.assertIn('4.0s after the first sample', out)

    def test_many_bad_lines_are_counted(self):
        code, _out, err = self.replay(*endless(5), *[b'x\n'] * 1000)
        self.assertEqual(1, code)
        self.assertEqual(6, err.count('\n'))
        self.assertIn('995 more lines like that, the last: line 1005: left '
                      'out: not JSON', err)

    def test_unknown_status(self):
        code, out, err = self.replay(*endless(5, status='odd'))
        self.assertEqual(1, code)
        self.assertIn('line 1: status is "odd"', err)
        self.assertIn('first pass', out)

    def test_standard_input(self):
        process = self.start('-', stdin=subprocess.PIPE)
        out, err = process.communicate(
            b''.join(json.dumps(row).encode() + b'\n' for row in endless(3)) +
            b'x', timeout=60)
        self.assertEqual(1, process.returncode)
        self.assertIn(b'#1 is u', out)
        self.assertIn(b'standard input: line 4: left out', err)


class UsageTestCase(ReplayTestCase):

    def test_no_file(self):
        code, _out, err = self.run_command()
        self.assertEqual(2, code)
        self.assertIn('FILE', err)

    def test_empty_uuid(self):
        code, _out, err = self.run_command(self.path, '--uuid', '')
        self.assertEqual(2, code)
        self.assertIn('0 characters, which is not between 1 and 255', err)

    def test_two_shapes(self):
        self.assertEqual(
            2, self.run_command(self.path, '--json', '--all')[0])

    def test_help_tells_the_exit_codes(self):
        code, out, _err = self.run_command('--help')
        self.assertEqual(0, code)
        self.assertIn('Exit code', out)


class OutputTestCase(ReplayTestCase):

    def record(self, count):
        with open(self.path, 'w') as recording:
            for row in endless(count):
                recording.write(json.dumps(row) + '\n')

    def test_nobody_reads(self):
        self.record(5000)
        process = self.start(self.path, '--json')
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        self.assertEqual((141, b''), (process.wait(60), err))

    def test_nobody_reads_but_there_is_a_report(self):
        self.record(5000)
        report = self.directory / 'report.html'
        process = self.start(self.path, '--json', '--report', report)
        process.stdout.close()
        err = process.stderr.read()
        self.assertEqual((0, b''), (process.wait(60), err))
        self.assertIn('5000 samples', report.read_text())

    def test_full_disk(self):
        self.record(10)
        with open('/dev/full', 'w') as full:
            found = subprocess.run(
                [sys.executable, '-m', 'nova_migprogress.cmd.replay',
                 self.path], cwd=ROOT, stdout=full, stderr=subprocess.PIPE,
                timeout=60)
        self.assertEqual(2, found.returncode)
        self.assertEqual(
            b'nova-migprogress-replay: cannot write to standard output: No '
            b'space left on device\n', found.stderr)

    def test_closed(self):
        self.record(10)
        found = subprocess.run(
            ['sh', '-c', 'exec "$0" "$@" >&-', sys.executable, '-m',
             'nova_migprogress.cmd.replay', self.path], cwd=ROOT,
            stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(
            (2, b'nova-migprogress-replay: cannot write to standard output: '
                b'it is closed\n'), (found.returncode, found.stderr))

    def test_ascii_terminal(self):
        self.replay(*endless(2, name='wéb'))
        process = self.start(self.path, env=dict(
            os.environ, PYTHONIOENCODING='ascii'))
        out, err = process.communicate(timeout=60)
        self.assertEqual((0, b''), (process.returncode, err))
        self.assertIn(b'w\\xe9b', out)

    def test_interrupted(self):
        process = self.start('-', '--json', stdin=subprocess.PIPE)
        # More than it keeps before it writes.
        for row in endless(100):
            process.stdin.write(json.dumps(row).encode() + b'\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
        self.assertEqual((130, b'interrupted\n'), (process.returncode, err))


class MemoryTestCase(ReplayTestCase):

    def test_bounded(self):
        """100000 lines cost hardly more memory than 1000 do."""
        program = '''
import sys
from nova_migprogress.cmd import replay
assert replay.main(sys.argv[1:]) == 0
with open('/proc/self/status') as status:
    print([line.split()[1] for line in status if line.startswith('VmHWM')][0],
          file=sys.stderr)
'''
        peaks = []
        for count in (1000, 100000):
            with open(self.path, 'w') as recording:
                for row in endless(count):
                    recording.write(json.dumps(row) + '\n')
            found = subprocess.run(
                [sys.executable, '-c', program, self.path, '--report',
                 self.directory / 'report.html'], cwd=ROOT,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                check=True, timeout=120)
            peaks.append(int(found.stderr))
        self.assertGreater(os.path.getsize(self.path), 20e6)
        # Kilobytes; the file has 23 MB.
        self.assertLess(peaks[1] - peaks[0], 6000)


class ReportTestCase(ReplayTestCase):

    def setUp(self):
        super().setUp()
        self.report = self.directory / 'report.html'

    def test_written_beside_the_text(self):
        code, out, err = self.replay(*endless(5),
                                     arguments=['--report', self.report])
        self.assertEqual((0, ''), (code, err))
        self.assertIn('#1 is u', out)
        page = self.report.read_text()
        self.assertIn('<title>Migrations recorded in recording.jsonl</title>',
                      page)
        self.assertIn('5 samples of 1 migration', page)

    def test_problems_are_in_it(self):
        code, _out, _err = self.replay(*endless(5), b'<x>\n', arguments=[
            '--report', self.report])
        self.assertEqual(1, code)
        self.assertIn('<li>line 6: left out: not JSON',
                      self.report.read_text())

    def test_unwritable(self):
        report = self.directory / 'none' / 'report.html'
        code, out, err = self.replay(*endless(5),
                                     arguments=['--report', report])
        self.assertEqual((2, ''), (code, out))
        self.assertEqual(
            'nova-migprogress-replay: cannot write %s: No such file or '
            'directory\n' % report, err)

    def test_not_over_the_recording(self):
        self.replay(*endless(5))
        before = self.path.read_bytes()
        code, out, err = self.run_command(self.path, '--report', self.path)
        self.assertEqual((2, ''), (code, out))
        self.assertIn('it is the recording', err)
        self.assertEqual(before, self.path.read_bytes())

    def test_nothing_to_report(self):
        self.report.write_text('old')
        code, _out, _err = self.replay(b'x\n', arguments=[
            '--report', self.report])
        self.assertEqual(2, code)
        self.assertEqual('old', self.report.read_text())
