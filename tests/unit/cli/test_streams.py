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

import io
import os

import testtools

from nova_migprogress.cli import streams


class StreamsTest(testtools.TestCase):

    def test_escape_unencodable(self):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding='ascii', write_through=True)
        streams.escape_unencodable(stream)
        stream.write('Gr\u00fc\u00dfe')
        self.assertEqual(b'Gr\\xfc\\xdfe', raw.getvalue())

    def test_escape_what_has_no_encoding(self):
        streams.escape_unencodable(None)
        streams.escape_unencodable(io.StringIO())

    def test_silence(self):
        read, write = os.pipe()
        os.close(read)
        with open(write, 'w') as stream:
            stream.write('x' * 100)
            streams.silence(stream)
            stream.flush()
        streams.silence(io.StringIO())
