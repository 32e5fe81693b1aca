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

"""nova.conf, placement.conf and api-paste.ini of the sandbox.

With the driver ``stock`` the whole cloud is stock Nova. With ``migprogress``
exactly the two lines that a deployer changes are changed: ``compute_driver``
of the compute hosts and the application factory in api-paste.ini.
"""

from collections import abc
import configparser
import pathlib
import sys
import typing

from sandbox import database
from sandbox import layout as layout_mod
from sandbox import messaging

COMPUTE_DRIVERS = {
    'migprogress': 'migprogress.LibvirtDriver',
    'stock': 'libvirt.LibvirtDriver',
}


class _CaseSensitiveParser(configparser.RawConfigParser):

    def optionxform(self, optionstr: str) -> str:
        return optionstr


#: A configuration file: section to option to value.
Conf = dict[str, dict[str, str]]
#: The same, to be read only.
Options = abc.Mapping[str, abc.Mapping[str, str]]


def _url(port: int, path: str = '') -> str:
    return 'http://%s:%d%s' % (
        layout_mod.ADDRESSES[layout_mod.CONTROL], port, path)


def _admin(endpoint: str) -> dict[str, str]:
    # There is no keystone: a fixed token, and endpoints by configuration.
    return {'auth_type': 'admin_token', 'token': 'admin',
            'endpoint': endpoint, 'endpoint_override': endpoint}


def _common(layout: layout_mod.Layout, machine: str) -> Conf:
    placement = _url(layout_mod.PLACEMENT_PORT)
    privsep = {'helper_command': '%s --config-file %s' % (
        layout_mod.program('privsep-helper'),
        layout.nova_conf if machine == layout_mod.CONTROL
        else layout.compute_conf(machine))}
    return {
        'DEFAULT': {
            'host': machine,
            'my_ip': layout_mod.ADDRESSES[machine],
            'transport_url': messaging.url(),
            'debug': 'true',
            'default_log_levels': (
                'amqp=WARN,amqplib=WARN,oslo.messaging=INFO,'
                'oslo_messaging=INFO,sqlalchemy=WARN,stevedore=INFO,'
                'iso8601=WARN,urllib3.connectionpool=WARN,'
                'keystoneauth=WARN,oslo.privsep.daemon=INFO,'
                'routes.middleware=WARN,glanceclient=WARN,'
                'oslo_policy=INFO,oslo_concurrency=INFO'),
            'state_path': '/run/nova',
            # No guest here understands ACPI's power button.
            'shutdown_timeout': '2',
            'graceful_shutdown_timeout': '5',
            'manager_shutdown_timeout': '2',
        },
        'placement': _admin(placement),
        'neutron': dict(
            _admin(_url(layout_mod.FAKES_PORT, '/network')),
            # Servers without a port ask for nothing else: so they notice
            # that the network service fails (neutron.py's
            # _refresh_neutron_extensions_cache).
            extension_sync_interval='0'),
        'glance': _admin(_url(layout_mod.FAKES_PORT, '/image')),
        'cinder': dict(
            auth_type='admin_token', token='admin',
            endpoint=_url(layout_mod.FAKES_PORT, '/volume/v3'),
            # ConfigParser does not interpolate here, Nova does.
            endpoint_template=_url(
                layout_mod.FAKES_PORT, '/volume/v3/%(project_id)s')),
        'oslo_concurrency': {'lock_path': '/run/lock'},
        'oslo_limit': {},
        'workarounds': {
            # The guest kernel is no disk image.
            'disable_deep_image_inspection': 'true',
            'disable_rootwrap': 'true',
        },
        'nova_sys_admin': privsep,
        'privsep_osbrick': privsep,
        'vif_plug_ovs_privileged': privsep,
        'vif_plug_linux_bridge_privileged': privsep,
    }


def _control(layout: layout_mod.Layout) -> Conf:
    conf = _common(layout, layout_mod.CONTROL)
    conf['database'] = {'connection': database.url('nova')}
    conf['api_database'] = {'connection': database.url('nova_api')}
    conf['api'] = {'auth_strategy': 'keystone'}
    conf['conductor'] = {'workers': '1'}
    conf['scheduler'] = {'workers': '1'}
    conf['oslo_policy'] = {'policy_file': str(layout.etc / 'no-policy.yaml')}
    return conf


def _compute(layout: layout_mod.Layout, host: str, driver: str) -> Conf:
    conf = _common(layout, host)
    conf['DEFAULT'].update({
        'compute_driver': COMPUTE_DRIVERS[driver],
        'instances_path': layout_mod.INSTANCES,
        'force_config_drive': 'false',
        'vif_plugging_is_fatal': 'false',
        'reserved_host_memory_mb': '0',
        'ram_allocation_ratio': '4.0',
        'cpu_allocation_ratio': '16.0',
        'initial_disk_allocation_ratio': '8.0',
    })
    conf['libvirt'] = {
        # KVM may exist and yet not run a guest.
        'virt_type': 'qemu',
        # host-passthrough is refused without KVM.
        'cpu_mode': 'custom',
        'cpu_models': 'qemu64',
        'live_migration_inbound_addr': layout_mod.ADDRESSES[host],
        'live_migration_with_native_tls': 'false',
        # The cap is set on the running domains: see servers.set_bandwidth.
        'live_migration_bandwidth': '0',
        # QEMU may stop the guest for 0.5 s at once, not for 0.05 s as by
        # default, where it looks for written pages several times in the last
        # few milliseconds: what guest/workload.c describes happens there.
        'live_migration_downtime': '1500',
        'live_migration_downtime_steps': '3',
        'images_type': 'qcow2',
        'inject_partition': '-2',
    }
    conf['vnc'] = {'enabled': 'false'}
    conf['spice'] = {'enabled': 'false'}
    conf['serial_console'] = {'enabled': 'false'}
    return conf


def _write(path: pathlib.Path, conf: Options) -> None:
    lines = []
    for section, options in conf.items():
        lines.append('[%s]' % section)
        lines += ['%s = %s' % option for option in options.items()]
        lines.append('')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(lines))


def _write_paste(layout: layout_mod.Layout, driver: str) -> None:
    """Write Nova's paste file, with a stand-in for keystone's filter."""
    if driver == 'migprogress':
        source = layout_mod.CHECKOUT / 'etc' / 'nova' / 'api-paste.ini'
    else:
        source = pathlib.Path(sys.prefix, 'etc', 'nova', 'api-paste.ini')
    paste = _CaseSensitiveParser(strict=True)
    with open(source) as stream:
        paste.read_file(stream)
    paste['filter:authtoken'] = {
        'paste.filter_factory': 'sandbox.fakes.auth:filter_factory'}
    with open(layout.etc / 'nova' / 'api-paste.ini', 'w') as target:
        paste.write(target)


def configure(layout: layout_mod.Layout, driver: str,
              options: typing.Optional[Options] = None) -> None:
    """Write all configuration files for a driver, migprogress or stock.

    :param options: more for the compute hosts: section to option to value
    """
    _write(layout.nova_conf, _control(layout))
    for host in layout_mod.COMPUTES:
        conf = _compute(layout, host, driver)
        for section, more in (options or {}).items():
            conf.setdefault(section, {}).update(more)
        _write(layout.compute_conf(host), conf)
    _write_paste(layout, driver)
    _write(layout.etc / 'placement' / 'placement.conf', {
        'DEFAULT': {'debug': 'false'},
        'api': {'auth_strategy': 'noauth2'},
        'placement_database': {'connection': database.url('placement')},
    })
