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

"""Connect to the main database of one cell: the [database] of a nova.conf."""

import argparse
import collections.abc
import contextlib
import logging
import os
import re
import typing

from oslo_config import cfg
from oslo_db import exception as db_exc
from oslo_db import options as db_options
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import engine as sa_engine
from sqlalchemy.engine import url as sa_url
from sqlalchemy import exc as sa_exc

from nova_migprogress.db_migrations import step


class DatabaseProblem(Exception):
    """Something about the database does not work; the message says what.

    Never with the password.
    """


def add_config_options(
        parser: argparse.ArgumentParser, **kwargs: typing.Any) -> None:
    """Add --config-file and --config-dir to a parser.

    :param kwargs: more about both for argparse, such as their default
    """
    parser.add_argument(
        '--config-file', metavar='PATH', action='append',
        help='the nova.conf of the cell; may be repeated. Default: where '
             'Nova looks, such as /etc/nova/nova.conf', **kwargs)
    parser.add_argument(
        '--config-dir', metavar='DIR', action='append',
        help='a directory of *.conf files to read; may be repeated', **kwargs)


def _load_options(
        config_files: collections.abc.Iterable[str],
        config_dirs: collections.abc.Iterable[str]
) -> dict[str, typing.Any]:
    """Return [database] of a nova.conf as a dict, as Nova's DB layer uses it.

    oslo.config also takes OS_DATABASE__CONNECTION from the environment.

    :raises DatabaseProblem: unreadable, or no connection configured
    """
    conf = cfg.ConfigOpts()
    conf.register_opts(db_options.database_opts, group='database')
    args: list[str] = []
    for path in config_files:
        args += ['--config-file', path]
    for path in config_dirs:
        args += ['--config-dir', path]
    try:
        conf(args, project='nova', prog='nova-migprogress-manage')
        options = dict(conf.database.items())
    except cfg.Error as error:
        raise DatabaseProblem(
            'cannot read the configuration: %s' % error) from error
    if not options['connection']:
        read = list(conf.config_file or []) + list(conf.config_dir or [])
        raise DatabaseProblem(
            'no [database] connection is configured in %s; name the nova.conf '
            'of a cell with --config-file'
            % (', '.join(read) or "any of Nova's default places"))
    return options


def _parse_url(connection: str) -> sa_url.URL:
    """Return the parsed URL of a connection option."""
    try:
        return sa_url.make_url(connection)
    except (sa_exc.ArgumentError, ValueError):
        # Not chained and not shown: the error quotes the URL, which may hold
        # a password.
        raise DatabaseProblem(
            '[database] connection is not a database URL of the form '
            'mysql+pymysql://USER:PASSWORD@HOST/DATABASE') from None


def _describe(url: sa_url.URL) -> str:
    """Name a database without its password or other secrets."""
    where = (url.query.get('unix_socket') or url.query.get('host') or
             url.host)
    return '%s database %s%s%s' % (
        url.get_backend_name(), url.database,
        ' on %s' % where if where else '',
        ' as %s' % url.username if url.username else '')


def _create_engine(options: dict[str, typing.Any],
                   url: sa_url.URL) -> sa_engine.Engine:
    """Create an engine as Nova does, but without its retries.

    :raises DatabaseProblem: no driver, or a file that does not exist
    """
    if (url.get_backend_name() == 'sqlite' and url.database and
            not url.database.startswith('file:') and
            not os.path.exists(url.database)):
        # SQLite would create it.
        raise DatabaseProblem('there is no file %s' % url.database)
    manager = enginefacade.transaction_context()
    manager.configure(**dict(options, max_retries=0))
    try:
        engine: sa_engine.Engine = manager.writer.get_engine()
        return engine
    except (sa_exc.ArgumentError, ImportError) as error:
        raise DatabaseProblem(
            'no driver for %s: %s' % (url.drivername, error)) from error


def _hide_password(message: str) -> str:
    """Take the password out of a URL that a driver quotes in its message."""
    return re.sub(r'(://[^:/@\s]*):[^/\s]*@', r'\1:***@', message)


@contextlib.contextmanager
def connect(
        config_files: collections.abc.Iterable[str],
        config_dirs: collections.abc.Iterable[str]
) -> collections.abc.Iterator[tuple[sa_engine.Engine, str]]:
    """Connect to the [database] of a nova.conf.

    Without files and directories Nova's own default places are read.

    :param config_files: paths of configuration files
    :param config_dirs: paths of directories with configuration files
    :returns: a context manager giving an engine, and a description of the
        database without its password
    :raises DatabaseProblem: anything that goes wrong with the configuration
        or the database, also within the context
    """
    # oslo.db logs what it wraps with a traceback; it is reported here.
    logging.getLogger('oslo_db.sqlalchemy.exc_filters').setLevel(
        logging.CRITICAL)
    try:
        options = _load_options(config_files, config_dirs)
        url = _parse_url(options['connection'])
        engine = _create_engine(options, url)
        try:
            yield engine, _describe(url)
        finally:
            engine.dispose()
        return
    except (DatabaseProblem, step.SchemaError) as error:
        message = str(error)
    except (db_exc.DBError, sa_exc.SQLAlchemyError) as error:
        error = getattr(error, 'inner_exception', None) or error
        message = 'cannot use the database: %s' % (
            getattr(error, 'orig', None) or error)
    raise DatabaseProblem(_hide_password(message.strip()))
