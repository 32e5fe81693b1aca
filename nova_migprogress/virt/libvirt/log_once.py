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

"""One log entry for what may go wrong at every poll."""

from oslo_log import log as logging

LOG = logging.getLogger(__name__)


class Complaint:
    """Logs the exception that is being handled, the first time it is called.

    Recording must not disturb a migration, so its errors end here; and the
    same poll would repeat them twice a second.

    :param instance: the instance that is migrated
    """

    def __init__(self, instance):
        self._instance = instance
        self._made = False

    def __call__(self):
        if not self._made:
            self._made = True
            LOG.exception('Recording the progress of the migration failed; '
                          'the migration is not affected',
                          instance=self._instance)
