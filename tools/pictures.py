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

"""Draw the pictures of the openstack commands in the documentation.

``python -m tools.pictures [DIRECTORY]`` writes SVG files (default:
doc/source/_static): what the commands print of the recorded migrations of
tests/data/recordings, in 80 columns and wide, on a dark and on a light
background. The commands' own code draws them; only the cloud is played.
"""

import argparse
from collections import abc
import datetime
import io
import json
import pathlib
import re
import types
import typing
from unittest import mock

from rich import console as rich_console
from rich import terminal_theme
from rich import text as rich_text

from nova_migprogress.client import discovery
from nova_migprogress.client import follow
from nova_migprogress.client import migration_record
from nova_migprogress import migration_types
from nova_migprogress.osc import columns
from nova_migprogress.osc import listing
from nova_migprogress.osc import sampling
from nova_migprogress.osc import show
from nova_migprogress.osc import sorting
from nova_migprogress.osc.watch import screen
from nova_migprogress.osc.watch import view
from nova_migprogress import statuses as migration_statuses
from nova_migprogress import timestamps

ROOT = pathlib.Path(__file__).parents[1]
RECORDINGS = ROOT / 'tests' / 'data' / 'recordings'
STATIC = ROOT / 'doc' / 'source' / '_static'

#: Recordings, the names of their servers, and the second of each at which
#: the pictures are taken.
SCENE = (
    ('nonconv', 'database', 31.0), ('border', 'search', 21.0),
    ('conv', 'web-1', 9.0), ('block1', 'build', 5.0), ('pc2', 'cache', 14.0),
    ('fast512', 'web-2', 10.0), ('kill5', 'mail', 6.0),
)
#: When that is.
NOW = datetime.datetime(2026, 11, 23, 3, 12, 0, tzinfo=datetime.timezone.utc)
#: Seconds between two polls, and between two writes.
STEP = 2.0

#: Characters in a line.
WIDTHS = {'80': 80, 'wide': 150}

THEMES = {
    'dark': terminal_theme.SVG_EXPORT_THEME,
    'light': terminal_theme.DEFAULT_TERMINAL_THEME,
}


class PlayedCloud:
    """Answers as the compute API did when the recordings were made."""

    server_date = None

    def __init__(self) -> None:
        self.now = NOW - datetime.timedelta(seconds=60)
        self._recordings = {
            name: [json.loads(line) for line in
                   (RECORDINGS / (name + '.jsonl')).read_text().splitlines()]
            for name, _server, _second in SCENE}

    def clock(self) -> float:
        return self.now.timestamp()

    def capabilities(self) -> discovery.Capabilities:
        return discovery.Capabilities('2.105', '2.105', discovery.PROGRESS)

    def server(self, name: str) -> dict[str, typing.Any]:
        number = [server for _r, server, _s in SCENE].index(name)
        return {'id': _uuid(2, number), 'name': name,
                'flavor': {'ram': 512}, 'OS-EXT-STS:vm_state': 'active'}

    def server_names(
            self, uuids: abc.Iterable[str]) -> dict[str, str]:
        return {_uuid(2, number): server
                for number, (_r, server, _s) in enumerate(SCENE)}

    def migrations(self, statuses=migration_statuses.IN_PROGRESS_STATUSES,
                   server=None, **filters):
        found = []
        for number, (name, _server, second) in enumerate(SCENE):
            began = NOW - datetime.timedelta(seconds=second)
            if self.now < began or server not in (None, _uuid(2, number)):
                continue
            passed = (self.now - began).total_seconds()
            written = passed - passed % STEP
            last = self._recordings[name][-1]
            sample = [sample for sample in self._recordings[name]
                      if sample['time'] <= written or
                      sample['time'] == self._recordings[name][0]['time']][-1]
            if last['time'] <= passed:
                sample, written = last, last['time']
            if statuses and sample['status'] not in statuses:
                continue
            found.append(migration_record.MigrationRecord.from_api(dict(
                sample, id=40 + number, uuid=_uuid(1, number),
                instance_uuid=_uuid(2, number),
                migration_type=migration_types.LIVE_MIGRATION,
                source_compute='compute-%02d' % (number % 3 + 1),
                dest_compute='compute-07', dest_host='192.0.2.7',
                project_id='%032x' % 5, user_id='%032x' % 6,
                created_at=timestamps.format_utc_datetime(began),
                updated_at=timestamps.format_utc_datetime(
                    began + datetime.timedelta(seconds=written)))))
        return found


