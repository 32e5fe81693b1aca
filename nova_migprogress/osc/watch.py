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

"""``openstack server migration watch``."""

import contextlib
import signal
import threading
import time

from osc_lib.command import command

from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.osc import columns
from nova_migprogress.osc import connection
from nova_migprogress.osc import display
from nova_migprogress.osc import filters
from nova_migprogress.osc import keeping
from nova_migprogress.osc import note
from nova_migprogress.osc import outcome
from nova_migprogress.osc import poller
from nova_migprogress.osc import sampling
from nova_migprogress.osc import screen
from nova_migprogress.osc import trouble
from nova_migprogress.text import printable
from nova_migprogress.text import streams

#: Seconds without a byte of an answer after which a request has failed.
TIMEOUT = 20
#: Seconds between two drawings, for the ages.
REFRESH = 1.0
#: Ended migrations that stay on the screen.
KEPT = 1000


class WatchMigrations(command.Command):
    """Watch migrations until interrupted, those in trouble first.

    On a terminal a live picture, elsewhere a line for every change of a
    status, phase or verdict and every ten percent. An API that is slow or
    dead does not end it: the last picture stays, with its age.

    Exit codes: 0 all migrations that were seen completed; 2 one failed, was
    cancelled or vanished; 3 with ``--fail-on-stall``, one does not converge or
    has stalled; 130 interrupted while one was in progress and none had
    failed; 1 the watch could not begin.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'server', metavar='<server>', nargs='*',
            help='Watch migrations of these servers only (name or ID)')
        filters.add_to(parser)
        parser.add_argument(
            '--until-done', action='store_true',
            help='End when no migration is in progress')
        parser.add_argument(
            '--fail-on-stall', action='store_true',
            help='End with exit code 3 as soon as a migration does not '
                 'converge or has stalled')
        parser.add_argument(
            '--record', metavar='<file>',
            help='Append every sample to this file, a JSON object a line, '
                 'for nova-migprogress-replay')
        sampling.add_interval(parser)
        return parser

    def take_action(self, parsed_args):
        with keeping.Recording(parsed_args.record) as recording:
            cloud = connection.connect(self.app, TIMEOUT)
            with connection.reported():
                wanted = filters.query(parsed_args, cloud, self.app)
                self._begin(cloud)
            follower = follow.Follower(cloud, wanted, parsed_args.interval,
                                       kept=KEPT)
            looking = poller.Poller(follower, cloud, recording.keep)
            try:
                code = self._watch(looking, follower, recording, parsed_args)
            finally:
                looking.stop()
        return code

    def _begin(self, cloud):
        """Say what is left out.

        :raises ClientError: there will never be an answer
        """
        self._told = set()
        try:
            self._tell(cloud.offer())
        except (errors.Unreachable, errors.ServerFailed) as exc:
            # It may come back.
            self.log.warning(printable.sentence(exc))

    def _tell(self, offer):
        for sentence in offer.missing if offer else ():
            if sentence not in self._told:
                self._told.add(sentence)
                self.log.warning(printable.printable(sentence))

    def _watch(self, looking, follower, recording, parsed_args):
        result = outcome.Outcome()
        look = poller.Look()
        try:
            with _terminating(), display.on(self.app.stdout) as shown:
                looking.start()
                while True:
                    before, look = look, looking.after(look.number, REFRESH)
                    news = look.number != before.number
                    picture = look.picture
                    if picture is not None and news:
                        result.take(picture)
                        if not shown.covers:
                            self._tell(picture.offer)
                    shown.show(_view(look, looking, follower, recording),
                               news)
                    if picture is None or not news:
                        continue
                    if parsed_args.fail_on_stall and result.stalled:
                        return outcome.STALLED
                    if (parsed_args.until_done and not result.running and
                            picture.error is None):
                        return result.code()
        except KeyboardInterrupt:
            return result.code(interrupted=True)
        except BrokenPipeError:
            streams.silence(self.app.stdout)
            return result.code(interrupted=True)
        finally:
            self._tell(look.picture and look.picture.offer)


def _view(look, looking, follower, recording):
    asking_since = looking.asking_since
    sentence, wrong = note.of(
        look, asking_since, time.time(),
        None if asking_since else follower.wait)
    if recording.problem:
        sentence, wrong = '%s; %s' % (sentence, recording.problem), True
    tracked = look.picture.tracked if look.picture else ()
    later = time.time() - look.at
    offer = look.picture and look.picture.offer
    return screen.View(
        [columns.of_tracked(item, look.names, later)
         for item in sorted(tracked, key=trouble.key)],
        sentence, wrong, offer.missing if offer else ())


@contextlib.contextmanager
def _terminating():
    """End on SIGTERM as on Ctrl-C: the terminal is left in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
