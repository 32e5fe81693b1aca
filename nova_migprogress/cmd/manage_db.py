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
import contextlib
import logging
import os
import sys
import time

from oslo_config import cfg
from oslo_db import exception as db_exc
from oslo_db import options as db_options
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy.engine import url as sa_url
from sqlalchemy import exc as sa_exc

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import step

#: Exit codes of every db command.
UP_TO_DATE = 0
PENDING = 1
ERROR = 2


class ConnectionProblem(Exception):
    """The database of the configuration cannot be used; says why."""


class DatabaseProblem(Exception):
    """What was to be done with a database failed; says why."""


def _load_connection(config_files, config_dirs):
    """Read [database] of a nova.conf.

    Without files and directories Nova's own default places are read.
    oslo.config also takes OS_DATABASE__CONNECTION from the environment.

    :returns: the option group as a dict, as Nova's own DB layer uses it
    :raises ConnectionProblem: unreadable, or no connection configured
    """
    conf = cfg.ConfigOpts()
    conf.register_opts(db_options.database_opts, group='database')
    args = []
    for path in config_files:
        args += ['--config-file', path]
    for path in config_dirs:
        args += ['--config-dir', path]
    try:
        conf(args, project='nova', prog='nova-migprogress-manage')
        options = dict(conf.database.items())
    except cfg.Error as error:
        raise ConnectionProblem(
            'cannot read the configuration: %s' % error) from error
    if not options['connection']:
        read = list(conf.config_file or []) + list(conf.config_dir or [])
        raise ConnectionProblem(
            'no [database] connection is configured in %s; name the nova.conf '
            'of a cell with --config-file'
            % (', '.join(read) or "any of Nova's default places"))
    return options


def _parse_url(connection):
    """Return the parsed URL of a connection option."""
    try:
        return sa_url.make_url(connection)
    except (sa_exc.ArgumentError, ValueError):
        # Not chained and not shown: the error quotes the URL, which may hold
        # a password.
        raise ConnectionProblem(
            '[database] connection is not a database URL of the form '
            'mysql+pymysql://USER:PASSWORD@HOST/DATABASE') from None


def _describe(url):
    """Name a database without its password or other secrets."""
    where = (url.query.get('unix_socket') or url.query.get('host') or
             url.host)
    return '%s database %s%s%s' % (
        url.get_backend_name(), url.database,
        ' on %s' % where if where else '',
        ' as %s' % url.username if url.username else '')


def _create_engine(options, url):
    """Create an engine as Nova does, but without its retries.

    :raises ConnectionProblem: no driver, or a file that does not exist
    """
    if (url.get_backend_name() == 'sqlite' and url.database and
            not url.database.startswith('file:') and
            not os.path.exists(url.database)):
        # SQLite would create it.
        raise ConnectionProblem('there is no file %s' % url.database)
    manager = enginefacade.transaction_context()
    manager.configure(**dict(options, max_retries=0))
    try:
        return manager.writer.get_engine()
    except (sa_exc.ArgumentError, ImportError) as error:
        raise ConnectionProblem(
            'no driver for %s: %s' % (url.drivername, error)) from error


def _print_plans(plans):
    for plan in plans:
        print('%s: %s' % (plan.heading, '%d to do' % len(plan.steps)
                          if plan.steps else 'up to date'))
        for one in plan.steps:
            print('  %s' % one.description)


def _print_sql(engine, plans):
    """Print what would be done as a script for the database's own client."""
    for plan in plans:
        print('-- %s%s' % (plan.heading,
                           '' if plan.steps else ': nothing to do'))
        for sentence in plan.kept:
            print('-- %s' % sentence)
        if plan.steps:
            print(db_migrations.render(engine, plan).strip())


