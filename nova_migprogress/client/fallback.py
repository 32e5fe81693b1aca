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

from collections import abc
import dataclasses
import typing

from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.client import rest as client_rest
from nova_migprogress import fields
from nova_migprogress import statuses


def fill(
        rest: client_rest.Rest, microversion: str,
        records: abc.Iterable[migration_record.MigrationRecord]
) -> list[migration_record.MigrationRecord]:
    """Return the records, with the numbers that the servers know.

    One request for each live migration under way. One that ends meanwhile,
    and one whose server cannot be asked, stays without numbers.

    :raises Forbidden: a policy does not allow it
    :raises ClientError: the API does not answer, or for no server at all
    """
    filled = []
    has_answer = False
    failure: typing.Optional[errors.ClientError] = None
    for record in records:
        if record.is_live and record.status in statuses.MEASURED_STATUSES:
            try:
                record = _ask_server(rest, microversion, record)
                has_answer = True
            except errors.Forbidden:
                raise
            except errors.Rejected:
                # 404: it is gone. 400: a number is 0, for which stock Nova's
                # schema of the answer has a minimum of 1
                # (nova/api/openstack/compute/schemas/server_migrations.py),
                # and [api] response_validation is error.
                has_answer = True
            except (errors.ServerFailed, errors.InvalidAnswer) as exc:
                failure = exc
        filled.append(record)
    if failure is not None and not has_answer:
        raise failure
    return filled


def _ask_server(
        rest: client_rest.Rest, microversion: str,
        record: migration_record.MigrationRecord
) -> migration_record.MigrationRecord:
    """Return a record as its server shows it, unchanged if it does not.

    :raises ClientError: no good answer
    """
    path = '/servers/%s/migrations' % record.instance_uuid
    for shown in migration_record.parse_records(
            rest.get(path, microversion=microversion), path):
        if shown.id == record.id:
            changes: dict[str, typing.Any] = dict(
                zip(fields.NAMES, shown.numbers))
            return dataclasses.replace(
                record, status=shown.status, updated_at=shown.updated_at,
                **changes)
    return record
