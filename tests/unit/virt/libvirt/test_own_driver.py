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


"""The example of the page doc/source/contributor/own-driver.rst."""

import pathlib
import textwrap

from nova import test
from nova.virt.libvirt import driver as libvirt_driver

from nova_migprogress.virt.libvirt import copy_seam
from nova_migprogress.virt.libvirt import mixin
from nova_migprogress.virt.libvirt import monitor_seam

PAGE = (pathlib.Path(__file__).parents[4] /
        'doc/source/contributor/own-driver.rst')


class OwnDriverTestCase(test.NoDBTestCase):

    def test_example(self):
        if not PAGE.exists():
            self.skipTest('the documentation is not here')
        text = PAGE.read_text().partition('.. code-block:: python\n\n')[2]
        code = []
        for line in text.splitlines():
            if line and not line.startswith(' '):
                break
            code.append(line)
        names = {'__name__': 'site_drivers'}
        exec(compile(textwrap.dedent('\n'.join(code)), str(PAGE), 'exec'),
             names)
        cls = names['LibvirtDriver']
        mro = cls.__mro__
        self.assertLess(mro.index(mixin.ProgressMixin),
                        mro.index(names['SiteDriver']))
        self.assertTrue(issubclass(cls, libvirt_driver.LibvirtDriver))
        stock = mixin.find_stock_classes(cls)
        monitor_seam.check(stock)
        copy_seam.check(stock)
