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
    """Draws the conclusion from all pictures of a watch."""

    def __init__(self):
        self._failed = False
        self._running = False
        self._stalled = False

    def take(self, snapshot):
        """Note a follow.Snapshot, be it an old one after an error."""
        self._running = self._stalled = False
        for tracked in snapshot.tracked:
            if tracked.vanished or tracked.assessment.verdict == verdicts.FAILED:
                self._failed = True
            if tracked.vanished or tracked.ended:
                continue
            self._running = True
            if tracked.assessment.verdict in (verdicts.NOT_CONVERGING,
                                              verdicts.STALLED):
                self._stalled = True

    @property
    def running(self):
        """Whether a migration is in progress."""
        return self._running

    @property
    def stalled(self):
        """Whether one in progress does not converge or has stalled."""
        return self._stalled

    def code(self, interrupted=False):
        """Return the exit code of a watch that ends now."""
        if self._failed:
            return FAILED
        if interrupted and self._running:
            return INTERRUPTED
        return COMPLETED
