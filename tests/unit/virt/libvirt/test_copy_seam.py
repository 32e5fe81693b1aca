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
import inspect
from unittest import mock

from nova import test
from nova.virt.libvirt import driver as libvirt_driver
from nova.virt.libvirt import utils as libvirt_utils

from nova_migprogress import exception
from nova_migprogress.virt.libvirt import copy_seam


class CopySeamTestCase(test.NoDBTestCase):

    def setUp(self):
        super().setUp()
        self.stock = inspect.unwrap(libvirt_utils.copy_image)
        self.addCleanup(setattr, libvirt_utils, 'copy_image',
                        libvirt_utils.copy_image)
        self.events = []
        self.failure = None

        @functools.wraps(self.stock)
        def copy_image(*args, **kwargs):
            self.events.append(('stock', args, kwargs))
            for name in ('on_execute', 'on_completion'):
                callback = kwargs.get(name) or (
                    args[4] if name == 'on_execute' and len(args) > 4
                    else None)
                if callback:
                    callback(mock.sentinel.process)
            if self.failure:
                raise self.failure
            return mock.sentinel.result

        libvirt_utils.copy_image = copy_image
        copy_seam.install()
        self.observer = mock.Mock(spec_set=[
            'copy_begins', 'copy_runs', 'copy_failed', 'copy_ends'])
        self.observer.copy_begins.return_value = mock.sentinel.copy

    def observe(self):
        observed = copy_seam.observed(self.observer)
        observed.__enter__()
        self.addCleanup(observed.__exit__, None, None, None)

    def called(self):
        return [call[0] for call in self.observer.method_calls]

    def test_installed_nova(self):
        copy_seam.check()

    def test_stock_unless_observed(self):
        on_execute = mock.Mock()
        self.assertIs(mock.sentinel.result, libvirt_utils.copy_image(
            'a', 'b', host='h', on_execute=on_execute, compression=False))
        self.assertEqual(
            [('stock', ('a', 'b'),
              {'host': 'h', 'on_execute': on_execute, 'compression': False})],
            self.events)
        self.assertIsNone(copy_seam.current_observer())

    def test_local_copy(self):
        self.observe()
        self.assertIs(self.observer, copy_seam.current_observer())
        self.assertIs(mock.sentinel.result,
                      libvirt_utils.copy_image('a', 'b'))
        self.assertEqual([('stock', ('a', 'b'), {})], self.events)
        self.assertEqual(
            [mock.call.copy_begins('a', 'b'),
             mock.call.copy_runs(mock.sentinel.copy),
             mock.call.copy_ends(mock.sentinel.copy)],
            self.observer.method_calls)

    def test_remote_copy(self):
        self.observe()
        on_execute = mock.Mock()
        on_completion = mock.Mock()
        libvirt_utils.copy_image('a', 'b', 'h', on_execute=on_execute,
                                 on_completion=on_completion,
                                 compression=False)
        # Nova's job tracker is told as ever.
        on_execute.assert_called_once_with(mock.sentinel.process)
        on_completion.assert_called_once_with(mock.sentinel.process)
        self.assertEqual(
            [mock.call.copy_begins('a', 'b'),
             mock.call.copy_runs(mock.sentinel.copy, mock.sentinel.process),
             mock.call.copy_ends(mock.sentinel.copy)],
            self.observer.method_calls)
        self.assertEqual(1, len(self.events))

    def test_remote_copy_without_callbacks(self):
        self.observe()
        libvirt_utils.copy_image('a', 'b', host='h')
        self.observer.copy_runs.assert_called_once_with(
            mock.sentinel.copy, mock.sentinel.process)

    def test_received_copy_is_left_alone(self):
        self.observe()
        libvirt_utils.copy_image('a', 'b', host='h', receive=True)
        self.assertEqual(
            [('stock', ('a', 'b'), {'host': 'h', 'receive': True})],
            self.events)
        self.assertEqual([], self.called())

    def test_failed_copy(self):
        self.observe()
        self.failure = OSError('no space')
        self.assertIs(self.failure, self.assertRaises(
            OSError, libvirt_utils.copy_image, 'a', 'b', host='h'))
        self.assertEqual(['copy_begins', 'copy_runs', 'copy_failed'],
                         self.called())

    def test_job_tracker_that_raises(self):
        self.observe()
        failure = ValueError('no')
        self.assertIs(failure, self.assertRaises(
            ValueError, libvirt_utils.copy_image, 'a', 'b', host='h',
            on_execute=mock.Mock(side_effect=failure)))
        self.assertEqual(['copy_begins', 'copy_failed'], self.called())

    def test_wrong_arguments(self):
        self.observe()
        self.assertRaises(TypeError, libvirt_utils.copy_image, 'a')
        self.assertEqual([], self.events)

    def test_repeated(self):
        installed = libvirt_utils.copy_image
        copy_seam.install()
        self.assertIs(installed, libvirt_utils.copy_image)
        copy_seam.check()

    def test_unknown_copy_image(self):
        libvirt_utils.copy_image = lambda source, target: None
        error = self.assertRaises(exception.UnknownSeam, copy_seam.install)
        self.assertEqual(
            'nova.virt.libvirt.utils.copy_image does not have the expected '
            'parameters src, dest, host, receive, on_execute, on_completion, '
            'compression', str(error))

    def test_no_copy_image(self):
        del libvirt_utils.copy_image
        error = self.assertRaises(exception.UnknownSeam, copy_seam.check)
        self.assertEqual('There is no nova.virt.libvirt.utils.copy_image',
                         str(error))

    def test_unknown_driver(self):
        for name in ('migrate_disk_and_power_off', '_get_instance_disk_info',
                     'confirm_migration', 'finish_revert_migration'):
            with mock.patch.object(libvirt_driver.LibvirtDriver, name,
                                   lambda self: None):
                error = self.assertRaises(exception.UnknownSeam,
                                          copy_seam.check)
            self.assertIn('LibvirtDriver.%s does not have' % name, str(error))
