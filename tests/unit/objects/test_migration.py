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

from nova import context
from nova import objects
from nova.objects import base as nova_base
from nova.objects import fields as nova_fields
from oslo_versionedobjects import base as ovo_base
from oslo_versionedobjects import fields as ovo_fields
from oslotest import base

from nova_migprogress import exception
from nova_migprogress import fields
from nova_migprogress.objects import migration

VALUES = dict(zip(fields.NAMES, (10, 2, 8, 0, 2 ** 63 - 1, None)))


def old_migration():
    """Make a Migration as it was before it had the progress fields."""
    class Migration(nova_base.NovaPersistentObject, nova_base.NovaObject):
        VERSION = '1.3'
        fields = {
            'id': nova_fields.IntegerField(),
            'status': nova_fields.StringField(nullable=True),
            'migration_type': nova_fields.MigrationTypeField(),
        }

        def obj_make_compatible(self, primitive, target_version):
            super().obj_make_compatible(primitive, target_version)
            if target_version in ('1.0', '1.1'):
                primitive.pop('migration_type', None)

    return Migration


class NovasMigrationTestCase(base.BaseTestCase):

    def test_nothing_changes(self):
        objects.register_all()
        cls = objects.Migration
        before = (cls.VERSION, dict(cls.fields), cls.obj_make_compatible)
        self.assertEqual([], migration.problems(cls))
        self.assertFalse(migration.ensure_fields(cls))
        self.assertEqual(
            before, (cls.VERSION, dict(cls.fields), cls.obj_make_compatible))

    def test_wrong_fields_are_reported(self):
        class Wrong(ovo_base.VersionedObject):
            VERSION = '1.9'
            fields = {name: ovo_fields.IntegerField(nullable=True)
                      for name in fields.NAMES}

        Wrong.fields['memory_total'] = ovo_fields.StringField(nullable=True)
        Wrong.fields['disk_total'] = ovo_fields.IntegerField()
        del Wrong.fields['disk_remaining']
        error = self.assertRaises(exception.IncompatibleMigration,
                                  migration.ensure_fields, Wrong)
        self.assertEqual(
            'Wrong 1.9: the field memory_total is of type StringField '
            'instead of IntegerField; the field disk_total must not be null; '
            'the field disk_remaining is missing', str(error))


class OldMigrationTestCase(base.BaseTestCase):

    def setUp(self):
        super().setUp()
        registry = ovo_base.VersionedObjectRegistry.obj_classes()
        saved = registry['Migration']
        self.addCleanup(registry.__setitem__, 'Migration', saved)
        registry['Migration'] = []
        self.cls = nova_base.NovaObjectRegistry.register(old_migration())
        # A peer's message from before the upgrade.
        self.context = context.get_admin_context()
        self.old_primitive = self.make(id=7).obj_to_primitive()
        self.assertTrue(migration.ensure_fields(self.cls))

    def make(self, **values):
        return self.cls(self.context, status='running',
                        migration_type='live-migration', **values)

    def test_fields_and_version(self):
        self.assertEqual('1.4', self.cls.VERSION)
        self.assertEqual([], migration.problems(self.cls))
        made = self.make(**VALUES)
        for name, value in VALUES.items():
            self.assertEqual(value, getattr(made, name))
        self.assertLessEqual(set(fields.NAMES), made.obj_what_changed())
        self.assertRaises(ValueError, setattr, made, 'disk_total', 'much')

    def test_twice_is_once(self):
        method = self.cls.obj_make_compatible
        self.assertFalse(migration.ensure_fields(self.cls))
        self.assertIs(method, self.cls.obj_make_compatible)
        self.assertEqual('1.4', self.cls.VERSION)

    def test_older_peers_do_not_get_them(self):
        made = self.make(id=1, **VALUES)
        primitive = made.obj_to_primitive(target_version='1.3')
        data = primitive['nova_object.data']
        self.assertEqual({'id', 'status', 'migration_type'}, set(data))
        self.assertEqual('1.3', primitive['nova_object.version'])
        # Its own rules for still older ones stay.
        self.assertNotIn('migration_type', made.obj_to_primitive(
            target_version='1.1')['nova_object.data'])

    def test_old_primitive_deserialises(self):
        received = nova_base.NovaObjectSerializer().deserialize_entity(
            self.context, self.old_primitive)
        self.assertIsInstance(received, self.cls)
        self.assertEqual(7, received.id)
        self.assertFalse(received.obj_attr_is_set('memory_total'))

    def test_round_trip(self):
        serializer = nova_base.NovaObjectSerializer()
        sent = serializer.serialize_entity(self.context,
                                           self.make(id=1, **VALUES))
        received = serializer.deserialize_entity(self.context, sent)
        for name, value in VALUES.items():
            self.assertEqual(value, getattr(received, name))
