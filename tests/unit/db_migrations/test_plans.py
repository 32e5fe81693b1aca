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

from oslotest import base
import sqlalchemy as sa

from nova_migprogress import db_migrations
from nova_migprogress.db_migrations import step
from nova_migprogress import fields
from tests.unit.db_migrations import database


class TestPlans(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        self.engine = database.create()
        self.addCleanup(self.engine.dispose)

    def test_scripts_are_numbered_from_one(self):
        self.assertEqual(
            list(range(1, db_migrations.LATEST + 1)),
            [script.NUMBER for script in db_migrations.SCRIPTS])

    def test_upgrade(self):
        plans = db_migrations.plan_upgrade(self.engine)
        self.assertEqual(['001 progress columns', '002 polling index'],
                         [plan.heading for plan in plans])
        self.assertEqual([12, 1], [len(plan.steps) for plan in plans])
        self.assertEqual(
            ['add column %s.%s' % (table, name)
             for table in ('migrations', 'shadow_migrations')
             for name in fields.NAMES],
            [one.description for one in plans[0].steps])

    def test_upgrade_to_a_number(self):
        plan, = db_migrations.plan_upgrade(self.engine, to=1)
        self.assertEqual(1, plan.number)

    def test_downgrade_is_in_reverse_order(self):
        self.assertEqual(
            [2, 1], [plan.number for plan in
                     db_migrations.plan_downgrade(self.engine)])
        plan, = db_migrations.plan_downgrade(self.engine, to=1)
        self.assertEqual(2, plan.number)

    def test_planning_changes_nothing(self):
        inspector = sa.inspect(self.engine)
        before = inspector.get_columns('migrations')
        db_migrations.plan_upgrade(self.engine)
        db_migrations.plan_downgrade(self.engine)
        self.assertEqual(str(before), str(
            sa.inspect(self.engine).get_columns('migrations')))

    def test_check(self):
        missing = db_migrations.check(self.engine)
        self.assertEqual(13, len(missing))
        self.assertEqual(
            '001 progress columns: add column migrations.memory_total',
            missing[0])
        db_migrations.execute(self.engine,
                              db_migrations.plan_upgrade(self.engine))
        self.assertEqual([], db_migrations.check(self.engine))

    def test_every_step_is_reported_once_done(self):
        reported = []

        def report(plan, one):
            name = one.description.rsplit('.')[-1]
            present = [column['name'] for column in
                       sa.inspect(self.engine).get_columns('migrations')]
            reported.append((plan.number, name in present))

        plans = db_migrations.plan_upgrade(self.engine)
        first = plans[0]._replace(steps=plans[0].steps[:6])
        db_migrations.execute(self.engine, [first], report)
        self.assertEqual([(1, True)] * 6, reported)

    def test_stops_at_the_step_that_fails(self):
        plans = db_migrations.plan_upgrade(self.engine)
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                'ALTER TABLE migrations ADD COLUMN disk_total BIGINT')
        reported = []
        error = self.assertRaises(
            step.StepFailed, db_migrations.execute, self.engine, plans,
            lambda plan, one: reported.append(one.description))
        self.assertIn('could not add column migrations.disk_total: ',
                      str(error))
        self.assertIn('ALTER TABLE migrations ADD COLUMN disk_total',
                      str(error))
        self.assertEqual(3, len(reported))
        self.assertEqual(9, len(db_migrations.check(self.engine)))

    def test_render(self):
        plan = db_migrations.plan_upgrade(self.engine)[1]
        self.assertEqual(
            'CREATE INDEX migprogress_deleted_status_idx ON migrations '
            '(deleted, status);', db_migrations.render(
                self.engine, plan).strip())
        self.assertEqual(
            13, len(db_migrations.check(self.engine)))

    def test_render_limits_the_wait_for_locks(self):
        for url, statement in (
                ('mysql+pymysql://', 'SET SESSION lock_wait_timeout = 60;'),
                ('postgresql+psycopg2://', "SET lock_timeout = '60s';")):
            engine = sa.create_engine(url)
            plan = db_migrations.plan_upgrade(self.engine)[0]
            lines = db_migrations.render(engine, plan).split('\n')
            self.assertEqual(statement, lines[0])
            self.assertIn('BIGINT', lines[2])

    def test_empty_database(self):
        engine = sa.create_engine('sqlite://')
        error = self.assertRaises(step.NotNovaDatabase,
                                  db_migrations.check, engine)
        self.assertIn('there is no table migrations', str(error))

    def test_table_of_something_else(self):
        with self.engine.begin() as connection:
            connection.exec_driver_sql('DROP TABLE shadow_migrations')
            connection.exec_driver_sql(
                'CREATE TABLE shadow_migrations (id INTEGER, status TEXT)')
        error = self.assertRaises(step.NotNovaDatabase,
                                  db_migrations.check, self.engine)
        self.assertIn('table shadow_migrations has no column deleted, ',
                      str(error))
