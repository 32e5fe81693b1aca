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

import argparse
import collections.abc
import contextlib
import signal
import threading
import time
import typing

from osc_lib.command import command

from nova_migprogress.cli import streams
from nova_migprogress.client import cloud
from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import follow
from nova_migprogress.osc import connection
from nova_migprogress.osc import filters
from nova_migprogress.osc import sampling
from nova_migprogress.osc.watch import display
from nova_migprogress.osc.watch import exit_code
from nova_migprogress.osc.watch import poller
from nova_migprogress.osc.watch import recording
from nova_migprogress.osc.watch import view
from nova_migprogress.text import printable

#: Seconds without a byte of an answer after which a request has failed.
REQUEST_TIMEOUT = 20
#: Seconds between two drawings, for the ages.
REFRESH_INTERVAL = 1.0
#: Ended migrations that stay on the screen.
KEPT_ENDED = 1000


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

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
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

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        # Sentences about what the cloud leaves out that were logged.
        self._warned: set[str] = set()
        with recording.WatchRecording(parsed_args.record) as recorded:
            cloud = connection.connect(self.app, REQUEST_TIMEOUT)
            with connection.translate_errors():
                wanted = filters.collect_filters(parsed_args, cloud, self.app)
                self._check_cloud(cloud)
            follower = follow.Follower(cloud, wanted, parsed_args.interval,
                                       kept=KEPT_ENDED)
            polling = poller.Poller(follower, cloud, recorded.write)
            try:
                code = self._watch(polling, follower, recorded, parsed_args)
            finally:
                polling.stop()
        return code

    def _check_cloud(self, cloud: cloud.Cloud) -> None:
        """Say what the cloud leaves out.

        :raises ClientError: there will never be an answer
        """
        try:
            self._warn_of_missing(cloud.capabilities())
        except (errors.Unreachable, errors.ServerFailed) as exc:
            # It may come back.
            self.log.warning(printable.sentence(exc))

    def _warn_of_missing(
            self, capabilities: typing.Optional[discovery.Capabilities]
    ) -> None:
        connection.warn_of_missing(self.log, capabilities, self._warned)

    def _watch(self, polling: poller.Poller, follower: follow.Follower,
               recorded: recording.WatchRecording,
               parsed_args: argparse.Namespace) -> int:
        """Show every result of the poller; return the exit code."""
        conclusion = exit_code.ExitCode()
        result = poller.PollResult()
        try:
            with _sigterm_as_interrupt(), \
                    display.open_display(self.app.stdout) as shown:
                polling.start()
                while True:
                    known = result.number
                    result = polling.wait_for_result(known, REFRESH_INTERVAL)
                    is_new = result.number != known
                    snapshot = result.snapshot
                    if snapshot is not None and is_new:
                        conclusion.add(snapshot)
                        if not shown.whole_screen:
                            self._warn_of_missing(snapshot.capabilities)
                    shown.show(_make_view(result, polling, follower, recorded),
                               is_new)
                    if snapshot is None or not is_new:
                        continue
                    if parsed_args.fail_on_stall and conclusion.stalled:
                        return exit_code.STALLED
                    if (parsed_args.until_done and snapshot.error is None and
                            not conclusion.in_progress):
                        return conclusion.code()
        except KeyboardInterrupt:
            return conclusion.code(interrupted=True)
        except BrokenPipeError:
            streams.silence(self.app.stdout)
            return conclusion.code(interrupted=True)
        finally:
            if result.snapshot is not None:
                self._warn_of_missing(result.snapshot.capabilities)


def _make_view(result: poller.PollResult, polling: poller.Poller,
               follower: follow.Follower,
               recorded: recording.WatchRecording) -> view.View:
    polling_since = polling.polling_since
    return view.make_view(
        result, polling_since, None if polling_since else follower.wait,
        recorded.problem, time.time())


@contextlib.contextmanager
def _sigterm_as_interrupt() -> collections.abc.Iterator[None]:
    """End on SIGTERM as on Ctrl-C: the terminal is left in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
