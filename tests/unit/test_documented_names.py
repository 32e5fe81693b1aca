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

"""What the documentation calls by a name is there under that name."""

import ast
import importlib
import inspect
import pathlib
import re

import ddt
from oslotest import base

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted(path for pattern in ('*.rst', '*/*.rst', '*/*/*.rst', '*/*.inc')
               for path in (ROOT / 'doc' / 'source').glob(pattern)
               ) + [ROOT / 'README.rst', ROOT / 'CONTRIBUTING.rst']

#: Where what is named in one of the pages may lie.
PLACES = (ROOT, ROOT / 'nova_migprogress', ROOT / 'doc' / 'source')

_LITERAL = re.compile(r'``([^`]+)``')
_DOTTED = re.compile(r'\bnova_migprogress(?:\.\w+)+')
_PROGRAM = re.compile(r'python -m ((?:benchmarks|sandbox|tools)[\w.]*)')
_PATH = re.compile(r'[\w.-]+(?:/[\w.*-]+)*/?')
_TERM = re.compile(r'(?m)^(``.*``)\n +\S')


def _names(pattern):
    """Return (page, name) for all that a pattern finds, each once."""
    return sorted({(str(page.relative_to(ROOT)), name) for page in PAGES
                   for name in pattern.findall(page.read_text())})


def _is_path(literal):
    """Tell whether a literal is a path of this project.

    Names without a slash only if they are modules: what else has a suffix is
    Nova's, such as nova.conf.
    """
    if not _PATH.fullmatch(literal) or literal.startswith('nova/'):
        return False
    return literal.endswith('.py') or literal.partition('/')[0] in {
        path.name for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith('.')}


def _paths():
    found = set()
    for page, literal in _names(_LITERAL):
        if page.endswith('.rst') and page.startswith(
                ('doc/source/contributor', 'README', 'CONTRIBUTING')):
            if _is_path(literal):
                found.add((page, literal))
    return sorted(found)


def _public():
    """Return the names of functions, classes and attributes for programs."""
    found = set()
    for package in ('client', 'convergence', 'recording'):
        for path in (ROOT / 'nova_migprogress' / package).glob('*.py'):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    found.add(node.name)
                elif isinstance(node, ast.AnnAssign):
                    found.add(ast.unparse(node.target))
    return found


def _load(name):
    """Return what a dotted name means.

    :raises Exception: there is no such thing
    """
    parts = name.split('.')
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module('.'.join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


@ddt.ddt
class DocumentedNamesTestCase(base.BaseTestCase):

    @ddt.data(*_names(_DOTTED))
    @ddt.unpack
    def test_dotted(self, page, name):
        self.assertIsNotNone(_load(name), page)

    @ddt.data(*_names(_PROGRAM))
    @ddt.unpack
    def test_program(self, page, name):
        path = ROOT / name.replace('.', '/')
        self.assertTrue(path.with_suffix('.py').exists() or
                        (path / '__main__.py').exists(),
                        '%s: python -m %s' % (page, name))

    @ddt.data(*_paths())
    @ddt.unpack
    def test_path(self, page, name):
        self.assertTrue(any(list(place.glob(name.rstrip('/')))
                            for place in PLACES), '%s: %s' % (page, name))

    def test_there_are_some(self):
        self.assertLess(5, len(_names(_DOTTED)))
        self.assertLess(3, len(_names(_PROGRAM)))
        self.assertLess(10, len(_paths()))


class ProgramsTestCase(base.BaseTestCase):
    """What doc/source/user/programs.rst explains, programs can use."""

    def setUp(self):
        super().setUp()
        self.text = (ROOT / 'doc/source/user/programs.rst').read_text()

    def test_terms(self):
        public = _public()
        terms = [name for line in _TERM.findall(self.text)
                 for name in _LITERAL.findall(line)]
        self.assertLess(15, len(terms))
        for term in terms:
            name = term.partition('(')[0].rpartition('.')[2]
            self.assertIn(name, public, term)

    def test_classes(self):
        public = _public()
        for literal in set(_LITERAL.findall(self.text)):
            if re.fullmatch(r'[A-Z][a-z]+[A-Za-z]*', literal):
                self.assertIn(literal, public | {'None', 'Date'})

    def test_signature(self):
        cloud = importlib.import_module('nova_migprogress.client.cloud')
        documented = re.search(r'``migrations\((.*)\)``', self.text)[1]
        self.assertEqual(
            [name.partition('=')[0] for name in documented.split(', ')],
            list(inspect.signature(cloud.Cloud.migrations).parameters)[1:])
