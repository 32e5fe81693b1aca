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

"""The contributor's map and its floors are those of the tree."""

import ast
import graphlib
import pathlib
import re

from oslotest import base

from tools import room_map

PACKAGE = room_map.ROOT / 'nova_migprogress'
WAYS = room_map.PATH.with_name('map.rst')

ROOMS = room_map.find_rooms()
NAMES = {room.name for room in ROOMS}
FLOORS = {package: number for number, floor in enumerate(room_map.FLOORS)
          for package in floor.packages}

#: A room in the text, and a function or class in the room named before it.
_ROOM = re.compile(r'``([a-z_/]+\.py)``')
_NAME = re.compile(r'``((?:[A-Z]\w+\.)?\w+\(\)|[A-Z]\w+)``')


def _imports():
    """Yield (room, room that it imports)."""
    by_name = {room.name: room for room in ROOMS}
    for room in ROOMS:
        for name in room_map.find_imports(room, NAMES):
            yield room, by_name[name]


def _defined(path):
    """Return the functions and classes of a module, and their methods."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found.update('%s.%s' % (node.name, inner.name)
                         for inner in node.body
                         if isinstance(inner, ast.FunctionDef))
    return found


class MapTestCase(base.BaseTestCase):

    def test_is_up_to_date(self):
        self.assertEqual(room_map.draw(), room_map.PATH.read_text(),
                         'run python -m tools.room_map')

    def test_every_room_says_what_it_holds(self):
        self.assertEqual([], [
            str(room.path) for room in ROOMS if not room.meaning and
            room.path.parent != pathlib.Path('nova_migprogress') and
            (room_map.ROOT / room.path).stat().st_size])

    def test_every_room_is_named(self):
        drawn = room_map.PATH.read_text()
        for room in ROOMS:
            if room.meaning and room.package:
                self.assertIn(room.meaning, drawn)


class FloorsTestCase(base.BaseTestCase):

    def test_every_package_is_on_one(self):
        packages = {room.package for room in ROOMS if room.package}
        self.assertEqual(packages, set(FLOORS))
        self.assertEqual(len(FLOORS), sum(
            len(floor.packages) for floor in room_map.FLOORS))

    def test_nobody_stands_on_who_is_above(self):
        self.assertEqual([], [
            '%s imports %s' % (room.name, other.name)
            for room, other in _imports()
            if room.package and other.package and
            FLOORS[other.package] > FLOORS[room.package]])

    def test_no_imports_but_statements(self):
        # Others would escape these tests, and mypy.
        self.assertEqual([], [
            room.name for room in ROOMS if re.search(
                r'\bimport_module\b|\b__import__\b',
                (room_map.ROOT / room.path).read_text())])

    def test_no_circles(self):
        below = {}
        for room, other in _imports():
            if room.package != other.package:
                below.setdefault(room.package, set()).add(other.package)
        # Raises CycleError, which names the packages.
        graphlib.TopologicalSorter(below).prepare()

    def test_what_people_read_with_needs_no_nova(self):
        allowed = {'api', 'objects', 'virt', 'db_migrations', 'cmd'}
        self.assertEqual([], [
            room.name for room in ROOMS
            if room.package.partition('.')[0] not in allowed and re.search(
                r'(?m)^\s*(import|from) nova(\.| |$)',
                (room_map.ROOT / room.path).read_text())])

    def test_the_test(self):
        imports = [(room.name, other.name) for room, other in _imports()]
        self.assertIn(('nova_migprogress.virt.libvirt.driver',
                       'nova_migprogress.virt.libvirt.mixin'), imports)
        self.assertLess(100, len(imports))


class WaysTestCase(base.BaseTestCase):
    """What the three ways name is where they say it is."""

    def setUp(self):
        super().setUp()
        self.text = WAYS.read_text()

    def test_rooms_exist(self):
        rooms = _ROOM.findall(self.text.replace('nova_migprogress/', ''))
        self.assertLess(20, len(rooms))
        for name in set(rooms):
            root = room_map.ROOT if name.startswith('tests/') else PACKAGE
            self.assertTrue((root / name).exists(), name)

    def test_names_exist(self):
        """A name is in one of the rooms of its item, or of the last ones."""
        everything = {name for room in ROOMS
                      for name in _defined(room_map.ROOT / room.path)}
        checked = 0
        for item in re.split(r'\n#\. ', self.text)[1:]:
            item = item.partition('\n\n')[0]
            rooms = [PACKAGE / name for name in _ROOM.findall(item)]
            defined = {name for room in rooms for name in _defined(room)}
            for name in _NAME.findall(item):
                checked += 1
                self.assertIn(name.rstrip('()'), defined | (
                    everything if name[-1] != ')' else set()), item)
        self.assertLess(20, checked)
        for name in _NAME.findall(self.text):
            self.assertIn(name.rstrip('()'), everything)
