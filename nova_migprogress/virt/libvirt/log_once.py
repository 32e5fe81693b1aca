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

"""One log entry for what may go wrong again and again, as at every poll."""

import collections.abc
import typing

from oslo_log import log as logging

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)


class LogOnce:
    """A log entry that is not repeated.

    :param log: the method of a logger that logs it, such as its warning()
    :param message: of the entry
    :param kwargs: as the logger takes them, such as ``instance``
    """

    def __init__(self, log: collections.abc.Callable[..., None],
                 message: str, **kwargs: typing.Any) -> None:
        self._log = log
        self._message = message
        self._kwargs = kwargs
        self._reason: typing.Optional[str] = None

    def __call__(self, *args: typing.Any, reason: str = '') -> None:
        """Log the entry, unless that was done.

        :param args: of the message
        :param reason: another one than the last time makes it another entry
        """
        if reason != self._reason:
            self._reason = reason
            self._log(self._message, *args, **self._kwargs)

    @property
    def logged(self) -> bool:
        """The entry was logged, and reset() not called since."""
        return self._reason is not None

    def reset(self) -> None:
        """Log the entry again the next time."""
        self._reason = None


def recording_failure(instance: 'objects.Instance') -> LogOnce:
    """Return the entry for an exception of ours, to be called handling it.

    Recording must not disturb a migration, so its errors end in the log; and
    the same poll would repeat them twice a second.

    :param instance: the instance that is migrated
    """
    return LogOnce(LOG.exception,
                   'Recording the progress of the migration failed; the '
                   'migration is not affected', instance=instance)
