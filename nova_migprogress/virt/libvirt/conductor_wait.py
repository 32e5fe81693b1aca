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

"""Wait for the conductor where Nova ends a live migration.

Nova gives up at the first call to the conductor that fails (in
_post_live_migration and _rollback_live_migration of
nova.compute.manager.ComputeManager) and leaves the migration unfinished: after
a success the guest is recorded on the wrong host. Whether conductor, queue and
database are there is proved by a write, because a database may answer and yet
refuse to write, as after a failover to a primary that is still read-only.
"""

import collections.abc
import datetime
import threading
import time
import typing

import nova.conf
from nova import exception as nova_exception
from oslo_config import cfg
from oslo_log import log as logging

from nova_migprogress import conf
from nova_migprogress import fields
from nova_migprogress.virt.libvirt import conductor
from nova_migprogress.virt.libvirt import job_stats
from nova_migprogress.virt.libvirt import log_once

if typing.TYPE_CHECKING:
    from nova import objects

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF

#: Seconds between two attempts.
PAUSE = 2
#: Seconds for which an answer counts, and after which no answer means that
#: something is away.
FRESH = 1
#: Seconds between two looks whether the service is being stopped.
STEP = 0.5

#: After so many attempts that were not answered each is given twice the time.
PATIENT_AFTER = 3

#: What is logged when it is given up, about a guest that has moved or not.
_ADVICE = {
    True: 'which Nova may not have recorded: do not start, reboot or evacuate '
          'the server before "After the waiting was given up" in the admin '
          'guide of nova-migprogress was followed.',
    False: 'where it was before. If the server stays in the task state '
           'migrating, set its state to active when the conductor is back.'}


def get_patience() -> int:
    """Return the seconds for which the conductor is waited for; 0 for none."""
    try:
        patience: int = CONF.migration_progress.conductor_patience
    except cfg.ConfigFileValueError as exc:
        # It came with a reload; a bad value is no reason to lose a guest.
        patience = conf.CONDUCTOR_PATIENCE
        LOG.error('%(error)s. %(seconds)d seconds are used.',
                  {'error': exc, 'seconds': patience})
    return patience


