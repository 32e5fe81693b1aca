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

"""The lines of a stream, however long they are and whatever they hold."""

import collections.abc
import typing

from nova_migprogress.recording import problems

#: Bytes in a line; one of the API's migrations has about 1 kB.
MAX_LINE = 1024 * 1024

_COMPRESSED = (
    (b'\x1f\x8b', 'gzip: try zcat FILE | nova-migprogress-replay -'),
    (b'\xfd7zXZ', 'xz: try xzcat FILE | nova-migprogress-replay -'),
    (b'BZh', 'bzip2: try bzcat FILE | nova-migprogress-replay -'),
    (b'\x28\xb5\x2f\xfd', 'zstd: try zstdcat FILE | '
                          'nova-migprogress-replay -'),
)
_BYTE_ORDER_MARK = b'\xef\xbb\xbf'


class Compressed(Exception):
    """The stream is compressed; the message says how."""


def read_lines(stream: typing.IO[bytes],
               report: collections.abc.Callable[[problems.Problem], object]
               ) -> collections.abc.Iterator[tuple[int, bytes]]:
    """Yield (number, bytes) of each line that is not blank.

    No more than one line is in memory. A line that is longer than MAX_LINE is
    left out; an error of the stream ends it.

    :param stream: binary, as of open(path, 'rb')
    :param report: called with each problem
    :raises Compressed: before the first line
    """
    number = 0
    while True:
        try:
            line = stream.readline(MAX_LINE + 1)
        except OSError as exc:
            report(problems.Problem(
                'stream', number + 1, 'cannot read on: %s' % exc.strerror))
            return
        if not line:
            return
        number += 1
        if number == 1:
            for magic, what in _COMPRESSED:
                if line.startswith(magic):
                    raise Compressed('compressed with ' + what)
            if line.startswith(_BYTE_ORDER_MARK):
                line = line[len(_BYTE_ORDER_MARK):]
        if len(line) > MAX_LINE and not line.endswith(b'\n'):
            while line and not line.endswith(b'\n'):
                line = stream.readline(MAX_LINE)
            report(problems.Problem(
                'length', number,
                'left out: longer than %d bytes' % MAX_LINE))
        elif not line.isspace():
            yield number, line
