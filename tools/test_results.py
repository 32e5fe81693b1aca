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

"""Count the results of stestr runs: "N passed, N failed, N skipped".

Each argument is PART=EXIT=FILE: a name, the exit code of its ``stestr run``
and the subunit v2 stream of its results. One line for each failed test and
each part, one that says how many tests ran in more than one part, and the
count over all parts as the last line. Exits with 1 if anything failed or a
part ran no test.
"""

import collections
from collections import abc
import sys
import typing

import subunit
import testtools

# An expected failure is the outcome its test demands.
PASSED = frozenset(['success', 'xfail'])
SKIPPED = frozenset(['skip'])


def outcomes(stream: typing.BinaryIO) -> dict[str, str]:
    """Return {test id: outcome} of a subunit stream.

    A test that was started and never finished, as of a process that died,
    has the outcome 'inprogress' or 'unknown': neither passed nor skipped.
    """
    found: dict[str, str] = {}

    def on_test(test: abc.Mapping[str, typing.Any]) -> None:
        found[test['id']] = test['status']

    result = testtools.StreamToDict(on_test)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(
        stream, non_subunit_name='stdout').run(result)
    result.stopTestRun()
    # Output between the tests arrives under a name of its own.
    found.pop('stdout', None)
    return {test: status for test, status in found.items()
            if status != 'exists'}


def count(part: str, exit_code: int,
          found: abc.Mapping[str, str]) -> collections.Counter[str]:
    """Return a Counter of passed, failed and skipped, naming the failures."""
    total: collections.Counter[str] = collections.Counter()
    for test, status in sorted(found.items()):
        if status in PASSED:
            total['passed'] += 1
        elif status in SKIPPED:
            total['skipped'] += 1
        else:
            total['failed'] += 1
            print('%s: FAILED (%s) %s' % (part, status, test))
    if exit_code and not total['failed']:
        total['failed'] += 1
        print('%s: FAILED: stestr exited with %d without a failed test'
              % (part, exit_code))
    elif not found:
        total['failed'] += 1
        print('%s: FAILED: no test ran' % part)
    return total


def summary(total: abc.Mapping[str, int]) -> str:
    return ('%(passed)d passed, %(failed)d failed, %(skipped)d skipped' %
            {key: total[key] for key in ('passed', 'failed', 'skipped')})


def main(argv: abc.Iterable[str]) -> int:
    everything: collections.Counter[str] = collections.Counter()
    runs: collections.Counter[str] = collections.Counter()
    for argument in argv:
        part, exit_code, path = argument.split('=', 2)
        with open(path, 'rb') as stream:
            found = outcomes(stream)
        total = count(part, int(exit_code), found)
        print('%s: %s' % (part, summary(total)))
        everything.update(total)
        runs.update(found.keys())
    again = sum(number - 1 for number in runs.values())
    if again:
        print('%d of these are tests of one part run again in another' % again)
    print(summary(everything))
    return 0 if everything['passed'] and not everything['failed'] else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
