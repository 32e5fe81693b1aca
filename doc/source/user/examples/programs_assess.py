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

# begin
from nova_migprogress import convergence


class Progress:
    """Rates and a verdict for an entry of GET /os-migrations."""

    def __init__(self):
        self._estimators = {}

    def assess(self, entry, updated_at, now):
        """Assess an entry, at every poll, changed or not.

        :param updated_at: that of the entry, in seconds since 1970
        :param now: the same for the server's clock
        """
        known = self._estimators.setdefault(
            entry['uuid'], convergence.Estimator())
        return known.add(convergence.from_mapping(entry, updated_at), now)
# end
