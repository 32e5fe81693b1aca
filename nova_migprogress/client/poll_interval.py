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

"""How long to wait between two polls of a cloud."""

import typing

#: The least seconds between two polls: the default intervals at which the
#: plugin and stock Nova write (_live_migration_monitor of
#: nova/virt/libvirt/driver.py; before 34 its interval cannot be set).
INTERVAL = 2.0
STOCK_INTERVAL = 5.0

#: The longest wait, after errors too.
LONGEST = 60.0

#: The longest interval of writing that is followed: new migrations are to be
#: seen within it.
SLOWEST = 30.0

#: A poll takes at most this share of the time, so that a slow API is not
#: kept busy by us alone.
_SHARE = 0.5

#: So many polls must see a slow interval before it is believed, because one
#: may be a passing fault; and after so many it is doubted again.
_EVIDENCE = 3
_DOUBT = 30


class PollInterval:
    """Not faster than the server writes, slower after errors.

    :param interval: seconds between two polls that the user wants, or None
    """

    def __init__(self, interval: typing.Optional[float] = None) -> None:
        self._wanted = interval
        self._default = INTERVAL
        self._gaps: list[float] = []
        self._polls = 0
        self._failures = 0
        #: Seconds to wait after the last poll.
        self.wait = 0.0

    @property
    def interval(self) -> float:
        """Seconds between two polls while all is well."""
        written = self._default
        if len(self._gaps) >= _EVIDENCE:
            written = max(written, min(min(self._gaps), SLOWEST))
        return max(self._wanted or 0.0, written)

    def note_success(self, took: float, stock: bool,
                     gap: typing.Optional[float] = None) -> None:
        """Note a poll that the cloud has answered.

        :param took: seconds
        :param stock: the cloud is without the plugin
        :param gap: seconds between the last two writes of a migration between
            which we have polled in vain, the least of all; None without
        """
        self._default = STOCK_INTERVAL if stock else INTERVAL
        self._failures = 0
        self._polls += 1
        if gap is not None:
            self._gaps.append(gap)
        if self._polls >= _DOUBT:
            self._polls = 0
            self._gaps = []
        self.wait = min(max(self.interval - took, took / _SHARE - took),
                        LONGEST)

    def note_failure(self, retry_after: typing.Optional[float] = None
                     ) -> None:
        """Note a poll that failed; every further one doubles the wait.

        :param retry_after: seconds that the server asked for, or None
        """
        self._failures += 1
        wait = self.interval * 2 ** min(self._failures, 10)
        self.wait = min(max(wait, retry_after or 0.0), LONGEST)
