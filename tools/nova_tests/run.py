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

"""Compare Nova's own tests with the plugin switched on to the stock run.

Runs the sets of tools/nova_tests/sets.py twice, from Nova's source
distribution: stock, and with the plugin. A test may only end differently if
expected-differences.txt names it with the reason. A test that differs is
repeated alone, both ways, before it counts.

The last line is "N the same, N expected, N different". The exit code is 0 only
if nothing differs and something ran.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import time

from tools.nova_tests import sets
from tools import test_results

NOVA = '34.0.0'
ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / '.cache'
SOURCE = CACHE / ('nova-' + NOVA)
EXPECTED = pathlib.Path(__file__).with_name('expected-differences.txt')

VARIANTS = {'stock': [], 'plugin': ['--plugin']}


def fetch():
    """Unpack Nova's source distribution into .cache, if it is not there."""
    if SOURCE.is_dir():
        return
    CACHE.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, '-m', 'pip', 'download', '-q', '--no-deps',
         '--no-binary', 'nova', '--dest', str(CACHE), 'nova==' + NOVA],
        check=True)
    with tarfile.open(CACHE / ('nova-%s.tar.gz' % NOVA)) as archive:
        archive.extractall(CACHE)


def expected_differences():
    """Return {test id: reason} of the tests that may end differently."""
    expected = {}
    for line in EXPECTED.read_text().splitlines():
        if line.strip() and not line.startswith('#'):
            test, _, reason = line.partition(' ')
            if not reason.strip():
                raise SystemExit('%s: no reason for %s' % (EXPECTED, test))
            expected[test] = reason.strip()
    return expected


def start(name, variant, test_set):
    """Start one set one way; returns the process and its results' path."""
    directory = CACHE / 'nova-tests'
    directory.mkdir(exist_ok=True)
    output = directory / ('%s.%s.subunit' % (name, variant))
    output.unlink(missing_ok=True)
    environment = dict(
        os.environ,
        # As in the unit and functional jobs of Nova's tox.ini.
        OS_NOVA_DISABLE_EVENTLET_PATCHING='False',
        OS_STDOUT_CAPTURE='1', OS_STDERR_CAPTURE='1',
        OS_TEST_TIMEOUT='600')
    with open(output.with_suffix('.log'), 'wb') as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / 'tools/nova_tests/execute.py'),
             '--output', str(output), '--match', test_set.match]
            + VARIANTS[variant] + test_set.modules,
            cwd=str(SOURCE), env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT)
    return process, output


def run(name, test_set):
    """Run one set both ways, side by side.

    :returns: {'stock': {test id: outcome}, 'plugin': {...}}
    :raises SystemExit: a run did not reach its end
    """
    running = {variant: start(name, variant, test_set)
               for variant in VARIANTS}
    found = {}
    try:
        for variant, (process, output) in running.items():
            if process.wait():
                raise SystemExit('%s, %s: exit code %d, see %s' % (
                    name, variant, process.returncode,
                    output.with_suffix('.log')))
            with open(output, 'rb') as stream:
                found[variant] = test_results.outcomes(stream)
    finally:
        for process, _output in running.values():
            if process.poll() is None:
                process.terminate()
                process.wait()
    return found


def differing(found):
    """Return the sorted ids that do not end the same both ways."""
    return sorted(
        test for test in set(found['stock']) | set(found['plugin'])
        if found['stock'].get(test) != found['plugin'].get(test))


def repeat(name, test_set, tests):
    """Run tests again, alone, for a result that no load has disturbed."""
    # A test gets the scenario at the end of its id only when it runs.
    match = '^(%s)$' % '|'.join(
        re.escape(test.partition('(')[0]) for test in tests)
    return run(name + '.again', test_set._replace(match=match))


def compare(name, expected):
    """Run one set and print what differs.

    :returns: the numbers of tests that are the same, that differ as expected
        and that differ
    """
    test_set = sets.SETS[name]
    began = time.monotonic()
    found = run(name, test_set)
    tests = differing(found)
    if tests:
        again = repeat(name, test_set, tests)
        for variant in VARIANTS:
            found[variant].update(again[variant])
        tests = differing(found)
    for test in tests:
        print('%s: %s: stock %s, plugin %s%s' % (
            name, test, found['stock'].get(test, 'missing'),
            found['plugin'].get(test, 'missing'),
            '; expected: ' + expected[test] if test in expected else ''))
    numbers = (len(found['stock']) - len(tests),
               len([test for test in tests if test in expected]),
               len([test for test in tests if test not in expected]))
    print('%s: %s, %d failed in both, %d s' % (
        name, summary(numbers),
        len([test for test, outcome in found['stock'].items()
             if outcome == found['plugin'].get(test)
             and outcome not in test_results.PASSED | test_results.SKIPPED]),
        time.monotonic() - began), flush=True)
    return numbers


def summary(numbers):
    return '%d the same, %d expected, %d different' % numbers


def main():
    parser = argparse.ArgumentParser(prog='tools/test nova')
    parser.add_argument('sets', nargs='*', metavar='SET',
                        help='of %s; default: all' % ', '.join(sets.SETS))
    args = parser.parse_args()
    unknown = set(args.sets) - set(sets.SETS)
    if unknown:
        parser.error('unknown set %s' % ', '.join(sorted(unknown)))
    expected = expected_differences()
    fetch()
    total = (0, 0, 0)
    for name in args.sets or sets.SETS:
        numbers = compare(name, expected)
        total = tuple(map(sum, zip(total, numbers)))
    print(summary(total))
    return 0 if total[0] and not total[2] else 1


if __name__ == '__main__':
    sys.exit(main())
