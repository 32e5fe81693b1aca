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

from sandbox import client
from sandbox import cloud
from sandbox.demo import scenario
from sandbox.demo import view as view_mod
from sandbox import exception
from sandbox import interruption
from sandbox import layout as layout_mod
from sandbox import servers


def _parser():
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


def _clean_up(layout, view, keep):
    if keep:
        view.say('deleting the guest; the sandbox stays up')
        try:
            servers.delete(layout, scenario.NAME)
        except exception.NotFound:
            pass
    else:
        view.say('taking the sandbox down')
        cloud.down(layout)


def main(argv=None):
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
    view = view_mod.View(record=bool(args.picture))
    was_up = False
    try:
        was_up = cloud.is_up(layout)
        view.say('bringing up a Nova with two libvirt hosts (1 to 2 minutes)')
        cloud.up(layout, 'migprogress', view.say)
        view.say('the compute API %s offers microversion %s' % (
            client.endpoint(layout), client.Client(layout).maximum()))
        result = scenario.run(layout, view)
        view.final(result)
        view.checks(result['checks'])
        code = 0 if all(check.ok for check in result['checks']) else 1
        if args.json:
            result['checks'] = [check._asdict()
                                for check in result['checks']]
            with open(args.json, 'w') as target:
                json.dump(result, target, indent=2)
                target.write('\n')
            view.say('wrote %s' % args.json)
        if args.picture:
            view.save_picture(args.picture)
    except (exception.SandboxError, OSError) as exc:
        print('error: %s' % exc, file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print('interrupted', file=sys.stderr)
        code = 130
    interruption.ignore()
    try:
        _clean_up(layout, view, args.keep or was_up)
    except exception.SandboxError as exc:
        print('error: %s' % exc, file=sys.stderr)
        code = code or 1
    view.say('everything is as specified' if code == 0 else
             'NOT everything is as specified' if code == 1 else 'stopped')
    return code


if __name__ == '__main__':
    sys.exit(main())
