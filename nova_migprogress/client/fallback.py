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

"""The numbers of live migrations where GET /os-migrations has none.

GET /servers/{id}/migrations is stock Nova's, from microversion 2.23 on. It
shows live migrations only, in a few statuses only, and one server's only.
"""

import dataclasses

from nova_migprogress.client import errors
from nova_migprogress.client import record as client_record
from nova_migprogress import fields

#: Statuses in which a live migration can have numbers there. It is shown
#: when queued or preparing as well, but has none then.
STATUSES = ('running', 'post-migrating')


def fill(rest, microversion, records):
    """Return the records, with the numbers that the servers know.

    One request for each live migration under way. One that ends meanwhile
    stays without numbers.

    :param rest: a rest.Rest
    :param records: a list of MigrationRecord
    :raises Forbidden: a policy does not allow any of it
    :raises ClientError: no good answer
    """
    filled = []
    for record in records:
        if record.is_live and record.status in STATUSES:
            record = _filled(rest, microversion, record)
        filled.append(record)
    return filled


def _filled(rest, microversion, record):
    path = '/servers/%s/migrations' % record.instance_uuid
    try:
        entries = client_record.from_body(
            rest.get(path, microversion=microversion), path)
    except errors.NotFound:
        return record
    for entry in entries:
        if entry.id == record.id:
            return dataclasses.replace(
                record, status=entry.status, updated_at=entry.updated_at,
                **{name: getattr(entry, name) for name in fields.NAMES})
    return record
