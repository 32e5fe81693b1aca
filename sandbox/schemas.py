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

"""The tables of the databases: Nova's, placement's and the plugin's."""

from sandbox import database
from sandbox import layout as layout_mod
from sandbox import namespaces
from sandbox import process


def _manage(layout: layout_mod.Layout, program: str, *args: str) -> None:
    namespaces.run(layout, layout_mod.CONTROL,
                   [layout_mod.program(program)] + list(args),
                   env=process.environment())


def _nova_manage(layout: layout_mod.Layout, *args: str) -> None:
    _manage(layout, 'nova-manage', '--config-file', str(layout.nova_conf),
            *args)


def create_nova(layout: layout_mod.Layout) -> None:
    """Create Nova's tables, and its cells."""
    _nova_manage(layout, 'api_db', 'sync')
    _nova_manage(layout, 'cell_v2', 'map_cell0', '--database_connection',
                 database.url('nova_cell0'))
    _nova_manage(layout, 'cell_v2', 'create_cell', '--name', 'cell1')
    _nova_manage(layout, 'db', 'sync')


def create_placement(layout: layout_mod.Layout) -> None:
    """Create placement's tables."""
    _manage(layout, 'placement-manage', '--config-file',
            str(layout.etc / 'placement' / 'placement.conf'), 'db', 'sync')


def change(layout: layout_mod.Layout, driver: str) -> None:
    """Apply the plugin's schema changes, or take them back, as a deployer."""
    _manage(layout, 'nova-migprogress-manage', 'db',
            'upgrade' if driver == 'migprogress' else 'downgrade',
            '--config-file', str(layout.nova_conf))


def discover_hosts(layout: layout_mod.Layout) -> None:
    """Let Nova's cell know the compute hosts, which must have started."""
    _nova_manage(layout, 'cell_v2', 'discover_hosts')
