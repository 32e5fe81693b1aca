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

"""The options that the driver reads, to be seen to when it is loaded."""

import nova.conf
from nova import exception as nova_exception
from oslo_config import cfg
from oslo_log import log as logging

from nova_migprogress import conf

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF


def register() -> None:
    """Register the options of this package and check their values.

    :raises nova.exception.InvalidConfiguration: one is out of its bounds
    """
    conf.register_opts(CONF)
    for opt in conf.OPTS:
        # oslo.config checks the value of an option that is registered after
        # the files were read only when it is asked for; Nova takes the
        # ValueError it then raises for a driver of the wrong type
        # (nova.virt.driver.load_compute_driver).
        try:
            CONF[conf.GROUP.name][opt.name]
        except cfg.ConfigFileValueError as exc:
            raise nova_exception.InvalidConfiguration(str(exc))


def correct_monitor_interval() -> None:
    """Keep Nova's monitor from dividing by zero, which aborts migrations.

    Nova 34 reads live_migration_monitor_interval in its monitor loop
    (_live_migration_monitor of nova.virt.libvirt.driver.LibvirtDriver) and
    sets no minimum; earlier releases do not have the option.
    """
    if getattr(CONF.libvirt, 'live_migration_monitor_interval', 1) == 0:
        LOG.warning('[libvirt] live_migration_monitor_interval is 0, with '
                    'which Nova aborts every live migration; 1 is used.')
        CONF.set_override('live_migration_monitor_interval', 1, 'libvirt')
