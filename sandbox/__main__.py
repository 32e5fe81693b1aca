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

"""The commands of ``python -m sandbox``."""

import argparse
from collections import abc
import json
import shlex
import subprocess
import sys
import time
import typing

from sandbox import client
from sandbox import cloud
from sandbox import exception
from sandbox.guest import console as guest_console
from sandbox import interruption
from sandbox import layout as layout_mod
from sandbox import migrations
from sandbox import namespaces
from sandbox import process
from sandbox import servers
from sandbox import services
from sandbox import status as status_mod
from sandbox.truth import reader
from sandbox import verification


class Answer(typing.NamedTuple):
    """What a command answers."""

    #: For --json; None: nothing is printed.
    data: typing.Any
    #: For people.
    text: typing.Optional[str]
    code: int = 0


Command = abc.Callable[[layout_mod.Layout, argparse.Namespace], Answer]


def _make_say(args: argparse.Namespace) -> abc.Callable[[str], None]:
    """Where progress is told: never into the JSON on standard output."""
    def say(line: str) -> None:
        print(line, file=sys.stderr if args.json else sys.stdout, flush=True)
    return say


def up(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    began = time.monotonic()
    cloud.up(layout, args.driver, _make_say(args))
    state = dict(status_mod.get(layout),
                 seconds=round(time.monotonic() - began, 1))
    return Answer(
        state, 'The sandbox is up after %(seconds)s s, microversion '
        '%(microversion)s, driver %(driver)s.' % state)


def down(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    ended = cloud.down(layout)
    return Answer(
        {'processes_ended': ended},
        'The sandbox is down; %d processes were ended.' % ended)


def status(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    state = status_mod.get(layout)
    lines = ['up: %s' % ('yes' if state['up'] else 'no')]
    lines += ['%s: %s' % (name, value)
              for name, value in (('driver', state['driver']),
                                  ('microversion', state['microversion']))
              if value]
    lines += ['%-22s %s%s' % (service['name'],
                              service['pid'] or 'not running',
                              ' frozen' if service['frozen'] else '')
              for service in state['services']]
    lines += ['server %(name)s on %(host)s: %(status)s %(task)s' % server
              for server in state['servers']]
    return Answer(state, '\n'.join(lines), 0 if state['up'] else 1)


def env(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    variables = cloud.env(layout)
    return Answer(variables, '\n'.join(
        'export %s=%s' % (name, shlex.quote(value))
        for name, value in variables.items()))


def boot(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    server = servers.boot(
        layout, args.name, args.host, memory=args.memory,
        dirty_rate=args.dirty_rate, working_set=args.working_set,
        disk=args.disk, disk_write_rate=args.disk_write_rate)
    return Answer(server, 'The server %(name)s runs on %(host)s.' % server)


def delete(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    servers.delete(layout, args.name)
    return Answer({'deleted': args.name},
                  'The server %s is gone.' % args.name)


def live_migrate(layout: layout_mod.Layout,
                 args: argparse.Namespace) -> Answer:
    entry = migrations.live_migrate(layout, args.name, args.block)
    if not args.wait:
        return Answer({'migration': entry},
                      'Migration %(uuid)s is %(status)s.' % entry)
    success = migrations.wait(layout, entry)
    return Answer(success, (
        'Migration %(uuid)s is completed; the guest is alive and its memory '
        'intact on %(dest_compute)s.' % success['migration']))


def cold_migrate(layout: layout_mod.Layout,
                 args: argparse.Namespace) -> Answer:
    entry = migrations.cold_migrate(layout, args.name)
    if args.wait:
        entry = migrations.wait_resized(layout, entry)
    return Answer({'migration': entry},
                  'Migration %(uuid)s is %(status)s.' % entry)


def confirm(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    migrations.confirm(layout, args.name)
    return Answer({'confirmed': args.name}, 'The migration is confirmed.')


def abort(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    entry = migrations.abort(layout, args.name)
    return Answer({'migration': entry},
                  'Abort of %(uuid)s is accepted.' % entry)


def force_complete(layout: layout_mod.Layout,
                   args: argparse.Namespace) -> Answer:
    entry = migrations.force_complete(layout, args.name)
    return Answer({'migration': entry},
                  'Forced completion of %(uuid)s is accepted.' % entry)


def bandwidth(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    applied = servers.set_bandwidth(layout, args.mib)
    return Answer({'bandwidth': args.mib, 'servers': applied}, (
        'Migrations may use %s; applied to %d servers at once.'
        % ('%d MiB/s' % args.mib if args.mib else 'everything',
           len(applied))))


def truth(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    server = client.Client(layout).server(args.name)
    found = reader.last_run(layout.truth, server['id'])
    # Also without --json: this is for programs.
    return Answer(found, json.dumps(found, indent=2, sort_keys=True))


def console(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    host, text = verification.read_console(layout, args.name)
    return Answer(dict(guest_console.parse(text)._asdict(), host=host,
                       text=text), text)


def start(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    started = bool(services.start(layout, [args.service]))
    return Answer(
        {'service': args.service, 'started': started}, '%s %s.' % (
            args.service, 'is started' if started else 'runs already'))


def stop(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    services.get(layout, args.service)
    stopped = process.stop(layout, args.service)
    return Answer(
        {'service': args.service, 'stopped': stopped}, '%s %s.' % (
            args.service, 'is stopped' if stopped else 'does not run'))


def restart(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    stop(layout, args)
    start(layout, args)
    return Answer({'service': args.service},
                  '%s is restarted.' % args.service)


def freeze(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    services.get(layout, args.service)
    pids = process.freeze(layout, args.service)
    return Answer({'service': args.service, 'pids': pids},
                  '%s is frozen: %d processes.' % (args.service, len(pids)))


def thaw(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    services.get(layout, args.service)
    pids = process.thaw(layout, args.service)
    return Answer({'service': args.service, 'pids': pids},
                  '%s goes on.' % args.service)


def execute(layout: layout_mod.Layout, args: argparse.Namespace) -> Answer:
    code = subprocess.call(
        namespaces.enter(layout, args.machine) + args.command,
        env=process.environment())
    return Answer(None, None, code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m sandbox',
        description='A real Nova with two libvirt hosts on this machine.')
    commands = parser.add_subparsers(
        dest='action', required=True, metavar='COMMAND')

    def add(function: Command, help_text: str,
            name: typing.Optional[str] = None) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name or function.__name__.replace('_', '-'),
            help=help_text, description=help_text)
        command.set_defaults(function=function)
        command.add_argument('--json', action='store_true',
                             help='print one JSON object')
        return command

    command = add(up, 'bring everything up, or change the driver')
    command.add_argument('--driver', choices=layout_mod.DRIVERS,
                         default='migprogress',
                         help='stock Nova, or Nova with this plugin')
    add(down, 'end everything; only logs stay')
    add(status, 'show what runs; exits with 1 unless everything does')
    add(env, 'variables for the openstack command and other clients')
    command = add(boot, 'boot a server with a memory workload')
    command.add_argument('name', metavar='NAME')
    command.add_argument('--host', choices=layout_mod.COMPUTES,
                         default=layout_mod.COMPUTES[0])
    for option, kind, default, unit, help_text in (
            ('--memory', int, 256, 'MIB', 'RAM'),
            ('--dirty-rate', float, 8.0, 'MIB_S',
             'memory rewritten per second'),
            ('--working-set', int, 64, 'MIB', 'memory that is rewritten'),
            ('--disk', int, 0, 'MIB', 'local disk; without one the server '
             'boots from shared storage'),
            ('--disk-write-rate', float, 0.0, 'MIB_S',
             'disk rewritten per second')):
        command.add_argument(option, type=kind, default=default,
                             metavar=unit,
                             help=help_text + ' (default: %(default)s)')
    command = add(live_migrate, 'live-migrate a server to the other host')
    command.add_argument('name', metavar='NAME')
    command.add_argument('--block', action='store_true',
                         help='copy its local disk too')
    command.add_argument('--wait', action='store_true',
                         help="wait, and check the guest's memory")
    command = add(cold_migrate, 'cold-migrate a server to the other host')
    command.add_argument('name', metavar='NAME')
    command.add_argument('--wait', action='store_true',
                         help='wait until it can be confirmed')
    for function, help_text in (
            (delete, 'delete a server'),
            (confirm, 'confirm a cold migration'),
            (abort, 'abort a running live migration'),
            (force_complete, 'force a running live migration to complete'),
            (truth, "libvirt's own statistics of a server's last live "
                    'migration'),
            (console, "show a server's console")):
        add(function, help_text).add_argument('name', metavar='NAME')
    add(bandwidth, 'cap running and coming migrations').add_argument(
        'mib', metavar='MIB_S', type=int, help='MiB/s, 0 for no cap')
    for function, help_text in (
            (restart, 'restart a service'), (stop, 'stop a service'),
            (start, 'start a service'),
            (freeze, 'freeze a service: SIGSTOP to all its processes, which '
                     'then neither answer nor end'),
            (thaw, 'let a frozen service go on: SIGCONT')):
        add(function, help_text).add_argument('service', metavar='SERVICE')
    command = add(execute, 'run a program on a machine of the sandbox',
                  'exec')
    command.add_argument('machine', choices=layout_mod.MACHINES)
    command.add_argument('command', nargs=argparse.REMAINDER)
    return parser


def main(argv: typing.Optional[list[str]] = None) -> int:
    args = _parser().parse_args(argv)
    interruption.catch()
    try:
        result: Answer = args.function(layout_mod.Layout(), args)
    except exception.SandboxError as exc:
        print('error: %s' % exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        return 130
    if result.data is not None:
        print(json.dumps(result.data, indent=2) if args.json
              else result.text)
    return result.code


if __name__ == '__main__':
    sys.exit(main())
