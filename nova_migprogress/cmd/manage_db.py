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

"""nova-migprogress-manage db: the schema of one cell's main database."""

import argparse
import collections.abc
import sys
import time
import typing

from sqlalchemy import engine as sa_engine

from nova_migprogress.cli import argument_types
from nova_migprogress.cmd import cell_database
from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import step

if typing.TYPE_CHECKING:
    # argparse has no public name for it.
    _SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]

_Plans = collections.abc.Sequence[step.ScriptPlan]

#: Exit codes of every db command.
UP_TO_DATE = 0
PENDING = 1
ERROR = 2


def _print_plans(plans: _Plans) -> None:
    for plan in plans:
        print('%s: %s' % (plan.heading, '%d to do' % len(plan.steps)
                          if plan.steps else 'up to date'))
        for one in plan.steps:
            print('  %s' % one.description)


def _print_sql(engine: sa_engine.Engine, plans: _Plans) -> None:
    """Print what would be done as a script for the database's own client."""
    for plan in plans:
        print('-- %s%s' % (plan.heading,
                           '' if plan.steps else ': nothing to do'))
        for sentence in plan.kept:
            print('-- %s' % sentence)
        if plan.steps:
            print(db_migrations.render(engine, plan).strip())


def _execute(engine: sa_engine.Engine, plans: _Plans) -> None:
    """Carry out plans and say what was done."""
    for plan in plans:
        print('%s%s' % (plan.heading, '' if plan.steps else ': nothing to do'))
        for sentence in plan.kept:
            print('  %s' % sentence)
        started = time.monotonic()

        def report(_plan: step.ScriptPlan, one: step.Step) -> None:
            nonlocal started
            now = time.monotonic()
            print('  %s: done in %.1f s' % (one.description, now - started),
                  flush=True)
            started = now

        db_migrations.execute(engine, [plan], report)


def _check(engine: sa_engine.Engine, args: argparse.Namespace) -> int:
    plans = db_migrations.plan_upgrade(engine)
    _print_plans(plans)
    return PENDING if any(plan.steps for plan in plans) else UP_TO_DATE


def _upgrade(engine: sa_engine.Engine, args: argparse.Namespace) -> int:
    plans = db_migrations.plan_upgrade(engine, args.to)
    (_print_sql if args.dry_run else _execute)(engine, plans)
    return UP_TO_DATE


def _downgrade(engine: sa_engine.Engine, args: argparse.Namespace) -> int:
    plans = db_migrations.plan_downgrade(engine, args.to)
    (_print_sql if args.dry_run else _execute)(engine, plans)
    return UP_TO_DATE


def _run(args: argparse.Namespace) -> int:
    """Connect and run a command; any failure is one message, exit code 2."""
    try:
        with cell_database.connect(args.config_file,
                                   args.config_dir) as (engine, name):
            print('%s%s' % ('-- ' if getattr(args, 'dry_run', False) else '',
                            name), flush=True)
            code: int = args.command(engine, args)
            return code
    except cell_database.DatabaseProblem as error:
        print('error: %s' % error, file=sys.stderr)
        return ERROR


def _parse_digits(text: str) -> int:
    """Return the number of a script, which has digits only.

    :raises ValueError: it has not
    """
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


def _script_number(lowest: int,
                   highest: int) -> collections.abc.Callable[[str], int]:
    """Return an argparse type: the number of a script, within bounds."""
    return argument_types.bounded(_parse_digits, 'a number', lowest, highest)


def add_parser(subparsers: '_SubParsers') -> None:
    """Add the group ``db`` to the parser of nova-migprogress-manage."""
    common = argparse.ArgumentParser(add_help=False)
    # Also before "db", as nova-manage has it: not set here, it is kept.
    cell_database.add_config_options(common, default=argparse.SUPPRESS)
    change = argparse.ArgumentParser(add_help=False)
    change.add_argument(
        '--dry-run', action='store_true',
        help='print the SQL and change nothing')

    group = subparsers.add_parser(
        'db', help="the main database of one cell",
        description='Inspect or change the main database of one cell: the '
                    '[database] of its nova.conf.',
        epilog='Exit codes: 0 done or up to date, 1 check found something '
               'missing, 2 error.')
    commands = group.add_subparsers(dest='action', required=True)

    check = commands.add_parser(
        'check', parents=[common],
        help='say what is missing; exit code 0 only if nothing is')
    check.set_defaults(run=_run, command=_check)

    upgrade = commands.add_parser(
        'upgrade', parents=[common, change], help='add what is missing')
    upgrade.add_argument(
        '--to', metavar='N', type=_script_number(1, db_migrations.LATEST),
        default=db_migrations.LATEST,
        help='the last script to apply, from 1 to %(default)s; default: '
             '%(default)s')
    upgrade.set_defaults(run=_run, command=_upgrade)

    downgrade = commands.add_parser(
        'downgrade', parents=[common, change],
        help='remove what upgrade added, but nothing that Nova manages')
    downgrade.add_argument(
        '--to', metavar='N', type=_script_number(0, db_migrations.LATEST - 1),
        default=0,
        help='the last script that stays, from 0 to %d; default: 0, all are '
             'reversed' % (db_migrations.LATEST - 1))
    downgrade.set_defaults(run=_run, command=_downgrade)
