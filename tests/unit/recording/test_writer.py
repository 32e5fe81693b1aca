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

import json
import os

import fixtures
import testtools

from nova_migprogress import fields
from nova_migprogress.recording import writer
from tests.unit.osc import fakes


class WriterTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.path = os.path.join(
            self.useFixture(fixtures.TempDir()).path, 'r.jsonl')
        self.writer = writer.Writer(self.path)
        self.addCleanup(self.writer.close)

    def lines(self):
        with open(self.path) as written:
            return [json.loads(line) for line in written]

    def test_line(self):
        record = fakes.a_record()
        self.assertTrue(self.writer.add(record, 'w\x1b\u00e9b'))
        line, = self.lines()
        self.assertEqual(
            {'time': fakes.NOW.timestamp() - 2, 'uuid': record.uuid,
             'status': 'running', 'server': record.instance_uuid,
             'name': 'w\x1b\u00e9b', 'type': 'live-migration',
             'source': 'compute1', 'destination': 'compute2',
             'project': 'a' * 32, 'created_at': '2026-11-23T02:55:00+00:00',
             **{name: getattr(record, name) for name in fields.NAMES}}, line)

    def test_one_line_per_sample(self):
        self.assertTrue(self.writer.add(fakes.a_record()))
        self.assertFalse(self.writer.add(fakes.a_record()))
        for values in ({'memory_remaining': 1}, {'status': 'completed'},
                       {'updated_at': fakes.NOW}, {'number': 2}):
            self.assertTrue(self.writer.add(fakes.a_record(**values)))
            self.assertFalse(self.writer.add(fakes.a_record(**values)))
        self.assertEqual(5, len(self.lines()))

    def test_unknown(self):
        self.assertTrue(self.writer.add(fakes.a_record(
            uuid=None, updated_at=None, memory_total=None)))
        line, = self.lines()
        # As good as a uuid on an old Nova.
        self.assertEqual('20000000-0000-0000-0000-000000000001/1',
                         line['uuid'])
        self.assertIsNone(line['memory_total'])
        self.assertFalse(self.writer.add(fakes.a_record(
            updated_at=None, created_at=None)))

    def test_continues(self):
        with open(self.path, 'w') as cut_off:
            cut_off.write('{"time": 1}\n{"time": 2')
        again = writer.Writer(self.path)
        again.add(fakes.a_record())
        again.close()
        third = writer.Writer(self.path)
        third.add(fakes.a_record(2))
        third.close()
        third.close()
        with open(self.path) as written:
            lines = written.read().splitlines()
        self.assertEqual(['{"time": 1}', '{"time": 2'], lines[:2])
        self.assertEqual([1, 2], [int(json.loads(line)['uuid'][-2:])
                                  for line in lines[2:]])

    def test_unwritable(self):
        self.assertRaises(OSError, writer.Writer, self.path + '/x')
