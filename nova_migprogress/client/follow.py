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
import time
import typing

from nova_migprogress.client import discovery
from nova_migprogress.client import ends
from nova_migprogress.client import errors
from nova_migprogress.client import pace
from nova_migprogress.client import record as client_record
from nova_migprogress.client import tracking

#: Ended migrations that are kept in the pictures.
KEPT = 100

#: Seconds by which the server's Date must differ from what it should be
#: before its clock is set anew: it is in whole seconds.
_DRIFT = 1.0


@dataclasses.dataclass(frozen=True)
class Picture:
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
    offer: typing.Optional[discovery.Offer]


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
        self._pace = pace.Pace(interval)
        self._clock = clock
        self._items = {}
        self._over = collections.deque(maxlen=kept)
        self._looked_at = None
        self._taken_at = None
        self._offer = None
        #: Seconds that the server's clock is ahead of ours.
        self._ahead = 0.0

    @property
    def wait(self):
        """Seconds until the next look is worthwhile, 0.0 for now."""
        if self._looked_at is None:
            return 0.0
        passed = max(self._clock() - self._looked_at, 0.0)
        return max(self._pace.wait - passed, 0.0)

    def poll(self):
        """Look now, whatever ``wait`` says.

        :returns: a Picture. When the look fails it is the last one, with
            newer ages and the error.
        """
        started = self._clock()
        error = None
        try:
            gap = self._look()
        except errors.ClientError as exc:
            error = exc
            self._pace.failed(getattr(exc, 'retry_after', None))
        else:
            self._pace.succeeded(
                max(self._clock() - started, 0.0),
                self._offer.listing != discovery.PROGRESS, gap)
        self._looked_at = self._clock()
        age = None
        if self._taken_at is not None:
            age = max(self._looked_at - self._taken_at, 0.0)
        return Picture(
            self._taken_at, age,
            tuple(item.tracked for item in self._items.values()) +
            tuple(self._over), error, self._offer)

    def pictures(self, sleep=time.sleep):
        """Yield pictures for ever, as often as is worthwhile."""
        while True:
            sleep(self.wait)
            yield self.poll()

    def _look(self):
        """Look once; return what tracking.Item.update says, the least."""
        since = self._now() if self._taken_at is None else (
            self._taken_at + self._ahead)
        try:
            records = self._cloud.migrations(**self._filters)
        except errors.ClientError:
            for item in self._items.values():
                item.age(self._now())
            raise
        self._offer = self._cloud.offer()
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
        return tracking.Item()

    def _conclude(self, gone, since, now):
        statuses = self._filters.get('statuses', client_record.IN_PROGRESS)
        found = ends.find(
            self._cloud, self._filters,
            [item.tracked.record for item in gone.values()], since)
        for key, record in found.items():
            item = gone[key]
            if record is None:
                item.lose()
            else:
                item.update(record, now)
                if not statuses or record.status in statuses:
                    # Slipped through between two pages of the list.
                    continue
            del self._items[key]
            if item.tracked.ended or item.tracked.lost:
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
