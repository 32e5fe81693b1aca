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

import testtools

from nova_migprogress.client import errors
from nova_migprogress.client import paging


class Rest:
    """Answers with one body after the other, then with the last one."""

    def __init__(self, *bodies):
        self.bodies = list(bodies)
        self.asked = []

    def get(self, path, params, microversion):
        self.asked.append((path, params, microversion))
        return self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]


class ReadPagesTestCase(testtools.TestCase):

    def read(self, *bodies, most=5, get_marker=str):
        self.rest = Rest(*bodies)
        return list(paging.read_pages(
            self.rest, '/things', [('a', 'b')], '2.80', name='things',
            parse=lambda body, path: body['things'],
            get_marker=get_marker, most=most))

    def test_one(self):
        self.assertEqual([[1, 2]], self.read({'things': [1, 2]}))
        self.assertEqual([('/things', [('a', 'b')], '2.80')], self.rest.asked)

    def test_several(self):
        self.assertEqual([[1, 2], [3]], self.read(
            {'things': [1, 2], 'things_links': ['next']}, {'things': [3]}))
        self.assertEqual([('a', 'b'), ('marker', '2')], self.rest.asked[1][1])

    def test_link_to_nothing(self):
        self.assertEqual([[1], []], self.read(
            {'things': [1], 'things_links': ['next']},
            {'things': [], 'things_links': ['next']}))

    def test_nothing_names_the_last_one(self):
        self.assertEqual([[1, 2]], self.read(
            {'things': [1, 2], 'things_links': ['next']},
            get_marker={1: '1', 2: None}.get))
        self.assertEqual(1, len(self.rest.asked))

    def test_no_end(self):
        self.assertEqual([[1]] * 5, self.read(
            {'things': [1], 'things_links': ['next']}))


class ProjectScopeTestCase(testtools.TestCase):

    def ask(self, params):
        self.asked.append(params)
        if params in self.forbidden:
            raise errors.Forbidden('403')
        return len(self.asked)

    def setUp(self):
        super().setUp()
        self.asked = []
        self.forbidden = ()

    def test_all(self):
        scope = paging.ProjectScope(['all'], self.fail)
        self.assertEqual(1, scope.read(self.ask))
        self.assertEqual(2, scope.read(self.ask))
        self.assertEqual([['all']] * 2, self.asked)
        self.assertFalse(scope.is_narrowed)

    def test_own(self):
        self.forbidden = (['all'],)
        for own in (['own'], []):
            self.asked = []
            scope = paging.ProjectScope(['all'], lambda: own)
            self.assertEqual(2, scope.read(self.ask))
            self.assertEqual(3, scope.read(self.ask))
            # The refusal is remembered.
            self.assertEqual([['all'], own, own], self.asked)
            self.assertTrue(scope.is_narrowed)

    def test_own_is_not_known(self):
        self.forbidden = (['all'],)
        scope = paging.ProjectScope(['all'], lambda: None)
        self.assertRaises(errors.Forbidden, scope.read, self.ask)
        self.assertFalse(scope.is_narrowed)

    def test_none(self):
        self.forbidden = (['all'], ['own'])
        scope = paging.ProjectScope(['all'], lambda: ['own'])
        self.assertRaises(errors.Forbidden, scope.read, self.ask)
