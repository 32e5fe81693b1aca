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

"""Polls the cloud beside the display, which must never wait for it."""

import collections.abc
import logging
import threading
import time
import typing

from nova_migprogress.client import cloud
from nova_migprogress.client import follow
from nova_migprogress.osc import connection

LOG = logging.getLogger(__name__)


class PollResult(typing.NamedTuple):
    """What is known after the newest poll."""

    #: None before the first one.
    snapshot: typing.Optional[follow.Snapshot] = None
    #: By the servers' uuids.
    server_names: collections.abc.Mapping[str, str] = {}
    #: An error that is not of the cloud but of the polling itself.
    fault: typing.Optional[Exception] = None
    #: Counts the polls.
    number: int = 0
    #: When the newest ended, in seconds since 1970.
    polled_at: float = 0.0


def _ignore(snapshot: follow.Snapshot,
            server_names: collections.abc.Mapping[str, str]) -> None:
    """Do nothing with a snapshot."""


class Poller(threading.Thread):
    """Polls for ever, whatever happens.

    :param follower: nobody else may poll with it
    :param cloud: the follower's; nobody else may use it
    :param on_snapshot: called with each snapshot and the names of the servers
        by their uuids, in this thread
    """

    def __init__(
            self, follower: follow.Follower, cloud: cloud.Cloud,
            on_snapshot: collections.abc.Callable[
                [follow.Snapshot, collections.abc.Mapping[str, str]],
                None] = _ignore) -> None:
        super().__init__(name='poller', daemon=True)
        self._follower = follower
        self._cloud = cloud
        self._on_snapshot = on_snapshot
        self._stopping = threading.Event()
        #: Guards the result, and tells of a new one.
        self._published = threading.Condition()
        self._result = PollResult()
        self._polling_since: typing.Optional[float] = None

    @property
    def polling_since(self) -> typing.Optional[float]:
        """When the poll that is under way began, None without one.

        In seconds since 1970.
        """
        return self._polling_since

    def run(self) -> None:
        # Not with Follower.snapshots(): it would poll once more when it is
        # stopped while it waits, and a fault would be its end.
        while not self._stopping.wait(self._follower.wait):
            self._polling_since = time.time()
            try:
                snapshot = self._follower.poll()
                names = self._result.server_names
                if snapshot.error is None:
                    # Asks the cloud only when there is a new server.
                    names = dict(names, **connection.find_server_names(
                        self._cloud, snapshot.tracked))
                # First, as the last poll may end the watch.
                self._on_snapshot(snapshot, names)
                self._publish(
                    snapshot=snapshot, server_names=names, fault=None)
            except Exception as exc:
                # Nothing may end a watch.
                LOG.debug('A poll failed', exc_info=True)
                self._publish(fault=exc)
                self._stopping.wait(1.0)
            finally:
                self._polling_since = None

    def stop(self) -> None:
        """End soon; a request under way is not waited for."""
        self._stopping.set()

    def wait_for_result(self, known: int, timeout: float) -> PollResult:
        """Wait for the result of a poll later than one that is known.

        :param known: that poll's number
        :param timeout: seconds to wait at the most
        :returns: the newest result, be it the known one
        """
        with self._published:
            self._published.wait_for(
                lambda: self._result.number > known, timeout)
            return self._result

    def _publish(self, **changes: typing.Any) -> None:
        with self._published:
            self._result = self._result._replace(
                number=self._result.number + 1, polled_at=time.time(),
                **changes)
            self._published.notify_all()
