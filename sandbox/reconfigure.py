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

"""Run the compute hosts for a while with other options of nova.conf."""

from collections import abc
import contextlib

from sandbox import layout as layout_mod
from sandbox import novaconf
from sandbox import process
from sandbox import services
from sandbox import settings


def _restart(layout: layout_mod.Layout) -> None:
    names = [services.qualify('nova-compute', host)
             for host in layout_mod.COMPUTES]
    for name in names:
        process.stop(layout, name)
    services.start(layout, names)


@contextlib.contextmanager
def compute(layout: layout_mod.Layout,
            options: novaconf.Options) -> abc.Iterator[None]:
    """Restart nova-compute with more options, and afterwards without.

    :param options: a mapping of section to a mapping of option to value;
        where it is empty nothing is restarted
    """
    if not options:
        yield
        return
    driver = settings.load(layout)['driver']
    try:
        novaconf.configure(layout, driver, options)
        _restart(layout)
        yield
    finally:
        novaconf.configure(layout, driver)
        _restart(layout)
