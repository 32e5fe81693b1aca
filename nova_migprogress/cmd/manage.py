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

"""nova-migprogress-manage: prepare a database or a compute host."""

import argparse
import collections.abc
import sys
import typing

from nova_migprogress.cmd import cell_database
from nova_migprogress.cmd import manage_db
from nova_migprogress.cmd import manage_driver


def _make_parser() -> argparse.ArgumentParser:
    """Build the parser from what each subcommand group adds to it.

    A group's ``add_parser(subparsers)`` sets the default ``run`` of each of
    its commands: a function that takes the parsed arguments and returns the
    exit code.
    """
    parser = argparse.ArgumentParser(
        prog='nova-migprogress-manage',
        description='Prepare a Nova deployment for nova-migprogress.')
    cell_database.add_config_options(parser, default=[])
    subparsers = parser.add_subparsers(dest='group', required=True)
    manage_db.add_parser(subparsers)
    manage_driver.add_parser(subparsers)
    return parser


def main(argv: typing.Optional[collections.abc.Sequence[str]] = None) -> int:
    """Run a command.

    :param argv: arguments without the program's name; those of the process
        if None
    :returns: the exit code
    """
    args = _make_parser().parse_args(argv)
    try:
        code: int = args.run(args)
        return code
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130


if __name__ == '__main__':
    sys.exit(main())
