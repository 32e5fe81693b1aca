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

"""A private RabbitMQ inside the control plane's namespace.

Erlang's port mapper, which listens on all addresses, is started by RabbitMQ
in that namespace too and cannot be reached from outside.
"""

import pathlib

from sandbox import layout as layout_mod
from sandbox import programs

CONF = """\
listeners.tcp.1 = %(address)s:%(port)d
default_user = nova
default_pass = nova
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
# A sandbox lives beside its developer's own programs.
vm_memory_high_watermark.relative = 0.8
disk_free_limit.absolute = 50MB
"""


def url() -> str:
    """The transport URL for every service."""
    return 'rabbit://nova:nova@%s:%d/' % (
        layout_mod.ADDRESSES[layout_mod.CONTROL], layout_mod.RABBIT_PORT)


def _directory(layout: layout_mod.Layout) -> pathlib.Path:
    return layout.machine(layout_mod.CONTROL) / 'rabbitmq'


def configure(layout: layout_mod.Layout) -> None:
    """Write the broker's configuration."""
    directory = _directory(layout)
    (directory / 'home').mkdir(parents=True)
    (directory / 'enabled_plugins').write_text('[].\n')
    (directory / 'rabbitmq.conf').write_text(CONF % {
        'address': layout_mod.ADDRESSES[layout_mod.CONTROL],
        'port': layout_mod.RABBIT_PORT})


def argv(_layout: layout_mod.Layout) -> list[str]:
    """The broker's command."""
    return [programs.rabbitmq()]


def env(layout: layout_mod.Layout) -> dict[str, str]:
    """The broker's environment: nothing of /etc/rabbitmq is read."""
    directory = _directory(layout)
    return {
        'HOME': str(directory / 'home'),
        'RABBITMQ_NODENAME': 'sandbox@localhost',
        'RABBITMQ_CONF_ENV_FILE': '/dev/null',
        'RABBITMQ_CONFIG_FILE': str(directory / 'rabbitmq.conf'),
        'RABBITMQ_ADVANCED_CONFIG_FILE': str(directory / 'advanced.config'),
        'RABBITMQ_ENABLED_PLUGINS_FILE': str(directory / 'enabled_plugins'),
        'RABBITMQ_MNESIA_BASE': str(directory / 'mnesia'),
        'RABBITMQ_LOG_BASE': str(directory / 'log'),
        'RABBITMQ_SCHEMA_DIR': str(directory / 'schema'),
        'RABBITMQ_GENERATED_CONFIG_DIR': str(directory / 'generated'),
        'RABBITMQ_PID_FILE': '/run/rabbitmq.pid',
        # No busy waiting: the cores are needed for guests.
        'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS':
            '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none',
    }
