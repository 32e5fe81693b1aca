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

"""nova-compute as its command starts it, without the services it talks to.

Run as ``python -m`` with the arguments of nova-compute. Everything up to the
driver is Nova's own, but that it neither waits for a conductor nor looks for
placement.
"""

from unittest import mock

from nova.cmd import compute

if __name__ == '__main__':
    with mock.patch('nova.conductor.api.API.wait_until_ready'), \
            mock.patch('nova.scheduler.client.report.'
                       'SchedulerReportClient'):
        compute.main()
