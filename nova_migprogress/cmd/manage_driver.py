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

"""``nova-migprogress-manage driver``: the driver shim in Nova's directory."""

import argparse
import collections.abc
import sys
import typing

from nova_migprogress.virt import shim_installer

if typing.TYPE_CHECKING:
    # argparse has no public name for it.
    _SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: '_SubParsers') -> None:
    """Add the group ``driver`` to the parser of nova-migprogress-manage."""
    driver = subparsers.add_parser(
        'driver', help='make the compute driver loadable',
        description='Needed only where Nova is installed in another site '
        'directory than this package, or editable; '
        '"nova-migprogress-status upgrade check" says so.')
    actions = driver.add_subparsers(dest='action', metavar='ACTION',
                                    required=True)
    install = actions.add_parser(
        'install', help="write the driver's shim into nova/virt")
    install.set_defaults(run=_install)
    uninstall = actions.add_parser(
        'uninstall', help='remove what "driver install" wrote')
    uninstall.set_defaults(run=_uninstall)


def _install(args: argparse.Namespace) -> int:
    return _run(shim_installer.install)


def _uninstall(args: argparse.Namespace) -> int:
    return _run(shim_installer.uninstall)


def _run(action: collections.abc.Callable[[], str]) -> int:
    """Say what an action did, or why it did not; return the exit code."""
    try:
        print(action())
    except shim_installer.ShimError as exc:
        print('%s.' % exc, file=sys.stderr)
        return 1
    return 0
