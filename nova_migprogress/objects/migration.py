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

"""The six fields on Nova's Migration object.

They have been part of nova.objects.Migration since its version 1.4: there
they are only checked. To a Migration object from before, they are added.
"""

import functools
import typing

from oslo_utils import versionutils
from oslo_versionedobjects import base as ovo_base
from oslo_versionedobjects import fields as ovo_fields

from nova_migprogress import exception
from nova_migprogress import fields

#: The version of the Migration object that first has the six fields.
FIRST_VERSION = (1, 4)


def problems(migration_class: type[ovo_base.VersionedObject]) -> list[str]:
    """List what is wrong with the progress fields of a Migration object.

    :param migration_class: a versioned object class
    :returns: a list of sentences, empty when all six fields are there, hold
        integers and may be null
    """
    found = []
    for name in fields.NAMES:
        field = migration_class.fields.get(name)
        if field is None:
            found.append('the field %s is missing' % name)
        elif not isinstance(field, ovo_fields.IntegerField):
            found.append('the field %s is of type %s instead of IntegerField'
                         % (name, type(field).__name__))
        elif not field.nullable:
            found.append('the field %s must not be null' % name)
    return found


def ensure_fields(migration_class: type[ovo_base.VersionedObject]) -> bool:
    """Make sure that a Migration object has the six fields.

    A class of version 1.4 or later is checked and left as it is. To an older
    one the fields are added, its version becomes 1.4, and obj_make_compatible
    drops them again for a peer of an older version. Repeating it changes
    nothing.

    :param migration_class: a versioned object class
    :returns: True if the fields were added, False if they were there
    :raises IncompatibleMigration: names the fields that are wrong or missing
    """
    version = versionutils.convert_version_to_tuple(migration_class.VERSION)
    if version >= FIRST_VERSION:
        wrong = problems(migration_class)
        if wrong:
            raise exception.IncompatibleMigration(
                '%s %s: %s' % (migration_class.__name__,
                               migration_class.VERSION, '; '.join(wrong)))
        return False
    _add_fields(migration_class)
    return True


def _add_fields(migration_class: type[ovo_base.VersionedObject]) -> None:
    added = {name: ovo_fields.IntegerField(nullable=True)
             for name in fields.NAMES}
    stock_make_compatible = migration_class.obj_make_compatible

    @functools.wraps(stock_make_compatible)
    def obj_make_compatible(self: ovo_base.VersionedObject,
                            primitive: dict[str, typing.Any],
                            target_version: str) -> None:
        stock_make_compatible(self, primitive, target_version)
        if versionutils.convert_version_to_tuple(
                target_version) < FIRST_VERSION:
            for name in added:
                primitive.pop(name, None)

    migration_class.fields = dict(migration_class.fields, **added)
    # That it replaces a method is the point.
    migration_class.obj_make_compatible = (  # type: ignore[method-assign]
        obj_make_compatible)
    migration_class.VERSION = '.'.join(map(str, FIRST_VERSION))
    # Gives the new fields their accessors, as registration does.
    ovo_base.VersionedObjectRegistry.objectify(migration_class)
