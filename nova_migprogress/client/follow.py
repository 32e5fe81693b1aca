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

"""Follow migrations: poll a cloud for ever, and assess each of them."""

import collections
from collections import abc
import dataclasses
import datetime
import time
import typing

from nova_migprogress.client import cloud as compute_cloud
from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import migration_record
from nova_migprogress.client import poll_interval
from nova_migprogress.client import server_clock
from nova_migprogress.client import tracking
from nova_migprogress import statuses as migration_statuses

#: Ended migrations that are kept in the snapshots.
KEPT = 100

#: Seconds that the clocks of the API and of other hosts may differ.
_CLOCK_SKEW = 60.0

#: At most so many are looked for one by one at a time.
SINGLE = 10

#: Keyword arguments of Cloud.migrations.
Filters = abc.Mapping[str, typing.Any]


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What is known of all migrations that are followed."""

    #: When the last poll that succeeded was, in seconds on the follower's
    #: clock; None if none has yet.
    taken_at: typing.Optional[float]
    #: Seconds since then.
    age: typing.Optional[float]
    #: In progress first, in the server's order; then those that ended while
    #: they were followed, the newest first.
    tracked: tuple[tracking.Tracked, ...]
    #: What went wrong at the last poll, None if nothing did.
    error: typing.Optional[errors.ClientError]
    #: None before the cloud has answered once.
    capabilities: typing.Optional[discovery.Capabilities]


class Follower:
    """Polls a cloud whenever that is worthwhile.

    A migration that leaves the list is asked for once more, so that its end
    is seen. Not safe for threads.

    :param filters: keyword arguments of Cloud.migrations
    :param interval: seconds between two polls, or None; the server is never
        asked more often than it writes
    :param clock: returns seconds since 1970
    :param kept: how many ended migrations stay in the snapshots
    """

    def __init__(self, cloud: compute_cloud.Cloud,
                 filters: typing.Optional[Filters] = None,
                 interval: typing.Optional[float] = None,
                 clock: abc.Callable[[], float] = time.time,
                 kept: int = KEPT) -> None:
        self._cloud = cloud
        self._filters = dict(filters or {})
        self._poll_interval = poll_interval.PollInterval(interval)
        self._clock = clock
        self._server_clock = server_clock.ServerClock(clock)
        #: By key, those in the list and those whose end is not known yet.
        self._trackers: dict[str, tracking.MigrationTracker] = {}
        self._ended: collections.deque[tracking.Tracked] = collections.deque(
            maxlen=kept)
        self._polled_at: typing.Optional[float] = None
        self._taken_at: typing.Optional[float] = None
        self._capabilities: typing.Optional[discovery.Capabilities] = None

    @property
    def wait(self) -> float:
        """Seconds until the next poll is worthwhile, 0.0 for now."""
        if self._polled_at is None:
            return 0.0
        passed = max(self._clock() - self._polled_at, 0.0)
        return max(self._poll_interval.wait - passed, 0.0)

    def poll(self) -> Snapshot:
        """Ask the cloud now, whatever ``wait`` says.

        :returns: a Snapshot. When the poll fails it is the last one, with
            newer ages and the error; no ClientError is raised.
        """
        started = self._clock()
        error = None
        try:
            capabilities, gap = self._update()
        except errors.ClientError as exc:
            error = exc
            self._poll_interval.note_failure(
                exc.retry_after if isinstance(exc, errors.ServerFailed)
                else None)
        else:
            self._poll_interval.note_success(
                max(self._clock() - started, 0.0),
                capabilities.listing != discovery.PROGRESS, gap)
        self._polled_at = self._clock()
        age = None
        if self._taken_at is not None:
            age = max(self._polled_at - self._taken_at, 0.0)
        return Snapshot(
            self._taken_at, age,
            tuple(tracker.tracked for tracker in self._trackers.values()) +
            tuple(self._ended), error, self._capabilities)

    def snapshots(self, sleep: abc.Callable[[float], object] = time.sleep
                  ) -> abc.Iterator[Snapshot]:
        """Yield a snapshot as often as is worthwhile, for ever.

        :param sleep: called with the seconds to wait before each poll, 0.0
            included; there are no more snapshots once it returns something
            true, as the wait() of a threading.Event that is set does
        """
        while not sleep(self.wait):
            yield self.poll()

    def _update(self) -> tuple[discovery.Capabilities, typing.Optional[float]]:
        """Ask the cloud once and hand the records to their trackers.

        :returns: what the cloud offers, and the least that
            tracking.MigrationTracker.update says
        :raises ClientError: no good answer; what is known has become older
        """
        since = self._server_clock.translate(
            self._clock() if self._taken_at is None else self._taken_at)
        try:
            records = self._cloud.migrations(**self._filters)
        except errors.ClientError:
            now = self._server_clock.now()
            for tracker in self._trackers.values():
                tracker.reassess(now)
            raise
        capabilities = self._capabilities = self._cloud.capabilities()
        self._taken_at = self._clock()
        self._server_clock.set(
            self._cloud.server_date,
            max((record.sampled_at or 0.0 for record in records),
                default=0.0))
        now = self._server_clock.now()
        gone = self._trackers
        self._trackers = {}
        gaps = []
        for record in records:
            if record.key in gone:
                tracker = gone.pop(record.key)
                gaps.append(tracker.update(record, now))
            else:
                self._forget_end(record.key)
                tracker = tracking.MigrationTracker(record, now)
            self._trackers[record.key] = tracker
        # Kept until it is known why they are not in the list.
        self._trackers.update(gone)
        for tracker in gone.values():
            tracker.reassess(now)
        if gone:
            self._conclude(gone, since, now)
        return capabilities, min((gap for gap in gaps if gap is not None),
                                 default=None)

    def _forget_end(self, key: str) -> None:
        """Drop an end: one that had vanished may come back with its cell."""
        for tracked in [tracked for tracked in self._ended
                        if tracked.record.key == key]:
            self._ended.remove(tracked)

    def _conclude(self, gone: dict[str, tracking.MigrationTracker],
                  since: float, now: float) -> None:
        """Find out how migrations that left the list have ended."""
        statuses = self._filters.get(
            'statuses', migration_statuses.IN_PROGRESS_STATUSES)
        found = find_ends(
            self._cloud, self._filters,
            [tracker.tracked.record for tracker in gone.values()], since)
        for key, record in found.items():
            tracker = gone[key]
            if record is None:
                tracker.mark_vanished()
            else:
                tracker.update(record, now)
                if not statuses or record.status in statuses:
                    # Slipped through between two pages of the list.
                    continue
            del self._trackers[key]
            if tracker.tracked.ended or tracker.tracked.vanished:
                self._ended.appendleft(tracker.tracked)


def find_ends(
        cloud: compute_cloud.Cloud, filters: Filters,
        gone: abc.Iterable[migration_record.MigrationRecord], since: float
) -> dict[str, typing.Optional[migration_record.MigrationRecord]]:
    """Find records of migrations, whatever their status.

    One request for what changed lately, and one for each, up to SINGLE, that
    is not among it.

    :param filters: those that the migrations match
    :param gone: the migrations as they were
    :param since: seconds on the server's clock; they changed after it
    :returns: a mapping of keys to a MigrationRecord, or None when it is
        certainly not there; those of which nothing is known yet are missing
    :raises ClientError: no good answer
    """
    wanted = {record.key: record for record in gone}
    found: dict[str, typing.Optional[migration_record.MigrationRecord]] = {}
    filters = dict(filters, statuses=None, numbers=False)
    try:
        moment = datetime.datetime.fromtimestamp(
            max(since - _CLOCK_SKEW, 0.0), datetime.timezone.utc)
        found.update(_list_wanted(cloud, wanted,
                                  dict(filters, changes_since=moment)))
    except errors.Unsupported:
        # Nova before microversion 2.59: one by one.
        pass
    filters.pop('changes_since', None)
    for key in [key for key in wanted if key not in found][:SINGLE]:
        found.update(_list_wanted(cloud, wanted, dict(
            filters, server=wanted[key].instance_uuid)))
        found.setdefault(key, None)
    return found


def _list_wanted(cloud: compute_cloud.Cloud, wanted: abc.Container[str],
                 filters: Filters
                 ) -> dict[str, migration_record.MigrationRecord]:
    return {record.key: record for record in cloud.migrations(**filters)
            if record.key in wanted}
