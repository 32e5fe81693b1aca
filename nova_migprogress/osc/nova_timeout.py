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

"""When Nova itself ends a live migration that takes too long.

Nova's libvirt driver acts after ``[libvirt]
live_migration_completion_timeout`` seconds per GiB of memory and local disk
(``_live_migration_data_gb`` and ``_live_migration_monitor`` of
nova/virt/libvirt/driver.py). No API tells the configuration of a compute
node: everything here assumes Nova's defaults.
"""

import datetime
import typing

from nova_migprogress.client import migration_record
from nova_migprogress import statuses

#: Default of ``live_migration_completion_timeout``: seconds per GiB.
SECONDS_PER_GIB = 800
#: GiB for which memory and each disk count at the least.
LEAST_GIB = 2.0
#: Default of ``live_migration_timeout_action``.
ACTION = 'abort'
#: What has to be said with it.
ASSUMPTION = (
    'Assumes the default [libvirt] live_migration_completion_timeout and '
    'live_migration_timeout_action on the source; no API tells them.')

GIB = 1024 ** 3


class Timeout(typing.NamedTuple):
    """What Nova does if a migration does not end, with its defaults."""

    #: GiB that count.
    gib: float
    #: Seconds from the start of the copy.
    seconds: int
    #: Earliest moment, a datetime: counted from the migration's creation,
    #: since when the copy began is not recorded. None without that.
    strikes_at: typing.Optional[datetime.datetime]

    def seconds_left(
            self, age: typing.Optional[float]) -> typing.Optional[float]:
        """Return the least seconds until then, negative when it is past.

        :param age: seconds since the migration was created, None if unknown
        """
        return None if age is None else self.seconds - age


def estimate_timeout(
        record: migration_record.MigrationRecord,
        flavor_memory: typing.Optional[int] = None
) -> typing.Optional[Timeout]:
    """Compute the timeout of a migration.

    :param record: the migration
    :param flavor_memory: bytes of memory of the server's flavor, if known;
        otherwise memory_total stands for it
    :returns: a Timeout, or None where Nova has none (cold migrations, ended,
        post-copy) or the size is unknown
    """
    if not record.is_live:
        return None
    if record.status not in statuses.MONITORED_STATUSES:
        return None
    memory = flavor_memory or record.memory_total
    if not memory:
        return None
    gib = max(memory / GIB, LEAST_GIB)
    if record.disk_total:
        # Nova counts each disk for 2 GiB at least; how many there are is not
        # known here.
        gib += max(record.disk_total / GIB, LEAST_GIB)
    seconds = int(SECONDS_PER_GIB * gib)
    strikes_at = None
    if record.created_at is not None:
        strikes_at = record.created_at + datetime.timedelta(seconds=seconds)
    return Timeout(gib, seconds, strikes_at)
