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

"""How migrations ended that are no longer among those in progress."""

import datetime

from nova_migprogress.client import errors

#: Seconds that the clocks of the API and of other hosts may differ.
_CLOCKS = 60.0

#: At most so many are looked for one by one at a time.
SINGLE = 10


def find(cloud, filters, gone, since):
    """Find records of migrations, whatever their status.

    One request for what changed lately, and one for each, up to SINGLE, that
    is not among it.

    :param cloud: a cloud.Cloud
    :param filters: keyword arguments of Cloud.migrations that they match
    :param gone: MigrationRecords as they were
    :param since: seconds on the server's clock; they changed after it
    :returns: a mapping of keys to a MigrationRecord, or None when it is
        certainly not there; those of which nothing is known yet are missing
    :raises ClientError: no good answer
    """
    wanted = {record.key: record for record in gone}
    found = {}
    filters = dict(filters, statuses=None, numbers=False)
    try:
        moment = datetime.datetime.fromtimestamp(
            max(since - _CLOCKS, 0.0), datetime.timezone.utc)
        found.update(_list(cloud, wanted,
                           dict(filters, changes_since=moment)))
    except errors.Unsupported:
        # Nova before microversion 2.59: one by one.
        pass
    filters.pop('changes_since', None)
    for key in [key for key in wanted if key not in found][:SINGLE]:
        found.update(_list(cloud, wanted, dict(
            filters, server=wanted[key].instance_uuid)))
        found.setdefault(key, None)
    return found


def _list(cloud, wanted, filters):
    return {record.key: record for record in cloud.migrations(**filters)
            if record.key in wanted}
