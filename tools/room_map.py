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

"""Draw the map of the package for the contributor guide.

``python -m tools.room_map`` writes doc/source/contributor/rooms.inc: every
module of nova_migprogress, db_migrations and api_schema on its floor, with the
first sentence of its docstring. FLOORS says who may stand on whose shoulders;
the unit tests hold both against the tree.
"""

import ast
import collections.abc
import pathlib
import typing

ROOT = pathlib.Path(__file__).parents[1]
PATH = ROOT / 'doc' / 'source' / 'contributor' / 'rooms.inc'

#: The directories of the package, and where they are installed.
TREES = {'nova_migprogress': 'nova_migprogress',
         'db_migrations': 'nova_migprogress.db_migrations',
         'api_schema': 'nova_migprogress.api_schema'}


class Floor(typing.NamedTuple):
    """What may import each other and everything below."""

    title: str
    #: Packages, and modules that stand alone, without 'nova_migprogress.'.
    packages: tuple[str, ...]


#: From the ground up.
FLOORS = (
    Floor('What everything stands on',
          ('conf', 'exception', 'fields', 'i18n', 'migration_types',
           'statuses', 'timestamps', 'api_schema')),
    Floor('What stands by itself',
          ('api', 'convergence', 'db_migrations',
           'db_migrations.migrate_repo',
           'db_migrations.migrate_repo.versions', 'objects')),
    Floor('Where numbers come from',
          ('client', 'recording', 'virt', 'virt.libvirt', 'virt.shim')),
    Floor('For people',
          ('cli', 'osc', 'osc.watch', 'replay', 'text')),
    Floor('Whole pages', ('report',)),
    Floor('What is run', ('cmd',)),
)


class Room(typing.NamedTuple):
    """One module."""

    #: As it is imported, such as 'nova_migprogress.convergence.passes'.
    name: str
    #: Below ROOT.
    path: pathlib.Path
    #: What it holds, in a sentence; empty without a docstring.
    meaning: str

    @property
    def is_package(self) -> bool:
        """It is the __init__.py of a package."""
        return self.path.name == '__init__.py'

    @property
    def package(self) -> str:
        """A name of a Floor's packages."""
        inner = self.name.partition('.')[2]
        if self.is_package or '.' not in inner:
            return inner
        return inner.rpartition('.')[0]


def find_rooms() -> list[Room]:
    """Return every module of the package, sorted by name."""
    rooms = []
    for directory, package in TREES.items():
        for path in sorted((ROOT / directory).rglob('*.py')):
            below = path.relative_to(ROOT / directory).with_suffix('')
            parts = [part for part in below.parts if part != '__init__']
            docstring = ast.get_docstring(ast.parse(path.read_text())) or ''
            rooms.append(Room(
                '.'.join([package, *parts]), path.relative_to(ROOT),
                ' '.join(docstring.split('\n\n')[0].split())))
    return sorted(rooms)


def find_imports(room: Room, names: collections.abc.Container[str]
                 ) -> set[str]:
    """Return the modules that one imports, wherever in it.

    :param room: the Room
    :param names: of the modules that count
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / room.path).read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = '%s.%s' % (node.module, alias.name)
                found.add(whole if whole in names else node.module)
    return {name for name in found if name in names} - {room.name}


def draw_floors() -> collections.abc.Iterator[str]:
    """Yield the lines of a picture of the house, the roof first."""
    yield '::'
    yield ''
    for number, floor in reversed(list(enumerate(FLOORS))):
        yield '    %d  %s' % (number, '  '.join(
            package.replace('.', '/') for package in floor.packages
            if not package.startswith('db_migrations.')))
    yield ''


def draw_rooms(rooms: collections.abc.Sequence[Room]
               ) -> collections.abc.Iterator[str]:
    """Yield the lines of a table for each floor, from the ground up."""
    # A package has its path, and below it its modules have their names.
    for number, floor in enumerate(FLOORS):
        title = '%d. %s' % (number, floor.title)
        yield title
        yield '-' * len(title)
        yield ''
        yield '.. list-table::'
        yield '   :widths: 28 72'
        yield '   :class: rooms'
        yield ''
        for package in floor.packages:
            for room in rooms:
                if room.package == package and room.meaning:
                    name = '``%s``' % room.path.name
                    if room.is_package:
                        name = '**%s/**' % package.replace('.', '/')
                    yield '   * - ' + name
                    yield '     - %s' % room.meaning
        yield ''


def draw() -> str:
    """Return the map."""
    return '\n'.join([
        '.. Made by python -m tools.room_map', '', *draw_floors(),
        *draw_rooms(find_rooms())]).rstrip('\n') + '\n'


if __name__ == '__main__':
    PATH.write_text(draw())
