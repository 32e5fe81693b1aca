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

import functools
import types
from unittest import mock

from nova import test

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import monitor_seam
from nova_migprogress.virt.libvirt import seam


class Owner:

    nothing = None

    def method(self, one, two=2, *, three=3):
        return one, two, three


class CheckTestCase(test.NoDBTestCase):

    def test_exists(self):
        seam.check_exists(Owner, 'method', 'no method')
        for name in ('other', 'nothing'):
            error = self.assertRaises(
                exception.UnknownSeam, seam.check_exists, Owner, name,
                'no %s' % name)
            self.assertEqual('no %s' % name, str(error))

    def test_leading_parameters(self):
        seam.check_parameters(Owner, 'a.Owner.method', ['self', 'one'])
        seam.check_parameters(Owner(), 'a.Owner.method',
                              ['one', 'two', 'three'])
        self.assert_unknown('method', ['self', 'two'])
        self.assert_unknown('method', ['self', 'one', 'two', 'three', 'four'])

    def test_all_parameters(self):
        seam.check_parameters(Owner, 'a.Owner.method',
                              ['self', 'one', 'two', 'three'], exact=True)
        self.assert_unknown('method', ['self', 'one'], exact=True)

    def test_no_function(self):
        self.assert_unknown('other', ['self'])
        self.assert_unknown('nothing', ['self'])

    def assert_unknown(self, name, expected, **kwargs):
        error = self.assertRaises(
            exception.UnknownSeam, seam.check_parameters, Owner,
            'a.Owner.' + name, expected, **kwargs)
        self.assertEqual(
            'a.Owner.%s does not have the expected parameters %s'
            % (name, ', '.join(expected)), str(error))


class Passing(Owner):

    def method(self, *args, **kwargs):
        return super().method(*args, **kwargs)


class Other(Owner):

    def method(self, two, *args):
        return super().method(1, two)


class Fewer(Owner):

    def method(self, one):
        return super().method(one)


class CheckMethodTestCase(test.NoDBTestCase):

    def test_method(self):
        expected = ['self', 'one', 'two']
        seam.check_method([Owner], 'method', expected)
        seam.check_method(Passing.__mro__, 'method', expected)
        seam.check_method([Passing], 'method', expected)

    def assert_unknown(self, classes, name, path, expected):
        error = self.assertRaises(exception.UnknownSeam, seam.check_method,
                                  classes, name, expected)
        self.assertEqual(
            '%s.%s does not have the expected parameters %s'
            % (path, name, ', '.join(expected)), str(error))

    def test_another(self):
        owner = Owner.__module__
        self.assert_unknown(Passing.__mro__, 'method', owner + '.Owner',
                            ['self', 'two'])
        self.assert_unknown(Other.__mro__, 'method', owner + '.Other',
                            ['self', 'one'])
        self.assert_unknown(Fewer.__mro__, 'method', owner + '.Fewer',
                            ['self', 'one', 'two'])

    def test_none(self):
        self.assert_unknown(
            Passing.__mro__, 'other',
            'nova.virt.libvirt.driver.LibvirtDriver', ['self', 'one'])


class CheckContextVariablesTestCase(test.NoDBTestCase):

    def load(self, patched, **greenlet):
        patcher = mock.patch.dict('sys.modules', {
            'eventlet.patcher': types.SimpleNamespace(
                is_monkey_patched=lambda module: patched),
            'greenlet': types.SimpleNamespace(**greenlet)})
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_here(self):
        seam.check_context_variables()

    def test_new_greenlet(self):
        self.load(True, __version__='1.0', GREENLET_USE_CONTEXT_VARS=True)
        seam.check_context_variables()

    def test_old_greenlet(self):
        self.load(True, __version__='0.4.16')
        error = self.assertRaises(exception.UnknownSeam,
                                  seam.check_context_variables)
        self.assertIn('greenlet 0.4.16 does not keep', str(error))
        for module in (monitor_seam, copy_seam):
            self.assertRaises(exception.UnknownSeam, module.install)

    def test_greenlet_built_without(self):
        self.load(True, __version__='1.0', GREENLET_USE_CONTEXT_VARS=False)
        self.assertRaises(exception.UnknownSeam,
                          seam.check_context_variables)

    def test_old_greenlet_that_nobody_uses(self):
        self.load(False, __version__='0.4.16')
        seam.check_context_variables()


class ReplaceOnceTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.made = []

    def make_replacement(self, stock):
        self.made.append(stock)

        @functools.wraps(stock)
        def replacement(*args):
            return 'replaced', stock(*args)

        return replacement

    def test_function(self):
        stock = functools.partial(pow, 2)
        module = types.SimpleNamespace(power=stock)
        for _number in range(2):
            seam.replace_once(module, 'power', self.make_replacement)
            self.assertEqual(('replaced', 8), module.power(3))
        self.assertEqual([stock], self.made)

    def test_method(self):
        owner = Owner()

        def make_method(stock):
            replacement = self.make_replacement(stock.__func__)
            return types.MethodType(replacement, owner)

        for _number in range(2):
            seam.replace_once(owner, 'method', make_method)
            self.assertEqual(('replaced', (1, 2, 3)), owner.method(1))
        self.assertEqual([Owner.method], self.made)
        # That of this object only.
        self.assertEqual((1, 2, 3), Owner().method(1))
