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

"""Is a guest alive, and is its memory intact? Its own console tells."""

import typing

from sandbox import client
from sandbox import exception
from sandbox.guest import console as guest_console
from sandbox import layout as layout_mod
from sandbox import waiting


class Verification(typing.TypedDict):
    """What a guest was found to be."""

    #: Where it runs.
    host: str
    #: The newest verification of its memory.
    iteration: int
    #: The dirty rate in MiB/s that it measured.
    rate: float


def read_console(layout: layout_mod.Layout, name: str) -> tuple[str, str]:
    """Return the host that a server is on, and the text of its console."""
    server = client.Client(layout).server(name)
    host = client.compute_host(server)
    return host, _console_text(layout, host, server['id'])


def _console_text(layout: layout_mod.Layout, host: str,
                  server_id: str) -> str:
    try:
        return layout.console(host, server_id).read_text(errors='replace')
    except OSError:
        return ''


def parse_console(layout: layout_mod.Layout, host: str,
                  server_id: str) -> guest_console.Console:
    """Parse what a guest wrote on a host.

    :raises SandboxError: if the guest's memory is corrupt or it crashed
    """
    parsed = guest_console.parse(_console_text(layout, host, server_id))
    if parsed.bad:
        raise exception.SandboxError(
            'The guest on %s is broken: %s' % (host, parsed.bad))
    return parsed


def verify(layout: layout_mod.Layout, name: str, timeout: float = 60,
           host: typing.Optional[str] = None) -> Verification:
    """Wait for two complete verifications in the log of a server's host.

    The log of a destination begins with the guest's arrival there.

    :param host: where it runs; None: where Nova says that it does
    :raises SandboxError: if the guest crashed or its memory is not intact
    """
    server = client.Client(layout).server(name)
    place = host or client.compute_host(server)
    first = parse_console(layout, place, server['id']).last or 0

    def check() -> typing.Union[Verification, typing.Literal[False]]:
        parsed = parse_console(layout, place, server['id'])
        if (parsed.last is None or parsed.rate is None or
                # Two more than at the time of asking: alive now, not only
                # once.
                parsed.verified < 2 or parsed.last < first + 2):
            return False
        return {'host': place, 'iteration': parsed.last, 'rate': parsed.rate}

    return waiting.poll("A verification of %s's memory on %s" % (name, place),
                        timeout, check, step=0.2)
