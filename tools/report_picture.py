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

"""Take the picture of a report that the user guide shows.

    python -m tools.report_picture doc/source/_static/replay-report.png

It shows recorded migrations of the tests. Needs Chromium.
"""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import typing

from nova_migprogress.cmd import replay
from tools import browser

RECORDINGS = (pathlib.Path(__file__).parents[1] / 'tests' / 'data' /
              'recordings')
#: Server, its recording, and when it was migrated, in seconds since 1970.
MIGRATIONS = (('db-1', 'nonconv', 1795749600), ('web-1', 'conv', 1795749650),
              ('files-1', 'block1', 1795749670))
WIDTH, HEIGHT = 1000, 952


def record(path: str) -> None:
    """Write one recording of all MIGRATIONS."""
    rows: list[dict[str, typing.Any]] = []
    for number, (server, name, start) in enumerate(MIGRATIONS, 1):
        with open(RECORDINGS / (name + '.jsonl')) as lines:
            for line in lines:
                row = json.loads(line)
                row['time'] += start
                row.update(uuid='0f3a9c21-5d0f-4b0e-8a43-%012d' % number,
                           name=server, type='live-migration',
                           source='compute-1', destination='compute-2')
                rows.append(row)
    rows.sort(key=lambda row: row['time'])
    with open(path, 'w') as recording:
        for row in rows:
            recording.write(json.dumps(row) + '\n')


def main(argv: list[str]) -> int:
    """Take the picture.

    :returns: the exit code
    """
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if browser.find() is None:
        print('report_picture: needs Chromium, one of the programs '
              + ', '.join(browser.PROGRAMS), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        recording = os.path.join(directory, 'night.jsonl')
        report = os.path.join(directory, 'night.html')
        record(recording)
        with contextlib.redirect_stdout(None):
            code = replay.main([recording, '--report', report])
        if code:
            return code
        with browser.Browser() as page:
            page.resize(WIDTH, HEIGHT)
            page.open(report)
            picture = page.picture(WIDTH, HEIGHT)
    pathlib.Path(argv[1]).write_bytes(picture)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
