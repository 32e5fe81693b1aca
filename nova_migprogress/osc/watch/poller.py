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

"""Looks at the cloud beside the view, which must never wait for it."""

import logging
import threading
import time
import typing

from nova_migprogress.client import follow
from nova_migprogress.osc import server_names

LOG = logging.getLogger(__name__)


class Poll(typing.NamedTuple):
    """What the poller saw last."""

    #: A follow.Snapshot, None before the first one.
    snapshot: typing.Optional[follow.Snapshot] = None
    #: Names of the servers by uuid.
    names: typing.Mapping = {}
    #: An error that is not of the cloud but of the looking itself.
    fault: typing.Optional[Exception] = None
    #: Counts the looks.
    number: int = 0
    #: When it was, in seconds since 1970.
    at: float = 0.0


class Poller(threading.Thread):
    """Polls for ever, whatever happens.

    :param follower: a client.follow.Follower; nobody else may use it
    :param cloud: its client.cloud.Cloud; nobody else may use it
    :param keep: called with each Picture and the names, in this thread
    """

    def __init__(self, follower, cloud, keep=lambda snapshot, names: None):
        super().__init__(name='poller', daemon=True)
        self._follower = follower
        self._cloud = cloud
        self._keep = keep
        self._over = threading.Event()
        self._news = threading.Condition()
        self._poll = Poll()
        self._asking_since = None

    @property
    def asking_since(self):
        """When the question was asked that is still open, else None."""
        return self._asking_since

    def run(self):
        while not self._over.wait(self._follower.wait):
            self._asking_since = time.time()
            try:
                snapshot = self._follower.poll()
                names = self._poll.names
                if snapshot.error is None:
                    # Asks the cloud only when there is a new server.
                    names = dict(names, **server_names.names(self._cloud,
                                                             snapshot.tracked))
                # First, as the last look may end the watch.
                self._keep(snapshot, names)
                self._publish(snapshot=snapshot, names=names, fault=None)
            except Exception as exc:
                # Nothing may end a watch.
                LOG.debug('A look failed', exc_info=True)
                self._publish(fault=exc)
                self._over.wait(1.0)
            finally:
                self._asking_since = None

    def stop(self):
        """End soon; a request under way is not waited for."""
        self._over.set()

    def after(self, number, timeout):
        """Wait for a look later than that of a number.

        :param timeout: seconds to wait at the most
        :returns: the last Look, be it that one
        """
        with self._news:
            self._news.wait_for(lambda: self._poll.number > number, timeout)
            return self._poll

    def _publish(self, **changes):
        with self._news:
            self._poll = self._poll._replace(
                number=self._poll.number + 1, at=time.time(), **changes)
            self._news.notify_all()
