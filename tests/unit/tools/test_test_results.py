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

import io
import os
import sys

import fixtures
import subunit
import testtools

from tools import test_results


def _stream(*outcomes):
    """Return a subunit v2 stream of tests that started and ended."""
    stream = io.BytesIO()
    result = subunit.StreamResultToBytes(stream)
    for test, outcome in outcomes:
        result.status(test_id=test, test_status='inprogress')
        if outcome:
            result.status(test_id=test, test_status=outcome)
    stream.seek(0)
    return stream


class TestOutcomes(testtools.TestCase):

    def test_each_outcome(self):
        self.assertEqual(
            {'a': 'success', 'b': 'fail', 'c': 'skip', 'd': 'xfail'},
            test_results.outcomes(_stream(
                ('a', 'success'), ('b', 'fail'), ('c', 'skip'),
                ('d', 'xfail'))))

    def test_listed_only(self):
        stream = io.BytesIO()
        subunit.StreamResultToBytes(stream).status(
            test_id='a', test_status='exists')
        stream.seek(0)
        self.assertEqual({}, test_results.outcomes(stream))

    def test_empty(self):
        self.assertEqual({}, test_results.outcomes(io.BytesIO()))


class TestMain(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.MonkeyPatch('sys.stdout', io.StringIO()))
        self.directory = self.useFixture(fixtures.TempDir()).path

    def run_main(self, *parts):
        """Run with (name, exit code, outcomes) and return code and lines."""
        arguments = []
        for name, exit_code, outcomes in parts:
            path = os.path.join(self.directory, name)
            with open(path, 'wb') as stream:
                stream.write(_stream(*outcomes).getvalue())
            arguments.append('%s=%d=%s' % (name, exit_code, path))
        code = test_results.main(arguments)
        return code, sys.stdout.getvalue().splitlines()

    def test_counts_over_all_parts(self):
        code, lines = self.run_main(
            ('unit', 0, [('a', 'success'), ('b', 'xfail')]),
            ('db', 0, [('c', 'success'), ('d', 'skip')]))
        self.assertEqual(0, code)
        self.assertEqual(['unit: 2 passed, 0 failed, 0 skipped',
                          'db: 1 passed, 0 failed, 1 skipped',
                          '3 passed, 0 failed, 1 skipped'], lines)

    def test_run_in_two_parts(self):
        code, lines = self.run_main(
            ('unit', 0, [('a', 'success'), ('b', 'success')]),
            ('eventlet', 0, [('b', 'success')]))
        self.assertEqual(0, code)
        self.assertEqual('1 of these are tests of one part run again in '
                         'another', lines[-2])
        self.assertEqual('3 passed, 0 failed, 0 skipped', lines[-1])

    def test_failure(self):
        code, lines = self.run_main(
            ('unit', 1, [('a', 'fail'), ('b', 'uxsuccess'),
                         ('c', 'success')]))
        self.assertEqual(1, code)
        self.assertIn('unit: FAILED (fail) a', lines)
        self.assertEqual('1 passed, 2 failed, 0 skipped', lines[-1])

    def test_that_never_ended(self):
        code, lines = self.run_main(
            ('unit', 0, [('a', 'success'), ('b', None)]))
        self.assertEqual(1, code)
        self.assertEqual('1 passed, 1 failed, 0 skipped', lines[-1])

    def test_part_that_broke(self):
        code, lines = self.run_main(
            ('unit', 0, [('a', 'success')]), ('db', 3, []))
        self.assertEqual(1, code)
        self.assertIn('db: FAILED: stestr exited with 3 without a failed '
                      'test', lines)
        self.assertEqual('1 passed, 1 failed, 0 skipped', lines[-1])

    def test_part_without_a_test(self):
        code, lines = self.run_main(
            ('unit', 0, [('a', 'success')]), ('db', 0, []))
        self.assertEqual(1, code)
        self.assertEqual('1 passed, 1 failed, 0 skipped', lines[-1])

    def test_only_skipped(self):
        code, lines = self.run_main(('unit', 0, [('a', 'skip')]))
        self.assertEqual(1, code)
        self.assertEqual('0 passed, 0 failed, 1 skipped', lines[-1])
