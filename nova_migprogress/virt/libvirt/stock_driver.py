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

"""The driver that the mixins are put before.

Its class is known to the type checker only.

Public methods of a mixin show the parameters that Nova gives them: Nova's
tests (assertPublicAPISignatures of nova.test.TestCase) compare those of every
driver with nova.virt.driver.ComputeDriver's. What was given as a keyword is
passed on as one: a driver of a site's own may insist.
"""

import collections.abc
import inspect
import typing

from nova.virt import driver as virt_driver

if typing.TYPE_CHECKING:
    from nova.virt.libvirt import driver

    class StockDriver(driver.LibvirtDriver):
        """Nova's own driver, or a site's."""
else:
    # No part of Nova is imported that only annotations need: one that is
    # missing must not keep the driver from being loaded.
    StockDriver = object

_Method = collections.abc.Callable[..., typing.Any]


def shown_as_stock(method: _Method) -> _Method:
    """Let a method show the parameters of Nova's."""
    stock = getattr(virt_driver.ComputeDriver, method.__name__)
    setattr(method, '__signature__', inspect.signature(stock))
    return method
