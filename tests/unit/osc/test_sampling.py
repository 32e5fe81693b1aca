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

import argparse

import testtools

from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.osc import sampling
from tests.unit.osc import fakes


class Cloud:
    """Gives one answer after the other."""

    server_date = None

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def capabilities(self):
        return discovery.Capabilities('2.105', '2.105', discovery.PROGRESS)

    def migrations(self, **filters):
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class SamplingTest(testtools.TestCase):

    def poll(self, cloud, samples, interval=None):
        self.slept = []
        return sampling.poll_repeatedly(
            cloud, {'statuses': ()}, samples, interval,
            sleep=self.slept.append)

    def test_one(self):
        cloud = Cloud([fakes.a_record()])
        snapshot = self.poll(cloud, 1)
        self.assertEqual(1, len(snapshot.tracked))
        self.assertEqual([], self.slept)

    def test_several(self):
        cloud = Cloud(*[[fakes.a_record()]] * 3)
        self.poll(cloud, 3, 7.0)
        self.assertEqual(3, cloud.asked)
        self.assertEqual(2, len(self.slept))
        for seconds in self.slept:
            self.assertTrue(6 < seconds <= 7, seconds)

    def test_not_more_often_than_the_cloud_writes(self):
        self.poll(Cloud(*[[fakes.a_record()]] * 2), 2, 1.0)
        self.assertGreater(self.slept[0], 1.5)

    def test_no_need_to_poll_again(self):
        for answer in ([], [fakes.a_record(status='completed')]):
            cloud = Cloud(answer)
            self.poll(cloud, 5)
            self.assertEqual(1, cloud.asked)

    def test_errors(self):
        self.assertRaises(errors.ServerFailed, self.poll,
                          Cloud(errors.ServerFailed('503')), 3)
        snapshot = self.poll(Cloud(
            [fakes.a_record()], errors.ServerFailed('503')), 2)
        self.assertEqual(1, len(snapshot.tracked))

    def test_options(self):
        parser = argparse.ArgumentParser()
        sampling.add_arguments(parser, default=3)
        args = parser.parse_args([])
        self.assertEqual((3, None), (args.samples, args.interval))
        args = parser.parse_args(['--samples', '9', '--interval', '5'])
        self.assertEqual((9, 5.0), (args.samples, args.interval))
        self.assertIn('(default: 3)', ' '.join(parser.format_help().split()))
