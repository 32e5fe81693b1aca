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

"""How good nova_migprogress.convergence is, and what it costs.

Run it as ``python -m benchmarks.convergence`` from the checkout. It replays
the recorded migrations of tests/data/recordings (or of another directory of
that form) at steps of 0.5, 2 and 5 s with ten offsets, compares the targets
with two simpler rules, compares when the recorder should write, and tries
simulated migrations. The exit code is 1 if a target is missed.
"""

import argparse
from collections import abc
import itertools
import statistics
import sys
import time
import typing

from benchmarks.convergence import baselines
from benchmarks.convergence import evaluation
from benchmarks.convergence import families
from benchmarks.convergence import policies
from benchmarks.convergence import recordings
from nova_migprogress.convergence import estimator

CANDIDATES: tuple[tuple[str, abc.Callable[[], evaluation.Candidate]], ...] = (
    ('convergence', evaluation.Ours),
    ('no decrease for 60 s', baselines.NoDecrease),
    ('iteration stall, 4 %', baselines.IterationStall))

MEANINGS = {
    'hopeless': '"not converging" of those that never converge',
    'wrong': '"not converging" or "stalled" of those that complete',
    'decided': '"converging" or "borderline" of those',
    'memory_error': 'median error of the time left, memory phase',
    'storage_error': 'median error of the time left, storage phase',
}

#: Microseconds that one evaluation may cost on average.
COST = 50

DISTURBANCES: tuple[tuple[str, dict[str, typing.Any]], ...] = (
    ('polls up to 90 % of a step late', {'jitter': 0.9}),
    ('30 % of the polls fail', {'missing': 0.3}),
    ('timestamps in whole seconds', {'whole_seconds': True}),
    ('all of these', {'jitter': 0.9, 'missing': 0.3, 'whole_seconds': True}))


def score(migrations: abc.Iterable[recordings.KnownMigration],
          candidate: abc.Callable[[], evaluation.Candidate], step: float,
          offsets: int = evaluation.OFFSETS,
          disturb: typing.Optional[dict[str, typing.Any]] = None,
          ) -> evaluation.ScoreSummary:
    """Replay migrations at a step with several offsets.

    :param candidate: makes a new one for each
    :param disturb: arguments of recordings.disturb
    """
    total = evaluation.Score()
    for migration in migrations:
        for seed, offset in enumerate(evaluation.offsets(step, offsets)):
            polls = recordings.poll(migration, step, offset)
            if disturb:
                polls = recordings.disturb(polls, seed, **disturb)
            total.add(migration, polls, candidate(), step)
    return total.summary()


def score_policy(migrations: abc.Iterable[recordings.KnownMigration],
                 policy: policies.Interval, step: float = 2,
                 offsets: int = 5) -> tuple[evaluation.ScoreSummary, float]:
    """Replay what a client sees of what a policy writes.

    :param step: seconds between two polls of the client
    :returns: the summary and the writes per minute
    """
    total = evaluation.Score()
    writes = 0
    seconds = 0.0
    for migration in migrations:
        for offset in evaluation.offsets(step, offsets):
            times = policies.write_times(migration, policy,
                                         offset * policies.POLL / step)
            writes += len(times)
            seconds += migration.end
            total.add(migration,
                      recordings.poll(migration, step, offset, times),
                      evaluation.Ours(), step)
    return total.summary(), 60 * writes / seconds


def cost(migrations: abc.Iterable[recordings.KnownMigration],
         step: float = 0.5) -> tuple[float, list[float]]:
    """Time every evaluation of a replay.

    :returns: processor seconds of one on average, and a sorted list of the
        seconds by the clock that each took
    """
    spent = []
    start = time.process_time()
    for migration in migrations:
        for offset in evaluation.offsets(step):
            follower = estimator.Estimator()
            for poll in recordings.poll(migration, step, offset):
                began = time.perf_counter()
                follower.add(poll.sample, poll.now)
                spent.append(time.perf_counter() - began)
    return (time.process_time() - start) / len(spent), sorted(spent)


def _format_share(value: typing.Optional[float], width: int) -> str:
    if value is None:
        return '-'.rjust(width)
    return ('%.1f %%' % (100 * value)).rjust(width)


def _format_row(name: str, summary: evaluation.ScoreSummary,
                width: int = 44) -> str:
    return name.ljust(width) + ' '.join(
        _format_share(value, 9) for value in (
            summary.hopeless, summary.misled, summary.wrong, summary.decided,
            summary.memory_error, summary.storage_error))


