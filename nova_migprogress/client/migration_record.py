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

"""One migration as a client knows it."""

import dataclasses
import datetime
import typing

from nova_migprogress.client import errors
from nova_migprogress.convergence import samples
from nova_migprogress import fields
from nova_migprogress import migration_types
from nova_migprogress import statuses
from nova_migprogress import timestamps

_STRINGS = ('uuid', 'instance_uuid', 'status', 'migration_type',
            'source_compute', 'source_node', 'dest_compute', 'dest_node',
            'dest_host', 'user_id', 'project_id')


@dataclasses.dataclass(frozen=True)
class MigrationRecord:
    """A migration, as the API showed it at one moment.

    Strings are what the server sent, control characters included: they are to
    be made harmless where they are printed. Null rules of the six numbers:
    nova_migprogress.fields.
    """

    #: Unique within a cell only.
    id: typing.Optional[int] = None
    #: None on Nova before microversion 2.59.
    uuid: typing.Optional[str] = None
    instance_uuid: typing.Optional[str] = None
    status: typing.Optional[str] = None
    #: One of migration_types, such as 'live-migration'.
    migration_type: typing.Optional[str] = None
    #: The five hosts are None when not known yet, and when a policy hides
    #: them.
    source_compute: typing.Optional[str] = None
    source_node: typing.Optional[str] = None
    dest_compute: typing.Optional[str] = None
    dest_node: typing.Optional[str] = None
    dest_host: typing.Optional[str] = None
    #: Aware datetimes of whole seconds.
    created_at: typing.Optional[datetime.datetime] = None
    #: When the status or one of the numbers last changed.
    updated_at: typing.Optional[datetime.datetime] = None
    #: Who started it, and the server's project. None before 2.80.
    user_id: typing.Optional[str] = None
    project_id: typing.Optional[str] = None
    #: Bytes, or None for unknown.
    memory_total: typing.Optional[int] = None
    memory_processed: typing.Optional[int] = None
    memory_remaining: typing.Optional[int] = None
    disk_total: typing.Optional[int] = None
    disk_processed: typing.Optional[int] = None
    disk_remaining: typing.Optional[int] = None

    @classmethod
    def from_api(cls, entry: object) -> 'MigrationRecord':
        """Make a record of an entry of GET /os-migrations.

        Entries of GET /servers/{id}/migrations, whose numbers end in _bytes,
        will do as well. A value that cannot be one, such as a negative number
        of bytes, is None in the record.

        :param entry: the decoded mapping
        :raises InvalidAnswer: it is no mapping or names no migration
        """
        if not isinstance(entry, dict):
            raise errors.InvalidAnswer(
                'a migration is %.100r, which is not an object' % (entry,))
        values: dict[str, typing.Any] = {
            name: _string_or_none(entry.get(name)) for name in _STRINGS}
        if values['instance_uuid'] is None:
            values['instance_uuid'] = _string_or_none(entry.get('server_uuid'))
        for name in fields.NAMES:
            values[name] = _number_or_none(
                entry.get(name, entry.get(name + '_bytes')))
        for name in ('created_at', 'updated_at'):
            values[name] = timestamps.parse_api_time(entry.get(name))
        record = cls(id=_number_or_none(entry.get('id')), **values)
        if record.uuid is None and record.id is None:
            raise errors.InvalidAnswer(
                'a migration has neither a uuid nor an id: %.200r' % (entry,))
        return record

    @property
    def key(self) -> str:
        """What tells this migration from all others of the cloud."""
        return self.uuid or '%s/%s' % (self.instance_uuid, self.id)

    @property
    def in_progress(self) -> bool:
        """Its status is one of statuses.IN_PROGRESS_STATUSES."""
        return self.status in statuses.IN_PROGRESS_STATUSES

    @property
    def ended(self) -> bool:
        """Its status is one of statuses.ENDED_STATUSES.

        A status that is not known here is neither in progress nor ended.
        """
        return self.status in statuses.ENDED_STATUSES

    @property
    def is_live(self) -> bool:
        """It is a live migration."""
        return self.migration_type == migration_types.LIVE_MIGRATION

    @property
    def numbers(self) -> tuple[typing.Optional[int], ...]:
        """The six numbers, in the order of fields.NAMES."""
        return tuple(getattr(self, name) for name in fields.NAMES)

    @property
    def has_progress(self) -> bool:
        """At least one of the six numbers is known."""
        return any(number is not None for number in self.numbers)

    @property
    def total(self) -> typing.Optional[int]:
        """Bytes of memory and disk together, None if neither is known."""
        return fields.sum_known(self.memory_total, self.disk_total)

    @property
    def processed(self) -> typing.Optional[int]:
        """Bytes sent so far, which may exceed the total; None if unknown."""
        return fields.sum_known(self.memory_processed, self.disk_processed)

    @property
    def remaining(self) -> typing.Optional[int]:
        """Bytes of memory and disk that remain, None if unknown."""
        return fields.sum_known(self.memory_remaining, self.disk_remaining)

    @property
    def percent(self) -> typing.Optional[float]:
        """How much does not remain: 0.0 to 100.0, None if unknown.

        It goes back when the guest writes memory again.
        """
        return fields.percent(self.total, self.remaining)

    @property
    def sampled_at(self) -> typing.Optional[float]:
        """When the numbers were written, in seconds since 1970.

        It is on the server's clock and in whole seconds. None if unknown.
        """
        moment = self.updated_at or self.created_at
        return None if moment is None else moment.timestamp()

    def to_sample(self, time: float) -> samples.Sample:
        """Return what convergence takes.

        :param time: when the numbers were true if ``sampled_at`` is None, in
            seconds since 1970 on the server's clock
        """
        sampled_at = self.sampled_at
        return samples.Sample(time if sampled_at is None else sampled_at,
                              self.status, *self.numbers)


def parse_records(body: dict[str, typing.Any],
                  path: str) -> list[MigrationRecord]:
    """Return the records of an answer.

    :param body: the decoded body
    :param path: what was asked for, for the message
    :raises InvalidAnswer: it is not a list of migrations
    """
    entries = body.get('migrations')
    if not isinstance(entries, list):
        raise errors.InvalidAnswer(
            'GET %s: migrations is %.100r, which is not a list'
            % (path, entries))
    return [MigrationRecord.from_api(entry) for entry in entries]


def _string_or_none(value: object) -> typing.Optional[str]:
    return value if isinstance(value, str) else None


def _number_or_none(value: typing.Any) -> typing.Optional[int]:
    return value if fields.is_byte_count(value) else None
