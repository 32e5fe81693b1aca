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

"""The progress of migrations for programs.

Imports nothing of Nova: keystoneauth1 is all that it needs. What is named here
is all that a program needs of it; where to begin:

* :class:`Cloud`: what a cloud offers, and every migration of it in one
  request;
* :class:`Follower`: the same again and again, with an assessment of each
  migration;
* :mod:`nova_migprogress.client.novaclient` and
  :mod:`nova_migprogress.client.sdk`: for programs that use those libraries.
"""

from nova_migprogress.client.cloud import Cloud
from nova_migprogress.client.discovery import Capabilities
from nova_migprogress.client.errors import Ambiguous
from nova_migprogress.client.errors import AuthenticationFailed
from nova_migprogress.client.errors import ClientError
from nova_migprogress.client.errors import Forbidden
from nova_migprogress.client.errors import InvalidAnswer
from nova_migprogress.client.errors import NotAcceptable
from nova_migprogress.client.errors import NotFound
from nova_migprogress.client.errors import Rejected
from nova_migprogress.client.errors import ServerFailed
from nova_migprogress.client.errors import Unreachable
from nova_migprogress.client.errors import Unsupported
from nova_migprogress.client.follow import Follower
from nova_migprogress.client.follow import Snapshot
from nova_migprogress.client.migration_record import MigrationRecord
from nova_migprogress.client.tracking import Tracked
from nova_migprogress.statuses import COMPLETED_STATUSES
from nova_migprogress.statuses import ENDED_STATUSES
from nova_migprogress.statuses import FAILED_STATUSES
from nova_migprogress.statuses import IN_PROGRESS_STATUSES

__all__ = [
    'Ambiguous',
    'AuthenticationFailed',
    'COMPLETED_STATUSES',
    'Capabilities',
    'ClientError',
    'Cloud',
    'ENDED_STATUSES',
    'FAILED_STATUSES',
    'Follower',
    'Forbidden',
    'IN_PROGRESS_STATUSES',
    'InvalidAnswer',
    'MigrationRecord',
    'NotAcceptable',
    'NotFound',
    'Rejected',
    'ServerFailed',
    'Snapshot',
    'Tracked',
    'Unreachable',
    'Unsupported',
]
