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
from nova_migprogress.client import migration_record
from nova_migprogress import fields

#: Statuses in which a live migration can have numbers there. It is shown
#: when queued or preparing as well, but has none then.
STATUSES = ('running', 'post-migrating')


def fill(rest, microversion, records):
    """Return the records, with the numbers that the servers know.

    One request for each live migration under way. One that ends meanwhile,
    and one whose server cannot be asked, stays without numbers.

    :param rest: a rest.Rest
    :param records: a list of MigrationRecord
    :raises Forbidden: a policy does not allow it
    :raises ClientError: the API does not answer, or for no server at all
    """
    filled = []
    answers = 0
    failure = None
    for record in records:
        if record.is_live and record.status in STATUSES:
            try:
                record = _filled(rest, microversion, record)
                answers += 1
            except errors.Forbidden:
                raise
            except errors.Rejected:
                # 404: it is gone. 400: a number is 0, which stock Nova's
                # schema of the answer does not allow, and [api]
                # response_validation is error.
                answers += 1
            except (errors.ServerFailed, errors.InvalidAnswer) as exc:
                failure = exc
        filled.append(record)
    if failure is not None and not answers:
        raise failure
    return filled


def _filled(rest, microversion, record):
    path = '/servers/%s/migrations' % record.instance_uuid
    for entry in migration_record.from_body(
            rest.get(path, microversion=microversion), path):
        if entry.id == record.id:
            return dataclasses.replace(
                record, status=entry.status, updated_at=entry.updated_at,
                **{name: getattr(entry, name) for name in fields.NAMES})
    return record
