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

"""Follow migrations: look again and again, and assess each of them."""

import collections
import dataclasses
import datetime
import time
import typing

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.client import poll_interval
from nova_migprogress.client import tracking

#: Ended migrations that are kept in the pictures.
KEPT = 100

#: Seconds by which the server's Date must differ from what it should be
#: before its clock is set anew: it is in whole seconds.
_DRIFT = 1.0
#: Seconds that the clocks of the API and of other hosts may differ.
_CLOCKS = 60.0

#: At most so many are looked for one by one at a time.
SINGLE = 10


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What is known of all migrations that are followed."""

    #: When the last look that succeeded was, in seconds on the follower's
    #: clock; None if none has yet.
    taken_at: typing.Optional[float]
    #: Seconds since then.
    age: typing.Optional[float]
    #: In progress first, in the server's order; then those that ended while
    #: they were followed, the newest first.
    tracked: typing.Tuple[tracking.Tracked, ...]
    #: What went wrong at the last look, None if nothing did.
    error: typing.Optional[errors.ClientError]
    #: None before the cloud has answered once.
    capabilities: typing.Optional[discovery.Capabilities]


class Follower:
    """Looks at a cloud whenever that is worthwhile.

    A migration that leaves the list is asked for once more, so that its end
    is seen. Not safe for threads.

    :param cloud: a cloud.Cloud
    :param filters: a mapping of keyword arguments of Cloud.migrations
    :param interval: seconds between two looks, or None; the server is never
        asked more often than it writes
    :param clock: returns seconds since 1970
    :param kept: how many ended migrations stay in the pictures
    """

    def __init__(self, cloud, filters=None, interval=None, clock=time.time,
                 kept=KEPT):
        self._cloud = cloud
        self._filters = dict(filters or {})
        self._poll_interval = poll_interval.PollInterval(interval)
        self._clock = clock
        self._items = {}
        self._over = collections.deque(maxlen=kept)
        self._polled_at = None
        self._taken_at = None
        self._capabilities = None
        #: Seconds that the server's clock is ahead of ours.
        self._ahead = 0.0

    @property
    def wait(self):
        """Seconds until the next look is worthwhile, 0.0 for now."""
        if self._polled_at is None:
            return 0.0
        passed = max(self._clock() - self._polled_at, 0.0)
        return max(self._poll_interval.wait - passed, 0.0)

    def poll(self):
        """Look now, whatever ``wait`` says.

        :returns: a Picture. When the look fails it is the last one, with
            newer ages and the error.
        """
        started = self._clock()
        error = None
        try:
            gap = self._poll()
        except errors.ClientError as exc:
            error = exc
            self._poll_interval.failed(getattr(exc, 'retry_after', None))
        else:
            self._poll_interval.succeeded(
                max(self._clock() - started, 0.0),
                self._capabilities.listing != discovery.PROGRESS, gap)
        self._polled_at = self._clock()
        age = None
        if self._taken_at is not None:
            age = max(self._polled_at - self._taken_at, 0.0)
        return Snapshot(
            self._taken_at, age,
            tuple(item.tracked for item in self._items.values()) +
            tuple(self._over), error, self._capabilities)

    def snapshots(self, sleep=time.sleep):
        """Yield pictures for ever, as often as is worthwhile."""
        while True:
            sleep(self.wait)
            yield self.poll()

    def _poll(self):
        """Look once; return what tracking.MigrationTracker.update says, the least."""
        since = self._now() if self._taken_at is None else (
            self._taken_at + self._ahead)
        try:
            records = self._cloud.migrations(**self._filters)
        except errors.ClientError:
            for item in self._items.values():
                item.age(self._now())
            raise
        self._capabilities = self._cloud.capabilities()
        self._taken_at = self._clock()
        self._set_clock(records)
        now = self._now()
        gone = self._items
        self._items = {}
        gaps = []
        for record in records:
            item = gone.pop(record.key, None)
            if item is None:
                item = self._begin(record)
            gaps.append(item.update(record, now))
            self._items[record.key] = item
        # Kept until it is known why they are not in the list.
        self._items.update(gone)
        for item in gone.values():
            item.age(now)
        if gone:
            self._conclude(gone, since, now)
        return min((gap for gap in gaps if gap is not None), default=None)

    def _begin(self, record):
        # One that was lost may come back, with its cell for example.
        for tracked in [tracked for tracked in self._over
                        if tracked.record.key == record.key]:
            self._over.remove(tracked)
        return tracking.MigrationTracker()

    def _conclude(self, gone, since, now):
        statuses = self._filters.get('statuses', migration_record.IN_PROGRESS)
        found = find_ends(
            self._cloud, self._filters,
            [item.tracked.record for item in gone.values()], since)
        for key, record in found.items():
            item = gone[key]
            if record is None:
                item.mark_vanished()
            else:
                item.update(record, now)
                if not statuses or record.status in statuses:
                    # Slipped through between two pages of the list.
                    continue
            del self._items[key]
            if item.tracked.ended or item.tracked.vanished:
                self._over.appendleft(item.tracked)

    def _now(self):
        return self._clock() + self._ahead

    def _set_clock(self, records):
        date = self._cloud.server_date
        if date is None:
            # The newest row is no newer than the server's clock.
            newest = max((record.sampled_at or 0.0 for record in records),
                         default=0.0)
            self._ahead = max(self._ahead, newest - self._clock())
        elif abs(date + 0.5 - self._now()) > _DRIFT:
            self._ahead = date + 0.5 - self._clock()


def find_ends(cloud, filters, gone, since):
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
        found.update(_match(cloud, wanted,
                            dict(filters, changes_since=moment)))
    except errors.Unsupported:
        # Nova before microversion 2.59: one by one.
        pass
    filters.pop('changes_since', None)
    for key in [key for key in wanted if key not in found][:SINGLE]:
        found.update(_match(cloud, wanted, dict(
            filters, server=wanted[key].instance_uuid)))
        found.setdefault(key, None)
    return found


def _match(cloud, wanted, filters):
    return {record.key: record for record in cloud.migrations(**filters)
            if record.key in wanted}
