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

"""Run tests of Nova's own suites in this process, for tools.nova_tests.run.

Run in the directory of a Nova source distribution. The results are written as
a subunit v2 stream. With --plugin every Nova service in this process is as
with this package installed: the compute API serves the new microversion and
the libvirt driver records progress.
"""

import argparse
import os
import re
import sys
import unittest

import subunit.run


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--plugin', action='store_true')
    parser.add_argument('--match', default='',
                        help='regular expression that test ids match')
    parser.add_argument('--output', required=True)
    parser.add_argument('modules', nargs='+')
    return parser.parse_args()


def use_source_distribution():
    """Import Nova from the current directory.

    :raises SystemExit: another Nova would be imported
    """
    sys.path[0] = os.getcwd()
    # Patches the standard library for eventlet, as Nova's test jobs do,
    # before anything else of Nova is imported.
    import nova.tests.unit
    if not nova.tests.unit.__file__.startswith(os.getcwd() + os.sep):
        sys.exit('Nova was imported from %s' % nova.tests.unit.__file__)


def switch_on():
    """Put the plugin where api-paste.ini and nova.conf put it."""
    # What deploy.app_factory does before it builds the stock application.
    from nova_migprogress.api import extension
    extension.install()
    import nova.virt.libvirt
    from nova.virt.libvirt import driver
    stock = driver.LibvirtDriver
    from nova_migprogress.virt.libvirt import driver as progress_driver
    ours = progress_driver.LibvirtDriver
    # Tests replace methods by name, and fixtures and mock recognise a static
    # method only in the class that they are given, not in its bases.
    for name, value in vars(stock).items():
        if isinstance(value, (staticmethod, classmethod)):
            setattr(ours, name, value)
    # Every test and the compute manager take the driver from these two.
    for module in (driver, nova.virt.libvirt):
        module.LibvirtDriver = ours


def tests(suite, match):
    """Return the tests in a suite whose id matches, in order."""
    found = []
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            found.extend(tests(entry, match))
        elif re.search(match, entry.id()):
            found.append(entry)
    return found


def main():
    args = arguments()
    use_source_distribution()
    if args.plugin:
        switch_on()
    suite = unittest.defaultTestLoader.loadTestsFromNames(args.modules)
    with open(args.output, 'wb') as stream:
        subunit.run.SubunitTestRunner(stream=stream).run(
            unittest.TestSuite(tests(suite, args.match)))
        stream.flush()
        # Threads that a test of Nova left behind must not keep us.
        os._exit(0)


if __name__ == '__main__':
    main()