def _execute(engine, plans):
    """Carry out plans and say what was done."""
    for plan in plans:
        print('%s%s' % (plan.heading, '' if plan.steps else ': nothing to do'))
        for sentence in plan.kept:
            print('  %s' % sentence)
        started = time.monotonic()

        def report(_plan, one):
            nonlocal started
            now = time.monotonic()
            print('  %s: done in %.1f s' % (one.description, now - started),
                  flush=True)
            started = now

        db_migrations.execute(engine, [plan], report)


def _check(engine, args):
    plans = db_migrations.plan_upgrade(engine)
    _print_plans(plans)
    return PENDING if any(plan.steps for plan in plans) else UP_TO_DATE


def _upgrade(engine, args):
    plans = db_migrations.plan_upgrade(engine, args.to)
    (_print_sql if args.dry_run else _execute)(engine, plans)
    return UP_TO_DATE


def _downgrade(engine, args):
    plans = db_migrations.plan_downgrade(engine, args.to)
    (_print_sql if args.dry_run else _execute)(engine, plans)
    return UP_TO_DATE


def _hide(message, url):
    """Take the password out of a driver's message, should it be in it."""
    password = url.password if url is not None else None
    return message.replace(str(password), '***') if password else message


@contextlib.contextmanager
def cell_database(config_files, config_dirs):
    """Connect to the [database] of a nova.conf.

    Without files and directories Nova's own default places are read.

    :returns: a context manager giving an engine, and a description of the
        database without its password
    :raises DatabaseProblem: anything that goes wrong within it, in one
        message without the password
    """
    # oslo.db logs what it wraps with a traceback; it is reported below.
    logging.getLogger('oslo_db.sqlalchemy.exc_filters').setLevel(
        logging.CRITICAL)
    url = None
    try:
        options = _load_connection(config_files, config_dirs)
        url = _parse_url(options['connection'])
        engine = _create_engine(options, url)
        try:
            yield engine, _describe(url)
        finally:
            engine.dispose()
    except (ConnectionProblem, step.SchemaError) as error:
        message = str(error)
    except (db_exc.DBError, sa_exc.SQLAlchemyError) as error:
        error = getattr(error, 'inner_exception', None) or error
        message = 'cannot use the database: %s' % (
            getattr(error, 'orig', None) or error)
    else:
        return
    raise DatabaseProblem(_hide(message.strip(), url))


def _run(args):
    """Connect and run a command; any failure is one message, exit code 2."""
    try:
        with cell_database(args.config_file, args.config_dir) as (engine,
                                                                  name):
            print('%s%s' % ('-- ' if getattr(args, 'dry_run', False) else '',
                            name))
            return args.command(engine, args)
    except DatabaseProblem as error:
        print('error: %s' % error, file=sys.stderr)
        return ERROR


def _number(lowest, highest):
    """Return an argparse type: the number of a script, within bounds."""
    def parse(text):
        if not text.isdigit() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(
                '%r is not a number from %d to %d' % (text, lowest, highest))
        return int(text)
    return parse


def add_parser(subparsers):
    """Add the group ``db`` to the parser of nova-migprogress-manage."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        '--config-file', metavar='PATH', action='append', default=[],
        help='the nova.conf of the cell; may be repeated. Default: where '
             'Nova looks, such as /etc/nova/nova.conf')
    common.add_argument(
        '--config-dir', metavar='DIR', action='append', default=[],
        help='a directory of *.conf files to read; may be repeated')
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
        '--to', metavar='N', type=_number(1, db_migrations.LATEST),
        default=db_migrations.LATEST,
        help='the last script to apply, from 1 to %(default)s; default: '
             '%(default)s')
    upgrade.set_defaults(run=_run, command=_upgrade)

    downgrade = commands.add_parser(
        'downgrade', parents=[common, change],
        help='remove what upgrade added, but nothing that Nova manages')
    downgrade.add_argument(
        '--to', metavar='N', type=_number(0, db_migrations.LATEST - 1),
        default=0,
        help='the last script that stays, from 0 to %d; default: 0, all are '
             'reversed' % (db_migrations.LATEST - 1))
    downgrade.set_defaults(run=_run, command=_downgrade)
