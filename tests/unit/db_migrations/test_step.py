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

from oslo_db import exception as db_exc
from oslotest import base
from sqlalchemy import exc as sa_exc

from nova_migprogress.db_migrations import step

STEP = step.Step('add column t.c', None)


class TestStepFailed(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.error = sa_exc.OperationalError(
            'ALTER TABLE t\n  ADD COLUMN c', {}, Exception('1142 denied'))
        self.message = ('could not add column t.c: 1142 denied\n'
                        'The statement was: ALTER TABLE t ADD COLUMN c')

    def test_error_of_sqlalchemy(self):
        self.assertEqual(self.message, str(step.StepFailed(STEP, self.error)))

    def test_error_wrapped_by_oslo_db(self):
        self.assertEqual(self.message, str(
            step.StepFailed(STEP, db_exc.DBError(self.error))))

    def test_error_without_a_statement(self):
        self.assertEqual(
            'could not add column t.c: gone', str(
                step.StepFailed(STEP, db_exc.DBConnectionError(
                    Exception('gone')))))