class ConductorWait:
    """Asks for one live migration whether the conductor is there.

    Asking is done by a daemon thread of its own, which neither queues behind
    other writes nor holds up who waits: a message to a queue that is away is
    published without a deadline. No method raises.

    :param migration: the nova.objects.Migration that Nova works with; copied
    :param instance: the nova.objects.Instance that is migrated
    :param source: the host that it is on
    :param is_stopping: tells whether the service is being stopped
    """

    def __init__(self, migration: 'objects.Migration',
                 instance: 'objects.Instance', source: str,
                 is_stopping: collections.abc.Callable[[], bool]) -> None:
        self._instance = instance
        self._is_stopping = is_stopping
        self._host = source
        self._moved = False
        #: Returns the numbers that are to be written, if any.
        self._get_numbers: collections.abc.Callable[
            [], typing.Optional[job_stats.ProgressNumbers]] = lambda: None
        #: Guards what follows.
        self._lock = threading.Lock()
        #: There is a thread that asks.
        self._asking = False
        #: It was asked for while one was at it: that answer may be of before.
        self._again = False
        #: Set while nothing is asked.
        self._answered = threading.Event()
        #: time.monotonic() of the last answer and of the first question since.
        self._answered_at: typing.Optional[float] = None
        self._asked_at = 0.0
        #: A status of the migration that is to be saved.
        self._status: typing.Optional[str] = None
        #: Set when nobody wants an answer any more.
        self._over = threading.Event()
        self._error: typing.Optional[Exception] = None
        self._given_up = False
        #: Seconds that have been waited for so far, by one thread.
        self._waited = 0.0
        #: An attempt failed since the migration's end began.
        self.was_away = False
        #: An attempt was given up; it may still be done later.
        self._late = False
        #: So many attempts were not answered. Touched by the thread only.
        self._timeouts = 0
        #: A copy with nothing but our own changes. Touched by the thread only.
        self._migration = migration.obj_clone()
        self._migration.obj_reset_changes()
        self._api = conductor.make_impatient(self._migration)

    def begin_end(self, get_numbers: collections.abc.Callable[
            [], typing.Optional[job_stats.ProgressNumbers]],
            dest: typing.Optional[str] = None) -> None:
        """Note that libvirt's job has ended; begin to ask, return at once.

        :param get_numbers: returns the final numbers, which are what is
            written from now on
        :param dest: the host that the guest has moved to, None if it has not
        """
        self._get_numbers = get_numbers
        if dest is not None:
            self._host = dest
            self._moved = True
        # What was before it does not count.
        self.was_away = self.away
        if get_patience():
            self.ask()

    def ask(self) -> None:
        """Begin to ask, or ask once more if that is under way; do not wait."""
        try:
            with self._lock:
                self._again = self._asking
                if self._asking or self._over.is_set():
                    return
                self._asking = True
                self._asked_at = time.monotonic()
                self._answered.clear()
            threading.Thread(target=self._ask, daemon=True,
                             name='migration-progress-proof').start()
        except Exception:
            with self._lock:
                self._asking = False
            LOG.exception('The conductor cannot be asked',
                          instance=self._instance)

    def save_status(self, status: str) -> None:
        """Save a status of the migration as soon as possible; do not wait."""
        with self._lock:
            self._status = status
        self.ask()

    @property
    def unanswered(self) -> bool:
        """What was asked has not been answered; it may still be done later."""
        return self._late or self._asking

    @property
    def asking(self) -> bool:
        """There is a thread that asks."""
        return self._asking

    @property
    def answered_lately(self) -> bool:
        """It has been proved a moment ago that the conductor is there."""
        return (not self._asking and self._answered_at is not None and
                time.monotonic() - self._answered_at <= FRESH)

    def answered_since(self, moment: float) -> bool:
        """It has been proved since then that the conductor is there.

        :param moment: of time.monotonic()
        """
        return (not self._asking and self._answered_at is not None and
                self._answered_at >= moment)

    @property
    def away(self) -> bool:
        """What was asked last has not been answered as soon as it should."""
        return self._asking and (
            self._error is not None or
            time.monotonic() - self._asked_at > FRESH)

    def wait(self) -> bool:
        """Return when the conductor is there, or when it is given up.

        It is asked anew each time: it may have gone since the last answer.
        It is given up after [migration_progress] conductor_patience seconds,
        of all waits together, and when the service is being stopped.

        :returns: it is there, as far as one knows
        """
        try:
            patience = get_patience()
            if patience and not self._given_up:
                began = time.monotonic()
                try:
                    self._wait(began, patience)
                finally:
                    self._waited += time.monotonic() - began
        except Exception:
            LOG.exception('The conductor is not waited for',
                          instance=self._instance)
        return not self._given_up

    def outlasted(self) -> bool:
        """Wait, and tell whether it was away and is back.

        It may have been away for any time since the migration's end began.
        """
        return self.wait() and self.was_away and get_patience() > 0

    def close(self) -> None:
        """Ask nothing any more; returns at once."""
        self._over.set()

    def _wait(self, began: float, patience: int) -> None:
        log_waiting = log_once.LogOnce(
            LOG.warning,
            'The conductor does not answer (%(error)s). The end of the live '
            'migration is completed as soon as it does, for at most '
            '%(seconds)d seconds it is waited for.', instance=self._instance)
        self.ask()
        while self._asking:
            left = patience - self._waited - (time.monotonic() - began)
            # A conductor that answers need not be given up.
            stopping = self.away and self._is_stopping()
            if left <= 0 or stopping:
                self._give_up(self._waited + time.monotonic() - began,
                              stopping)
                return
            if self.away:
                self.was_away = True
                log_waiting({'error': self._error or 'no answer yet',
                             'seconds': patience})
            self._answered.wait(min(left, STEP))
        if log_waiting.logged:
            LOG.info('Nova goes on with the end of the live migration after '
                     '%d seconds', time.monotonic() - began,
                     instance=self._instance)

    def _give_up(self, seconds: float, stopping: bool) -> None:
        self._given_up = True
        self._over.set()
        LOG.warning(
            'The conductor is not waited for any longer, after %(seconds)d '
            'seconds%(reason)s. The guest runs on the host %(host)s, '
            '%(advice)s',
            {'seconds': seconds,
             'reason': ': nova-compute is being stopped' if stopping else '',
             'host': self._host, 'advice': _ADVICE[self._moved]},
            instance=self._instance)

    def _ask(self) -> None:
        """Write until it succeeds; what the thread does."""
        try:
            while not self._over.is_set():
                with self._lock:
                    status = self._status
                    self._again = False
                if not self._attempt(status):
                    self._over.wait(PAUSE)
                    continue
                with self._lock:
                    self._error = None
                    if self._status == status:
                        self._status = None
                    if self._again or self._status is not None:
                        # This one has been answered in time.
                        self._asked_at = time.monotonic()
                        continue
                    self._answered_at = time.monotonic()
                    self._stop_asking()
                    return
        except BaseException:
            # Whoever waits must not wait for a thread that is no more.
            with self._lock:
                self._stop_asking()
            LOG.exception('The conductor cannot be asked',
                          instance=self._instance)
            return
        with self._lock:
            self._stop_asking()

    def _stop_asking(self) -> None:
        self._error = None
        self._asking = False
        self._answered.set()

    def _attempt(self, status: typing.Optional[str]) -> bool:
        """Write once, and tell whether that was answered."""
        try:
            if self._error is not None:
                # Saves that pile up in the conductor's queue would all be
                # done when it is back, in any order.
                conductor.ping(self._migration._context,
                               self._answer_timeout())
            if self._over.is_set():
                # Nova may have saved a later status since.
                return False
            self._write(status)
        except nova_exception.MigrationNotFound:
            LOG.debug('The record of the migration is gone',
                      instance=self._instance)
        except Exception as exc:
            if conductor.is_outage(exc):
                self._error = exc
                self.was_away = True
                if conductor.is_late(exc):
                    self._late = True
                    self._timeouts += 1
                return False
            # A refusal is an answer.
            LOG.debug('The conductor answers: %s', exc,
                      instance=self._instance)
        return True

    def _answer_timeout(self) -> int:
        """Return the seconds for which the next answer is waited for.

        Where answers are lost it is better to ask soon again. A conductor that
        is slow needs the time that Nova would give it.
        """
        return min(
            conductor.ANSWER_TIMEOUT << self._timeouts // PATIENT_AFTER,
            max(conductor.ANSWER_TIMEOUT,
                getattr(CONF, 'rpc_response_timeout', 60)))

    def _write(self, status: typing.Optional[str]) -> None:
        numbers = self._get_numbers()
        for name, value in zip(fields.NAMES, numbers or ()):
            if value is not None:
                setattr(self._migration, name, value)
        if status is not None:
            self._migration.status = status
        # A save that changes nothing would send no UPDATE (SQLAlchemy compares
        # with the row that migration_update of nova.db.main.api has read) and
        # prove nothing. This is what every other save does to the row.
        self._migration.updated_at = datetime.datetime.now(
            datetime.timezone.utc).replace(microsecond=0)
        if self._api is not None:
            self._api.timeout = self._answer_timeout()
        self._migration.save()