def _uuid(kind: int, number: int) -> str:
    return '%d2a4c7e1-5d0b-4f6a-9c3e-%012x' % (kind, 0xa1b2c3d4e5 + number)


def last_snapshot(cloud, **filters):
    """Poll every STEP seconds until NOW; return the last follow.Snapshot."""
    follower = follow.Follower(cloud, filters, clock=cloud.clock)
    while True:
        snapshot = follower.poll()
        if cloud.now >= NOW:
            return snapshot
        cloud.now = min(cloud.now + datetime.timedelta(seconds=STEP), NOW)


def watch():
    """Return what is drawn of all migrations."""
    cloud = PlayedCloud()
    names = cloud.server_names(())
    rows = [columns.make_row(tracked, names)
            for tracked in sorted(last_snapshot(cloud).tracked,
                                  key=sorting.trouble_rank)]
    return screen.Screen(view.View(rows, 'seen 0s ago'), height=24)


def draw_text(drawn, width=75):
    """Return what is drawn without colours, as README.rst shows it."""
    console = rich_console.Console(
        file=io.StringIO(), width=width, color_system=None,
        legacy_windows=False)
    console.print(drawn)
    return '\n'.join(line.rstrip() for line in
                     console.file.getvalue().splitlines())


def printed(kind, width, *arguments):
    """Return what a command of cliff prints on a terminal of so many columns.

    A terminal wraps what is longer, in the middle of a word.
    """
    lines = []
    for line in _output(kind, '--max-width', str(width),
                        *arguments).splitlines():
        lines.extend(line[start:start + width]
                     for start in range(0, max(len(line), 1), width))
    return rich_text.Text('\n'.join(lines))


def _output(kind, *arguments):
    cloud = PlayedCloud()
    stdout = io.StringIO()
    app = mock.Mock(options=types.SimpleNamespace(), stdout=stdout)
    command = kind(app, None)
    parsed = command.get_parser('').parse_args(arguments)

    def poll_repeatedly(cloud, filters, *_arguments):
        return last_snapshot(cloud, **filters)

    with mock.patch('nova_migprogress.osc.connection.connect',
                    return_value=cloud), mock.patch.object(
                        sampling, 'poll_repeatedly', poll_repeatedly):
        command.run(parsed)
    return stdout.getvalue().rstrip('\n')


def save(path: pathlib.Path, title: str, drawn: rich_console.RenderableType,
         width: int, theme: terminal_theme.TerminalTheme) -> None:
    """Write an SVG file that needs nothing but itself."""
    console = rich_console.Console(
        file=io.StringIO(), record=True, width=width, force_terminal=True,
        color_system='standard', legacy_windows=False)
    console.print(drawn)
    drawing = console.export_svg(title=title, theme=theme,
                                 unique_id=path.stem)
    # The fonts would be fetched from the network.
    path.write_text(re.sub(r'\s*@font-face \{.*?\}', '', drawing,
                           flags=re.DOTALL) + '\n')


def draw(directory: pathlib.Path) -> list[pathlib.Path]:
    """Write all pictures; return their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for place, width in WIDTHS.items():
        drawn = {
            'watch': watch(),
            'list': printed(listing.ListProgress, width),
        }
        if place == '80':
            drawn['show'] = printed(show.ShowProgress, width, 'database')
        for kind, content in drawn.items():
            title = 'openstack server migration ' + {
                'watch': 'watch', 'list': 'progress list --samples 30',
                'show': 'progress show database'}[kind]
            for theme, colours in THEMES.items():
                path = directory / ('%s-%s-%s.svg' % (kind, place, theme))
                save(path, title, content, width, colours)
                paths.append(path)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(
        prog='python -m tools.pictures', description=__doc__.splitlines()[0])
    parser.add_argument('directory', nargs='?', type=pathlib.Path,
                        default=STATIC)
    for path in draw(parser.parse_args().directory):
        print(path)


if __name__ == '__main__':
    main()
