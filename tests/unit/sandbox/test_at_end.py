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

import importlib
import os
import pathlib
import tempfile
from unittest import mock

from oslotest import base
import webob

from benchmarks import outages
from sandbox import database
from sandbox.outage import cases


class AtEndTestCase(base.BaseTestCase):

    def test_same_seed_same_outage(self):
        for kind in cases.AT_END:
            self.assertEqual(kind.draw(7), cases.draw(kind.name, 7))

    def test_any_moment(self):
        drawn = [cases.AT_END[0].draw(seed) for seed in range(200)]
        moments = [case.before_end for case in drawn]
        self.assertTrue(all(0 <= moment <= 3 for moment in moments))
        for second in range(3):
            self.assertTrue(any(second <= moment < second + 1
                                for moment in moments))
        seconds = [case.seconds for case in drawn]
        self.assertTrue(all(30 <= each <= 90 for each in seconds))
        self.assertTrue(min(seconds) < 40 and max(seconds) > 80)

    def test_names_differ(self):
        names = [case.name for case in cases.ALL + cases.AT_END]
        self.assertEqual(len(names), len(set(names)))


class PlanTestCase(base.BaseTestCase):
    """What python -m benchmarks.outages --random runs."""

    NAMES = [case.name for case in cases.AT_END]

    def test_stock_once(self):
        runs = outages.plan(['stock', 'migprogress'], self.NAMES, 10, 1)
        for kind in cases.AT_END:
            for driver, times in (('stock', 1), (
                    'migprogress', 10 if kind.repeated else 1)):
                self.assertEqual(
                    list(range(1, times + 1)),
                    [case.seed for each, case in runs
                     if (each, case.name) == (driver, kind.name)])

    def test_chosen(self):
        self.assertEqual(
            [('migprogress', cases.AT_END[1].draw(7)),
             ('migprogress', cases.AT_END[1].draw(8))],
            outages.plan(['migprogress'], [self.NAMES[1]], 2, 7))

    def test_others(self):
        self.assertEqual(
            [('stock', cases.ALL[0])],
            outages.plan(['stock'], [cases.ALL[0].name], 0, 1))


class FailingTestCase(base.BaseTestCase):

    def test_service_unavailable(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        failing = pathlib.Path(directory.name)
        with mock.patch.dict(os.environ, {
                'MIGPROGRESS_' + name: directory.name
                for name in ('IMAGES', 'VOLUMES', 'FAILING')}):
            app = importlib.import_module('sandbox.fakes.app')
        fakes = app.Fakes({name: lambda request: webob.Response('here')
                           for name in ('image', 'network')}, failing)

        def status(path):
            return webob.Request.blank(path).get_response(fakes).status_int

        self.assertEqual(200, status('/network/v2.0/ports'))
        (failing / 'network').touch()
        self.assertEqual(503, status('/network/v2.0/ports'))
        self.assertEqual(200, status('/image/v2/images'))
        self.assertEqual(404, status('/other'))
        (failing / 'network').unlink()
        self.assertEqual(200, status('/network/v2.0/ports'))


class DatabaseTestCase(base.BaseTestCase):

    def test_not_privileged(self):
        # Who is may write to a database that is read-only.
        self.assertIn('//nova@localhost/nova?', database.url('nova'))
