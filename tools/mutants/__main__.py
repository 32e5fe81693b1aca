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

"""Does a test notice when the code is wrong? The command behind
``tools/test mutants``.

Each mutant is one small change of one module, see tools.mutants.mutation. It
is killed when one of the unit tests of the module's package fails, or takes
too long. They are tried in a random order: what a limit leaves out is left out
without regard to where it is.
"""

import argparse
import os
import pathlib
import random
import sys
import time
import typing

from tools.mutants import mutation
from tools.mutants import runner

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ('virt/libvirt', 'api', 'client', 'convergence')
SURVIVORS = pathlib.Path('.cache', 'mutants-survived.txt')


class Score(typing.NamedTuple):
    """What became of a package's mutants."""

    package: str
    possible: int
    killed: int
    survived: list[mutation.Mutant]

    @property
    def share(self) -> float:
        tried = self.killed + len(self.survived)
        return 100 * self.killed / tried if tried else 0.0


def _sources(package: str, modules: list[str]) -> list[pathlib.Path]:
    found = sorted((ROOT / 'nova_migprogress' / package).rglob('*.py'))
    return [path for path in found if not modules or path.stem in modules]


def _tests(package: str, functional: bool) -> list[str]:
    """The names of the test modules of a package."""
    return ['.'.join(path.relative_to(ROOT).with_suffix('').parts)
            for part in ('unit', 'functional')[:1 + functional]
            for path in sorted(
                (ROOT / 'tests' / part / package).rglob('test_*.py'))]


def measure(package: str, args: argparse.Namespace) -> Score:
    """Try a package's mutants."""
    mutants = [mutant for path in _sources(package, args.module)
               for mutant in mutation.find(path)]
    possible = len(mutants)
    random.Random(args.seed).shuffle(mutants)
    if args.sample:
        mutants = mutants[:args.sample]
    tests = _tests(package, args.functional)
    if args.own:
        wanted = {'test_' + name for name in args.module}
        tests = [name for name in tests
                 if name.rpartition('.')[2] in wanted]
    seconds = runner.prepare(tests)
    print('%s: %d of %d mutants, the tests take %.1f s' % (
        package, len(mutants), possible, seconds), flush=True)

    def order(mutant: mutation.Mutant) -> list[str]:
        stem = mutant.path.stem
        return sorted(tests, key=lambda name: (
            name.rpartition('.')[2] != 'test_' + stem))

    killed = 0
    survived = []
    deadline = time.monotonic() + 60 * (args.minutes or 10 ** 6)
    for mutant, noticed in runner.run(
            mutants, order, args.processes, 10 + 5 * seconds, deadline):
        killed += noticed
        if not noticed:
            survived.append(mutant)
            print(mutant.describe(), end='', flush=True)
    return Score(package, possible, killed, sorted(survived))


def main(argv: typing.Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog='tools/test mutants',
        description='Change the code in small ways; tell which of the '
        'changes no test notices.')
    parser.add_argument('package', nargs='*', metavar='PACKAGE',
                        help='a directory of nova_migprogress (default: %s)'
                        % ' '.join(PACKAGES))
    parser.add_argument('--module', action='append', default=[],
                        metavar='NAME',
                        help='only this module; may be repeated')
    parser.add_argument('--own', action='store_true',
                        help='run only test_NAME of each --module, which is '
                        'quick, and stricter')
    parser.add_argument('--sample', type=int, default=0, metavar='N',
                        help='only so many of each package, drawn at random')
    parser.add_argument('--minutes', type=float, default=0, metavar='N',
                        help='begin no more after so long in each package')
    parser.add_argument('--seed', type=int, default=1, metavar='N',
                        help='of the random order (default: %(default)s)')
    parser.add_argument('--functional', action='store_true',
                        help='with the functional tests of the package, too')
    parser.add_argument('--processes', type=int, metavar='N',
                        default=os.cpu_count() or 1,
                        help='at a time (default: %(default)s)')
    parser.add_argument('--survivors', type=pathlib.Path, metavar='FILE',
                        default=SURVIVORS,
                        help='where those that survived are written '
                        '(default: %(default)s)')
    args = parser.parse_args(argv)
    if args.own and not args.module:
        parser.error('--own needs --module')
    for package in args.package:
        if not (ROOT / 'nova_migprogress' / package).is_dir():
            parser.error('there is no package %s' % package)
    scores = []
    try:
        for package in args.package or PACKAGES:
            scores.append(measure(package, args))
    except runner.TestsFailed as exc:
        print('error: %s: %s' % (package, exc), file=sys.stderr)
        return 1
    finally:
        args.survivors.parent.mkdir(parents=True, exist_ok=True)
        args.survivors.write_text(''.join(
            mutant.describe() for score in scores
            for mutant in score.survived))
    print('%-20s %8s %8s %8s %8s %7s' % (
        'package', 'mutants', 'tried', 'killed', 'survived', 'killed'))
    for score in scores:
        print('%-20s %8d %8d %8d %8d %5.1f %%' % (
            score.package, score.possible,
            score.killed + len(score.survived), score.killed,
            len(score.survived), score.share))
    print('seed %d; those that survived: %s' % (args.seed, args.survivors))
    return 0


if __name__ == '__main__':
    sys.exit(main())
