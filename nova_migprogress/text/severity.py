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

"""Verdicts, the worst first, and their colours."""

from nova_migprogress.convergence import verdicts

#: Verdicts, the worst first.
ORDER = (verdicts.NOT_CONVERGING, verdicts.STALLED, verdicts.FAILED,
         verdicts.BORDERLINE, verdicts.UNKNOWN, verdicts.CONVERGING,
         verdicts.COMPLETED)

#: In any colour scheme, on dark and on light: named ANSI colours, of which
#: neither yellow, white, blue nor cyan can be read everywhere.
STYLES = {
    verdicts.NOT_CONVERGING: 'bold red',
    verdicts.STALLED: 'bold red',
    verdicts.FAILED: 'red',
    verdicts.BORDERLINE: 'bold magenta',
    verdicts.UNKNOWN: 'none',
    verdicts.CONVERGING: 'green',
    verdicts.COMPLETED: 'bold green',
}


def rank(verdict: str) -> int:
    """Return the place of a verdict in ORDER, 0 for the worst."""
    return ORDER.index(verdict)
