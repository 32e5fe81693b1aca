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

"""The command behind tools/demo: ``python -m sandbox.demo [--json FILE]``."""

import argparse
import json
import os
import sys
import typing

from sandbox import client
from sandbox import cloud
from sandbox.demo import play
from sandbox.demo import printer as printer_mod
from sandbox import exception
from sandbox import interruption
from sandbox import layout as layout_mod
from sandbox import servers
from sandbox import status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='tools/demo',
        description='Live-migrate a busy guest between two real hypervisors '
                    'and watch it in GET /os-migrations. Exits with 0 only '
                    'if everything is as specified.')
    parser.add_argument('--json', metavar='FILE',
                        help='write what was seen as one JSON object')
    parser.add_argument('--picture', metavar='FILE',
                        help='write what was printed as an SVG picture')
    parser.add_argument('--keep', action='store_true',
                        help='leave the sandbox up')
    return parser


def _clean_up(layout: layout_mod.Layout, printer: printer_mod.Printer,
              keep: bool) -> None:
    if keep:
        printer.say('deleting the guest; the sandbox stays up')
        try:
            servers.delete(layout, play.NAME)
        except exception.NotFound:
            pass
    else:
        printer.say('taking the sandbox down')
        cloud.down(layout)


def main(argv: typing.Optional[list[str]] = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    for option in ('json', 'picture'):
        path = getattr(args, option)
        if path and not os.access(
                os.path.dirname(os.path.abspath(path)), os.W_OK):
            parser.error('--%s %s: its directory cannot be written'
                         % (option, path))
    interruption.catch()
    layout = layout_mod.Layout()
    printer = printer_mod.Printer(record=bool(args.picture))
    was_up = False
    try:
        was_up = status.is_up(layout)
        printer.say('bringing up a Nova with two libvirt hosts '
                    '(1 to 2 minutes)')
        cloud.up(layout, 'migprogress', printer.say)
        printer.say('the compute API %s offers microversion %s' % (
            client.endpoint(layout), client.Client(layout).maximum()))
        result = play.run(layout, printer)
        printer.print_final(result)
        printer.print_checks(result['checks'])
        code = 0 if all(check.ok for check in result['checks']) else 1
        if args.json:
            seen = dict(result, checks=[check._asdict()
                                        for check in result['checks']])
            with open(args.json, 'w') as target:
                json.dump(seen, target, indent=2)
                target.write('\n')
            printer.say('wrote %s' % args.json)
        if args.picture:
            printer.save_picture(args.picture)
    except (exception.SandboxError, OSError) as exc:
        print('error: %s' % exc, file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        code = 130
    interruption.ignore()
    try:
        _clean_up(layout, printer, args.keep or was_up)
    except exception.SandboxError as exc:
        print('error: %s' % exc, file=sys.stderr)
        code = code or 1
    printer.say('everything is as specified' if code == 0 else
                'NOT everything is as specified' if code == 1 else 'stopped')
    return code


if __name__ == '__main__':
    sys.exit(main())
