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

from nova_migprogress.cli import streams
from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.osc import columns
from nova_migprogress.osc import connection
from nova_migprogress.osc import filters
from nova_migprogress.osc import sampling
from nova_migprogress.osc import sorting
from nova_migprogress.osc.watch import display
from nova_migprogress.osc.watch import exit_code
from nova_migprogress.osc.watch import poller
from nova_migprogress.osc.watch import recording
from nova_migprogress.osc.watch import screen
from nova_migprogress.osc.watch import status_line
from nova_migprogress.text import printable

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
        filters.add_arguments(parser)
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
        sampling.add_interval_argument(parser)
        return parser

    def take_action(self, parsed_args):
        with recording.WatchRecording(parsed_args.record) as recorded:
            cloud = connection.connect(self.app, TIMEOUT)
            with connection.reported():
                wanted = filters.query(parsed_args, cloud, self.app)
                self._begin(cloud)
            follower = follow.Follower(cloud, wanted, parsed_args.interval,
                                       kept=KEPT)
            polling = poller.Poller(follower, cloud, recorded.keep)
            try:
                code = self._watch(polling, follower, recorded, parsed_args)
            finally:
                polling.stop()
        return code

    def _begin(self, cloud):
        """Say what is left out.

        :raises ClientError: there will never be an answer
        """
        self._told = set()
        try:
            self._tell(cloud.capabilities())
        except (errors.Unreachable, errors.ServerFailed) as exc:
            # It may come back.
            self.log.warning(printable.sentence(exc))

    def _tell(self, capabilities):
        for sentence in capabilities.missing if capabilities else ():
            if sentence not in self._told:
                self._told.add(sentence)
                self.log.warning(printable.escape(sentence))

    def _watch(self, polling, follower, recorded, parsed_args):
        result = exit_code.ExitCode()
        poll = poller.Poll()
        try:
            with _terminating(), display.open_display(self.app.stdout) as shown:
                polling.start()
                while True:
                    before, poll = poll, polling.after(poll.number, REFRESH)
                    news = poll.number != before.number
                    snapshot = poll.snapshot
                    if snapshot is not None and news:
                        result.take(snapshot)
                        if not shown.covers:
                            self._tell(snapshot.capabilities)
                    shown.show(_view(poll, polling, follower, recorded),
                               news)
                    if snapshot is None or not news:
                        continue
                    if parsed_args.fail_on_stall and result.stalled:
                        return exit_code.STALLED
                    if (parsed_args.until_done and not result.running and
                            snapshot.error is None):
                        return result.code()
        except KeyboardInterrupt:
            return result.code(interrupted=True)
        except BrokenPipeError:
            streams.silence(self.app.stdout)
            return result.code(interrupted=True)
        finally:
            self._tell(poll.snapshot and poll.snapshot.capabilities)


def _view(poll, polling, follower, recorded):
    asking_since = polling.asking_since
    sentence, wrong = status_line.describe(
        poll, asking_since, time.time(),
        None if asking_since else follower.wait)
    if recorded.problem:
        sentence, wrong = '%s; %s' % (sentence, recorded.problem), True
    tracked = poll.snapshot.tracked if poll.snapshot else ()
    later = time.time() - poll.at
    capabilities = poll.snapshot and poll.snapshot.capabilities
    return screen.View(
        [columns.make_row(item, poll.names, later)
         for item in sorted(tracked, key=sorting.trouble_key)],
        sentence, wrong, capabilities.missing if capabilities else ())


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
