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

"""The console scripts of a Nova node, where they have what they import.

Elsewhere, as on a workstation that has the openstack commands of this
package, they say what is missing instead of showing a traceback.
"""

import sys

from nova_migprogress.cmd import libraries


def _explain(command: str) -> bool:
    """Print why a command cannot run; return False if that is not known."""
    problems = libraries.problems()
    if problems:
        print('%s runs in the Python environment of Nova. In %s: %s.' %
              (command, sys.prefix, '; '.join(problems)), file=sys.stderr)
    return bool(problems)


def manage() -> int:
    """Run nova-migprogress-manage and return its exit code."""
    try:
        from nova_migprogress.cmd import manage
    except ImportError:
        if _explain('nova-migprogress-manage'):
            return 1
        raise
    return manage.main()


def status() -> int:
    """Run nova-migprogress-status and return its exit code."""
    try:
        from nova_migprogress.cmd import status
    except ImportError:
        if _explain('nova-migprogress-status'):
            return 255
        raise
    return status.main()
