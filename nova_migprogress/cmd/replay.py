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

"""nova-migprogress-replay: assess recorded migrations offline.

Exit code 0: all of the recording was assessed; 1: some of it was left out or
is doubtful; 2: nothing was done, or not all that was asked for.
"""

import argparse
import collections.abc
import contextlib
import errno
import os
import sys
import typing

from nova_migprogress.cli import argument_types
from nova_migprogress.cli import streams
from nova_migprogress.recording import problems
from nova_migprogress.recording import raw_lines
from nova_migprogress.recording import reader
from nova_migprogress.replay import downsampling
from nova_migprogress.replay import json_output
from nova_migprogress.replay import moments
from nova_migprogress.replay import text_output
from nova_migprogress.report import collector
from nova_migprogress.report import output
from nova_migprogress.text import printable

#: What a shell reports of a program that SIGPIPE has ended.
_BROKEN_PIPE = 141


class _OutputGone(Exception):
    """Nobody reads standard output any more."""


class _OutputFailed(Exception):
    """Standard output cannot be written."""


def _check_uuid(value: str) -> str:
    """Check a value of ``--uuid``."""
    if not 0 < len(value) <= reader.MAX_STRING:
        raise argparse.ArgumentTypeError(
            'it has %d characters, which is not between 1 and %d'
            % (len(value), reader.MAX_STRING))
    return value


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='nova-migprogress-replay',
        description='Assess recorded migrations: which phase they were in, '
        'how fast they were, and whether they would have finished.',
        epilog='Exit code 0: all was assessed; 1: some of the recording was '
        'left out or is doubtful, standard error says what; 2: nothing was '
        'assessed, or the report was not written.')
    parser.add_argument(
        'file', metavar='FILE',
        help='the recording, JSON lines as of "openstack server migration '
        'watch --record"; - reads standard input')
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        '--json', action='store_true',
        help='one JSON object for each sample instead of text')
    shape.add_argument(
        '--all', action='store_true',
        help='a line for each sample, not only for each change')
    parser.add_argument(
        '--step', metavar='S',
        type=argument_types.seconds(downsampling.MIN_STEP,
                                    downsampling.MAX_STEP),
        help='thin out to one sample every S seconds (%g to %g) and the '
        'changes of the status' % (downsampling.MIN_STEP,
                                   downsampling.MAX_STEP))
    parser.add_argument(
        '--uuid', metavar='UUID', type=_check_uuid,
        help='the migration that lines without uuid belong to')
    parser.add_argument(
        '--report', metavar='FILE.html',
        help='also write a page with curves; it needs no network')
    return parser


class _Output:
    """Standard output, which may end before we do."""

    def __init__(self, stream: typing.Optional[typing.TextIO]) -> None:
        self._stream = stream
        #: Nobody reads it any more.
        self.gone = stream is None
        streams.tolerate(stream)

    def write(self, line: str) -> None:
        """Write a line.

        :raises _OutputFailed: as on a full disk
        """
        self._try(lambda stream: stream.write(line + '\n'))

    def flush(self) -> None:
        self._try(lambda stream: stream.flush())

    def _try(self, action: collections.abc.Callable[[typing.TextIO], object]
             ) -> None:
        if self._stream is None or self.gone:
            return
        try:
            action(self._stream)
        except OSError as exc:
            self.gone = True
            streams.silence(self._stream)
            if exc.errno != errno.EPIPE:
                raise _OutputFailed(exc.strerror)


def _print_error(message: str) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(printable.escape(message), file=sys.stderr)


def _fail(message: str) -> int:
    """Say why nothing was done; return the exit code."""
    _print_error('nova-migprogress-replay: ' + message)
    return 2


def _takes_colour(stream: typing.Optional[typing.TextIO]) -> bool:
    return (stream is not None and stream.isatty() and
            not os.environ.get('NO_COLOR') and
            os.environ.get('TERM') != 'dumb')


@contextlib.contextmanager
def _open_recording(
        path: str) -> collections.abc.Iterator[typing.IO[bytes]]:
    if path == '-':
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        yield sys.stdin.buffer
    else:
        with open(path, 'rb') as stream:
            yield stream


def main(argv: typing.Optional[collections.abc.Sequence[str]] = None) -> int:
    """Run the command.

    :param argv: arguments without the program's name; those of the process
        if None
    :returns: the exit code
    """
    args = _make_parser().parse_args(argv)
    try:
        if args.report:
            output.check(args.report, args.file)
    except output.Unwritable as exc:
        return _fail(str(exc))
    name = 'standard input' if args.file == '-' else args.file
    try:
        with _open_recording(args.file) as stream:
            return _replay(args, name, stream)
    except OSError as exc:
        return _fail('cannot read %s: %s' % (name, exc.strerror))
    except raw_lines.Compressed as exc:
        return _fail('cannot read %s: it is %s' % (name, exc))
    except output.Unwritable as exc:
        return _fail(str(exc))
    except _OutputFailed as exc:
        return _fail('cannot write to standard output: %s' % exc)
    except _OutputGone:
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        _print_error('interrupted')
        return 130


def _replay(args: argparse.Namespace, name: str,
            stream: typing.IO[bytes]) -> int:
    """Assess a recording; return the exit code.

    :param name: of the recording, for messages
    :param stream: the recording
    """
    if sys.stdout is None and not args.report:
        raise _OutputFailed('it is closed')
    out = _Output(sys.stdout)
    found = problems.Problems(
        lambda message: _print_error('%s: %s' % (name, message)))
    rows = reader.Reader(stream, found.add, args.uuid)
    page = collector.Collector() if args.report else None
    text = None
    if not args.json:
        text = text_output.TextWriter(out.write, args.all,
                                      _takes_colour(sys.stdout))
    player = moments.Replayer()
    for row in _downsample(rows, args.step):
        moment = player.assess(row)
        if text is None:
            out.write(json_output.to_json(moment))
        else:
            text.add(moment)
        if page:
            page.add(moment)
        elif out.gone:
            raise _OutputGone()
    if not rows.rows:
        if not found:
            found.add(problems.Problem('empty', 0, 'empty: it has no lines'))
        found.close()
        return _fail('nothing in %s could be assessed' % name)
    if text:
        text.close()
    out.flush()
    found.close()
    if page:
        output.write(args.report, page.render(
            os.path.basename(name), rows.rows, found.told, args.step))
    elif out.gone:
        return _BROKEN_PIPE
    return 1 if found else 0


def _downsample(
        rows: collections.abc.Iterable[reader.RecordedSample],
        step: typing.Optional[float]
) -> collections.abc.Iterator[reader.RecordedSample]:
    """Yield the rows that stay when a recording is thinned out."""
    if step is None:
        yield from rows
        return
    thinner = downsampling.Thinner(step)
    for row in rows:
        if thinner.take(row):
            yield row
    yield from thinner.rest()


if __name__ == '__main__':
    sys.exit(main())
