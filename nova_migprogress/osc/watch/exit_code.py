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

"""What a watch says to the shell."""

from nova_migprogress.client import follow
from nova_migprogress.convergence import verdicts

#: Every migration that was watched completed.
COMPLETED = 0
#: At least one failed, was cancelled or vanished.
FAILED = 2
#: At least one does not converge or has stalled (with --fail-on-stall).
STALLED = 3
#: Interrupted while migrations were in progress.
INTERRUPTED = 130


class ExitCode:
    """Draws the conclusion from all snapshots of a watch."""

    def __init__(self) -> None:
        self._failed = False
        self._in_progress = False
        self._stalled = False

    def add(self, snapshot: follow.Snapshot) -> None:
        """Take the next snapshot, be it an old one after an error."""
        self._in_progress = self._stalled = False
        for tracked in snapshot.tracked:
            verdict = tracked.assessment.verdict
            if tracked.vanished or verdict == verdicts.FAILED:
                self._failed = True
            if tracked.vanished or tracked.ended:
                continue
            self._in_progress = True
            if verdict in (verdicts.NOT_CONVERGING, verdicts.STALLED):
                self._stalled = True

    @property
    def in_progress(self) -> bool:
        """Whether a migration is in progress."""
        return self._in_progress

    @property
    def stalled(self) -> bool:
        """Whether one in progress does not converge or has stalled."""
        return self._stalled

    def code(self, interrupted: bool = False) -> int:
        """Return the exit code of a watch that ends now."""
        if self._failed:
            return FAILED
        if interrupted and self._in_progress:
            return INTERRUPTED
        return COMPLETED