def _format_head(name: str, width: int = 44) -> str:
    return name.ljust(width) + ' '.join(
        word.rjust(9) for word in ('hopeless', 'misled', 'wrong', 'decided',
                                   'ETA mem', 'ETA disk'))


def print_targets(migrations: list[recordings.KnownMigration]) -> bool:
    """Print the targets' table.

    :returns: True if all are met
    """
    summaries = {
        (name, step): score(migrations, candidate, step)
        for name, candidate in CANDIDATES for step in evaluation.STEPS}
    print('Targets'.ljust(52) + 'step   target' + ''.join(
        name.rjust(22) for name, _candidate in CANDIDATES))
    good = True
    for target in evaluation.TARGETS:
        line = MEANINGS[target.field].ljust(50) + (
            '%4g s' % target.step) + target.bound.rjust(9)
        for name, _candidate in CANDIDATES:
            value = getattr(summaries[name, target.step], target.field)
            line += _format_share(value, 22)
        met = target.is_met(summaries[CANDIDATES[0][0], target.step])
        good &= met
        print(line + ('' if met else '  MISSED'))
    return good


def print_recordings(migrations: list[recordings.KnownMigration]) -> None:
    """Print what is said of each recording."""
    for step in evaluation.STEPS:
        print(_format_head('Each recording, every %g s' % step))
        for migration in migrations:
            print(_format_row(migration.name,
                              score([migration], evaluation.Ours, step)))
        print()


def print_disturbances(
        migrations: list[recordings.KnownMigration]) -> None:
    """Print what untidy sampling does."""
    for step in evaluation.STEPS:
        print(_format_head('Untidy polls, every %g s' % step))
        for name, disturb in DISTURBANCES:
            print(_format_row(name, score(migrations, evaluation.Ours, step,
                                          disturb=disturb)))
        print()


def print_policies(title: str, migrations: list[recordings.KnownMigration],
                   offsets: int) -> None:
    """Print the comparison of the writing policies."""
    print('%s; a client that polls every 2 s' % title)
    print('writes/min'.rjust(11) + '  ' + _format_head('written'))
    for policy in policies.POLICIES:
        summary, writes = score_policy(migrations, policy,
                                       offsets=offsets)
        print(('%.1f' % writes).rjust(11) + '  ' +
              _format_row(policy.name, summary))
    print()


def print_families(seeds: int) -> list[recordings.KnownMigration]:
    """Print what is said of simulated migrations.

    :returns: all of them
    """
    made = {family.__name__: families.migrations(family, seeds)
            for family in families.ALL}
    for step in evaluation.STEPS:
        print(_format_head('%d simulated each, every %g s' % (seeds, step)))
        for name, migrations in made.items():
            print(_format_row(name.replace('_', ' '), score(
                migrations, evaluation.Ours, step, offsets=3)))
        print()
    return list(itertools.chain.from_iterable(made.values()))


def print_cost(migrations: abc.Iterable[recordings.KnownMigration]) -> bool:
    """Print what an evaluation costs.

    :returns: True if that is little enough
    """
    mean, spent = cost(migrations)
    print('One evaluation: mean %.1f us of the processor (target: %d us); by '
          'the clock median %.1f us, 99 %% %.1f us; %d evaluations' % (
              mean * 1e6, COST, statistics.median(spent) * 1e6,
              spent[int(len(spent) * 0.99)] * 1e6, len(spent)))
    return mean * 1e6 <= COST


def main() -> int:
    """Print everything.

    :returns: the exit code
    """
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.convergence',
        description=__doc__.splitlines()[0])
    parser.add_argument(
        '--recordings', default=recordings.DIRECTORY, metavar='DIRECTORY',
        help='recorded migrations with an index.json (default: those of the '
             'tests)')
    parser.add_argument(
        '--seeds', type=int, default=10, metavar='N',
        help='simulated migrations of each family, 0 for none (default: 10)')
    parser.add_argument(
        '--only-targets', action='store_true',
        help='print the targets and the cost only')
    args = parser.parse_args()
    try:
        migrations = recordings.load(args.recordings)
    except (OSError, ValueError, KeyError) as exc:
        parser.error('cannot load %s: %s: %s' % (
            args.recordings, type(exc).__name__, exc))
    good = print_targets(migrations)
    print()
    if not args.only_targets:
        print_recordings(migrations)
        print_disturbances(migrations)
        print_policies('Writing policies, recorded migrations', migrations,
                       offsets=10)
        if args.seeds > 0:
            simulated = print_families(args.seeds)
            print_policies('Writing policies, simulated migrations',
                           simulated, offsets=2)
    return 0 if print_cost(migrations) and good else 1


if __name__ == '__main__':
    sys.exit(main())
