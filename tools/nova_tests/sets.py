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

"""The parts of Nova's own test suites that the plugin could touch."""

import typing


class TestSet(typing.NamedTuple):
    """Modules of Nova's tests that run in one process."""

    #: Names of modules.
    modules: list
    #: Regular expression that the ids of the tests match.
    match: str = ''


_UNIT = 'nova.tests.unit.'
_FUNCTIONAL = 'nova.tests.functional.'

#: From the quickest to the slowest.
SETS = {
    'unit-api': TestSet([
        _UNIT + name for name in (
            'api.openstack.compute.test_extension_info',
            'api.openstack.compute.test_microversions',
            'api.openstack.compute.test_migrate_server',
            'api.openstack.compute.test_migrations',
            'api.openstack.compute.test_schemas',
            'api.openstack.compute.test_server_migrations',
            'api.openstack.compute.test_versions',
            'api.openstack.test_api_version_request',
            'api.openstack.test_wsgi',
            'objects.test_migration',
            'policies.test_migrate_server',
            'policies.test_migrations',
            'policies.test_server_migrations',
        )]),
    'unit-libvirt': TestSet([
        _UNIT + name for name in (
            'virt.libvirt.test_driver',
            'virt.libvirt.test_guest',
            'virt.libvirt.test_migration',
            'virt.test_virt_drivers',
        )]),
    'functional-api': TestSet([
        _FUNCTIONAL + name for name in (
            'api_sample_tests.test_extension_info',
            'api_sample_tests.test_migrate_server',
            'api_sample_tests.test_migrations',
            'api_sample_tests.test_server_migrations',
            'api_sample_tests.test_versions',
            'compute.test_migration_list',
            'test_legacy_v2_compatible_wrapper',
        )]),
    'functional-libvirt': TestSet([
        _FUNCTIONAL + name for name in (
            'libvirt.test_device_bus_migration',
            'libvirt.test_live_migration',
            'libvirt.test_migration_addr',
            'libvirt.test_numa_live_migration',
        )]),
    'functional-servers': TestSet([
        _FUNCTIONAL + name for name in (
            'compute.test_live_migration',
            'test_cold_migrate',
            'test_servers',
        )], match=r'(?i)migrat|resize|microversion|v2_?1'),
}
