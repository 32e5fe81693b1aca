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

import bz2
import errno
import gzip
import io
import lzma

import ddt
from oslotest import base

from nova_migprogress.recording import raw_lines


class Failing(io.BytesIO):
    """A stream that fails after its content."""

    def readline(self, size=-1):
        found = super().readline(size)
        if not found:
            raise OSError(errno.EIO, 'Input/output error')
        return found


@ddt.ddt
class RawLinesTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.problems = []

    def read(self, content):
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        return list(raw_lines.read_lines(stream, self.problems.append))

    def test_numbers(self):
        self.assertEqual([(1, b'a\n'), (4, b'b\r\n'), (5, b'c')],
                         self.read(b'a\n\n \t\r\nb\r\nc'))
        self.assertEqual([], self.problems)

    def test_empty(self):
        self.assertEqual([], self.read(b''))

    def test_byte_order_mark(self):
        self.assertEqual([(1, b'a\n'), (2, b'\xef\xbb\xbfb')],
                         self.read(b'\xef\xbb\xbfa\n\xef\xbb\xbfb'))

    @ddt.data(1, 2, 5)
    def test_too_long(self, times):
        long = b'x' * (raw_lines.MAX_LINE * times + 1)
        self.assertEqual([(1, b'a\n'), (3, b'b')],
                         self.read(b'a\n' + long + b'\nb'))
        self.assertEqual(
            ['line 2: left out: longer than 1048576 bytes'],
            [str(each) for each in self.problems])

    def test_longest(self):
        line = b'x' * raw_lines.MAX_LINE + b'\n'
        self.assertEqual([(1, line), (2, b'b')], self.read(line + b'b'))

    def test_too_long_at_the_end(self):
        self.assertEqual([], self.read(b'\0' * (raw_lines.MAX_LINE + 5)))
        self.assertEqual(1, len(self.problems))

    def test_stream_fails(self):
        self.assertEqual([(1, b'a\n')], self.read(Failing(b'a\n')))
        self.assertEqual(['line 2: cannot read on: Input/output error'],
                         [str(each) for each in self.problems])

    @ddt.data((gzip.compress, 'zcat'), (lzma.compress, 'xzcat'),
              (bz2.compress, 'bzcat'))
    @ddt.unpack
    def test_compressed(self, compress, program):
        exc = self.assertRaises(raw_lines.Compressed, self.read,
                                compress(b'a\n'))
        self.assertIn(program, str(exc))
