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

"""What happens in the demo."""

import typing

from nova.api.openstack import api_version_request

from sandbox import checks
from sandbox import client
from sandbox.demo import printer as printer_mod
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox import servers
from sandbox import services
from sandbox.truth import reader
from sandbox.truth import slow_saves
from sandbox import verification

NAME = 'demo'
MEMORY = 256
WORKING_SET = 64
DIRTY_RATE = 16
#: MiB/s: slow enough to watch, fast enough to overtake the guest.
BANDWIDTH = 24


def _stock_maximum() -> str:
    """The newest microversion of the installed Nova itself."""
    # This process has not loaded the plugin.
    return str(api_version_request._MAX_API_VERSION)


def _boot(layout: layout_mod.Layout,
          printer: printer_mod.Printer) -> servers.BootedServer:
    try:
        servers.delete(layout, NAME)
    except exception.NotFound:
        pass
    printer.say('booting a guest with %d MiB that rewrites %d MiB of them at '
                '%d MiB/s' % (MEMORY, WORKING_SET, DIRTY_RATE))
    return servers.boot(layout, NAME, 'compute1', memory=MEMORY,
                        dirty_rate=DIRTY_RATE, working_set=WORKING_SET)


def run(layout: layout_mod.Layout,
        printer: printer_mod.Printer) -> printer_mod.DemoResult:
    """Migrate a busy guest and judge what the API said."""
    api = client.Client(layout)
    maximum = api.maximum()
    below = _stock_maximum()
    found = [checks.Check(
        'the microversion is one above stock Nova',
        maximum == client.shift_microversion(below, 1),
        '%s above %s' % (maximum, below))]
    server = _boot(layout, printer)
    servers.set_bandwidth(layout, BANDWIDTH)
    printer.say('live-migrating it at %d MiB/s at most; polling '
                'GET /os-migrations at %s' % (BANDWIDTH, maximum))
    entry = migrations.live_migrate(layout, NAME)
    readings = printer.show_migration(
        lambda show: migrations.poll(layout, entry, maximum, show))
    servers.set_bandwidth(layout, 0)
    guest = _verify(layout, printer, entry, found)
    final = migrations.migration(api, server['id'], entry['uuid'],
                                 microversion=maximum)
    stock = migrations.migration(api, server['id'], entry['uuid'],
                                 microversion=below)
    truth = reader.last_run(layout.truth, server['id'])
    found += checks.course(readings, truth, slow_saves.read(
        layout.log(services.qualify('nova-compute', truth['host'])),
        server['id']))
    found += checks.memory_only(readings, truth, MEMORY)
    found += checks.completed(final, truth)
    found += checks.stock(final, stock)
    return {'microversion': maximum, 'stock_microversion': below,
            'samples': readings, 'final': final, 'stock': stock,
            'truth': truth['completed'], 'guest': guest, 'checks': found}


def _verify(
        layout: layout_mod.Layout, printer: printer_mod.Printer,
        entry: client.JSONObject, found: list[checks.Check],
) -> typing.Optional[verification.Verification]:
    printer.say("verifying the guest's memory on the destination")
    name = 'the guest is alive and its memory intact on the destination'
    try:
        guest = migrations.wait(layout, entry)['guest']
    except exception.SandboxError as exc:
        found.append(checks.Check(name, False, str(exc)))
        return None
    found.append(checks.Check(
        name, True, '%(host)s, verification %(iteration)d, rewriting '
        '%(rate).1f MiB/s' % guest))
    return guest
