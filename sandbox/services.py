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

"""Every process of the sandbox's cloud."""

from collections import abc
import socket
import sys

from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import messaging
from sandbox import namespaces
from sandbox import process
from sandbox import programs
from sandbox import settings


_PROBE_HTTP = ('import sys, urllib.request as r; '
               'r.urlopen(sys.argv[1], timeout=5).read()')
_PROBE_TCP = ('import socket, sys; '
              'socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)')


def _answers(
        machine: str, probe: str,
        *args: str) -> abc.Callable[[layout_mod.Layout], bool]:
    """A readiness check that runs on the service's own machine."""
    def is_ready(layout: layout_mod.Layout) -> bool:
        return process.succeeds(
            namespaces.enter(layout, machine) +
            [sys.executable, '-S', '-c', probe] + list(args))
    return is_ready


def _says(name: str, text: str) -> abc.Callable[[layout_mod.Layout], bool]:
    """A readiness check that looks into the log since the last start."""
    def is_ready(layout: layout_mod.Layout) -> bool:
        return text in process.log_since_start(layout, name)
    return is_ready


def _api_socket(layout: layout_mod.Layout) -> socket.socket:
    """The compute API's socket: the only one outside the namespaces."""
    port = settings.load(layout)['api_port']
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for candidate in ([port] if port else [layout_mod.API_PORT, 0]):
        try:
            sock.bind(('127.0.0.1', candidate))
            break
        except OSError as exc:
            if candidate == port or candidate == 0:
                raise exception.SandboxError(
                    'Port %d of 127.0.0.1 is taken: %s' % (candidate, exc))
    sock.listen(64)
    settings.save(layout, api_port=sock.getsockname()[1])
    return sock


def _api_answers(layout: layout_mod.Layout) -> bool:
    port = settings.load(layout)['api_port']
    return process.succeeds([sys.executable, '-S', '-c', _PROBE_HTTP,
                             'http://127.0.0.1:%s/' % port])


def _uwsgi(socket_name: str, module: str) -> list[str]:
    return [layout_mod.program('uwsgi'), '--http-socket', socket_name,
            '--module', module, '--master', '--processes', '1',
            '--threads', '4', '--enable-threads', '--lazy-apps', '--need-app',
            '--die-on-term', '--buffer-size', '65535', '--disable-logging',
            # uwsgi keeps a connection open without telling the client when
            # it closes it.
            '--add-header', 'Connection: close']


def qualify(program: str, host: str) -> str:
    """Return the name of the service that a program is on a compute host."""
    return '%s@%s' % (program, host)


def _control(layout: layout_mod.Layout) -> abc.Iterator[process.Service]:
    control = layout_mod.CONTROL
    address = layout_mod.ADDRESSES[control]
    checkout = str(layout_mod.CHECKOUT)

    def url(port: int) -> str:
        return 'http://%s:%d/' % (address, port)

    yield process.Service('mariadb', control, database.argv(layout),
                          database.is_ready)
    yield process.Service(
        'rabbitmq', control, messaging.argv(layout),
        _answers(control, _PROBE_TCP, address, str(layout_mod.RABBIT_PORT)),
        env=messaging.env(layout))
    yield process.Service(
        'fakes', control,
        _uwsgi('%s:%d' % (address, layout_mod.FAKES_PORT),
               'sandbox.fakes.app:application'),
        _answers(control, _PROBE_HTTP,
                 url(layout_mod.FAKES_PORT) + 'volume/'),
        env={'PYTHONPATH': checkout,
             'MIGPROGRESS_IMAGES': str(layout.images),
             'MIGPROGRESS_VOLUMES': str(layout.volumes),
             'MIGPROGRESS_FAILING': str(layout.failing)})
    yield process.Service(
        'placement', control,
        _uwsgi('%s:%d' % (address, layout_mod.PLACEMENT_PORT),
               'placement.wsgi.api:application'),
        _answers(control, _PROBE_HTTP, url(layout_mod.PLACEMENT_PORT)),
        env={'OS_PLACEMENT_CONFIG_DIR': str(layout.etc / 'placement')})
    for name in ('nova-conductor', 'nova-scheduler'):
        yield process.Service(
            name, control,
            [layout_mod.program(name), '--config-file',
             str(layout.nova_conf)],
            _says(name, 'Join ServiceGroup membership'))
    yield process.Service(
        'nova-api', control,
        _uwsgi('fd://{fd}', 'nova.wsgi.osapi_compute:application'),
        _api_answers, listen=_api_socket,
        env={'PYTHONPATH': checkout,
             'OS_NOVA_CONFIG_DIR': str(layout.etc / 'nova')})


def _compute(layout: layout_mod.Layout,
             host: str) -> abc.Iterator[process.Service]:
    yield process.Service(
        qualify('libvirtd', host), host,
        [programs.find('libvirtd'), '--listen', '--pid-file',
         '/run/libvirtd.pid'],
        _answers(host, _PROBE_TCP, layout_mod.ADDRESSES[host], '16509'))
    yield process.Service(
        qualify('sshd', host), host,
        [programs.find('sshd'), '-D', '-e', '-f', '/etc/ssh/sshd_config'],
        _answers(host, _PROBE_TCP, layout_mod.ADDRESSES[host], '22'))
    name = qualify('truth', host)
    yield process.Service(
        name, host,
        [sys.executable, '-m', 'sandbox.truth.recorder', str(layout.truth),
         host],
        _says(name, 'recording'),
        env={'PYTHONPATH': str(layout_mod.CHECKOUT)})
    name = qualify('nova-compute', host)
    yield process.Service(
        name, host,
        [layout_mod.program('nova-compute'), '--config-file',
         str(layout.compute_conf(host))],
        _says(name, 'Join ServiceGroup membership'), timeout=120)


def all_services(layout: layout_mod.Layout) -> list[process.Service]:
    """All services, each after those it needs."""
    found = list(_control(layout))
    computes = [list(_compute(layout, host)) for host in layout_mod.COMPUTES]
    # Side by side: both hosts' libvirtd first, both nova-compute last.
    for together in zip(*computes):
        found += together
    return found


def get(layout: layout_mod.Layout, name: str) -> process.Service:
    """One service by its name.

    :raises NotFound: if there is none, naming all
    """
    found = {service.name: service for service in all_services(layout)}
    try:
        return found[name]
    except KeyError:
        raise exception.NotFound(
            'There is no service %s; the services are: %s.'
            % (name, ', '.join(found)))


def start(layout: layout_mod.Layout, names: abc.Iterable[str],
          say: abc.Callable[[str], object] = lambda line: None) -> list[str]:
    """Start services side by side and wait until all are ready.

    :param say: called with a line about each that is ready
    :returns: the names of those that did not run already
    :raises NotFound: if there is no such service
    """
    chosen = [get(layout, name) for name in names]
    started = [service.name for service in chosen
               if process.start(layout, service)]
    for service in chosen:
        process.wait_ready(layout, service)
        say('  %s is ready' % service.name)
    return started
