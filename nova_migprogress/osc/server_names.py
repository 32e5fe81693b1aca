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

"""Names of the servers that are shown."""

import logging

from nova_migprogress.client import errors

LOG = logging.getLogger(__name__)


def names(cloud, tracked):
    """Return a mapping of server uuids to names.

    Migrations are worth showing without them: an error is no more than a
    note in the log.

    :param cloud: a client.cloud.Cloud, which remembers the names
    :param tracked: client.tracking.Tracked of every migration
    """
    uuids = {item.record.instance_uuid for item in tracked}
    uuids.discard(None)
    if not uuids:
        return {}
    try:
        return cloud.server_names(sorted(uuids))
    except errors.ClientError as exc:
        LOG.info('The names of the servers are not known: %s', exc)
        return {}
