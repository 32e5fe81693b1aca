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

"""Draw the picture and the table of the contributor's page on the estimator.

``python -m tools.estimator_page`` writes doc/source/_static/estimator.svg, two
recorded migrations of the tests as a client sees them, and
doc/source/contributor/thresholds.inc, every threshold of the estimator with
its value and its comment.
"""

import ast
import collections.abc
import importlib
import json
import pathlib
import typing

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import estimator
from nova_migprogress.convergence import samples
from nova_migprogress.convergence import sync_splitter
from nova_migprogress.convergence import verdicts

ROOT = pathlib.Path(__file__).parents[1]
RECORDINGS = ROOT / 'tests' / 'data' / 'recordings'
CONVERGENCE = ROOT / 'nova_migprogress' / 'convergence'
PICTURE = ROOT / 'doc' / 'source' / '_static' / 'estimator.svg'
THRESHOLDS = ROOT / 'doc' / 'source' / 'contributor' / 'thresholds.inc'

MIB = 1024 * 1024

#: Recordings, and what the guest does.
MIGRATIONS = (
    ('nonconv', 'The guest writes 80 MiB/s over a link of 32 MiB/s'),
    ('border', 'The same guest writes 27 MiB/s'),
)
#: Seconds between two polls of the client that is drawn.
STEP = 2.0

#: Pixels: of the picture, and of one migration's part of it.
WIDTH, LEGEND, TITLE, PLOT, BAND = 860, 44, 30, 200, 20
LEFT, RIGHT, AXIS = 62, 22, 34
#: What the axes show: seconds, and MiB.
SECONDS, HIGHEST = 40.0, 160.0

#: As in the report of nova-migprogress-replay.
COLOURS = {
    verdicts.UNKNOWN: '#66707b', verdicts.CONVERGING: '#1a7a4c',
    verdicts.BORDERLINE: '#e3a008', verdicts.NOT_CONVERGING: '#c2360f',
    verdicts.FAILED: '#66707b', verdicts.COMPLETED: '#1a7a4c',
}
STYLE = """
text { font: 12px "DejaVu Sans", "Helvetica Neue", Arial, sans-serif;
       fill: #1b1f24; }
.title { font-weight: bold; font-size: 13px; }
.faint { fill: #59636e; }
.middle { text-anchor: middle; }
.right { text-anchor: end; }
.inflow { font-size: 11px; fill: #b34a00; text-anchor: middle; }
.verdict { font-size: 11px; fill: #fff; text-anchor: middle; }
.grid { stroke: #d5dae0; }
.remaining { stroke: #0b62a8; stroke-width: 1.2; fill: #0b62a8;
             fill-opacity: .12; }
.sample { fill: #0b62a8; stroke: #fff; stroke-width: .8; }
.sync { stroke: #b34a00; stroke-width: 4; }
.doubtful { opacity: .4; }
.pass { stroke: #9aa3ad; stroke-dasharray: 3 3; }
"""


class Run(typing.NamedTuple):
    """A recorded migration and what was made of it."""

    #: (seconds, MiB that remain), ten a second.
    curve: list[tuple[float, float]]
    #: The same as a client saw it.
    seen: list[tuple[float, float]]
    assessments: list[assessment.Assessment]
    syncs: list[sync_splitter.Sync]
    #: When passes began, as the hypervisor said.
    passes: list[float]


def replay(name: str) -> Run:
    """Assess a recording as a client that polls every STEP seconds would."""
    rows = [json.loads(line) for line in
            (RECORDINGS / (name + '.jsonl')).read_text().splitlines()]
    truth = json.loads((RECORDINGS / 'index.json').read_text())[name]
    followed = estimator.Estimator()
    run = Run([], [], [], [], truth['passes'])
    due = 0.0
    for row in rows:
        point = (row['time'], (row['memory_remaining'] or 0) / MIB)
        if row['memory_total']:
            run.curve.append(point)
        if row['time'] >= due or row is rows[-1]:
            due = row['time'] + STEP - 0.05
            run.assessments.append(followed.add(samples.from_mapping(row)))
            if row['memory_total']:
                run.seen.append(point)
    run.syncs.extend(followed.syncs)
    return run


def _x(time: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(time / SECONDS, 1.0)


def _y(mib: float, top: float) -> float:
    return top + PLOT * (1 - min(mib / HIGHEST, 1.0))


def _text(style: str, x: float, y: float, words: str) -> str:
    return '<text class="%s" x="%.1f" y="%.1f">%s</text>' % (
        style, x, y, words)


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return '<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>' % (
        style, x1, y1, x2, y2)


def _dot(x: float, y: float) -> str:
    return '<circle class="sample" cx="%.1f" cy="%.1f" r="3.5"/>' % (x, y)


def _draw_legend() -> collections.abc.Iterator[str]:
    entries = (
        (_line('remaining', 0, 8, 24, 8), 24, 'memory that remains'),
        (_dot(5, 8), 12, 'sample of a client, every %g s' % STEP),
        (_line('pass', 5, 0, 5, 16), 12, 'sync of the hypervisor'),
        (_line('sync', 5, 1, 5, 15), 12, 'inflow in MiB, as inferred'))
    for place, (mark, wide, words) in enumerate(entries):
        yield '<g transform="translate(%d 12)">%s%s</g>' % (
            LEFT + place * 198, mark, _text('faint', wide + 6, 12, words))


def _draw_axes(top: float) -> collections.abc.Iterator[str]:
    for mib in range(0, int(HIGHEST) + 1, 40):
        yield _line('grid', LEFT, _y(mib, top), WIDTH - RIGHT, _y(mib, top))
        yield _text('faint right', LEFT - 8, _y(mib, top) + 4,
                    '%d MiB' % mib)
    below = top + PLOT + BAND
    for seconds in range(0, int(SECONDS) + 1, 5):
        yield _text('faint middle', _x(seconds), below + 16, '%d s' % seconds)


def _draw_syncs(run: Run, top: float) -> collections.abc.Iterator[str]:
    """Yield a bar for each inflow, and its size where there is room."""
    labelled = -SECONDS
    for sync in run.syncs:
        high = _y(sync.inflow / MIB, top)
        yield _line('sync' if sync.single else 'sync doubtful',
                    _x(sync.time), top + PLOT, _x(sync.time), high)
        if sync.time - labelled > 1.4:
            labelled = sync.time
            yield _text('inflow', _x(sync.time), high - 5,
                        '%.0f' % (sync.inflow / MIB))


def _draw_verdicts(run: Run, top: float) -> collections.abc.Iterator[str]:
    """Yield a band of the verdicts, each until the next sample."""
    found = run.assessments
    start = found[0].time
    for this, after in zip(found, found[1:] + [None]):
        if after is not None and after.verdict == this.verdict:
            continue
        end = SECONDS if after is None else after.time
        wide = _x(end) - _x(start)
        yield ('<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>'
               % (_x(start), top, wide, BAND, COLOURS[this.verdict]))
        if wide > 70:
            words = this.verdict
            if this.ratio:
                words += ', ratio %.2f' % this.ratio
            yield _text('verdict', _x(start) + wide / 2, top + 14, words)
        start = end


def _draw_run(run: Run, title: str, top: float
              ) -> collections.abc.Iterator[str]:
    yield _text('title', LEFT, top + 18, title)
    top += TITLE
    yield from _draw_axes(top)
    for time in run.passes:
        yield _line('pass', _x(time), top, _x(time), top + PLOT)
    yield '<path class="remaining" d="M%.1f %.1fL%sV%.1fZ"/>' % (
        _x(run.curve[0][0]), top + PLOT, ' '.join(
            '%.1f %.1f' % (_x(time), _y(mib, top))
            for time, mib in run.curve), top + PLOT)
    yield from _draw_syncs(run, top)
    for time, mib in run.seen:
        if mib <= HIGHEST:
            yield _dot(_x(time), _y(mib, top))
    yield _text('faint', _x(2.2), top + 16, 'first pass')
    yield from _draw_verdicts(run, top + PLOT)


def draw() -> str:
    """Return the picture, SVG that needs nothing but itself."""
    part = TITLE + PLOT + BAND + AXIS
    height = LEGEND + part * len(MIGRATIONS)
    shapes = list(_draw_legend())
    for place, (name, title) in enumerate(MIGRATIONS):
        shapes.extend(_draw_run(replay(name), title, LEGEND + part * place))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
            'viewBox="0 0 %d %d">\n<style>%s</style>\n'
            '<rect width="100%%" height="100%%" fill="#fff"/>\n%s\n</svg>\n'
            % (WIDTH, height, WIDTH, height, STYLE, '\n'.join(shapes)))


class Threshold(typing.NamedTuple):
    """Constants of one module that one comment explains."""

    module: str
    names: list[str]
    meaning: str


def find_thresholds() -> list[Threshold]:
    """Return the numbers of the estimator in the order of its modules."""
    found = []
    for path in sorted(CONVERGENCE.glob('*.py')):
        lines = path.read_text().splitlines()
        last = None
        for node in ast.parse(path.read_text()).body:
            if not (isinstance(node, ast.Assign) and
                    isinstance(node.targets[0], ast.Name) and
                    node.targets[0].id.isupper()):
                continue
            comment: list[str] = []
            number = node.lineno - 2
            while lines[number].startswith('#: '):
                comment.insert(0, lines[number][3:])
                number -= 1
            if comment:
                last = Threshold(path.stem, [], ' '.join(comment))
                found.append(last)
            if last is not None and isinstance(
                    getattr(_load(path.stem), node.targets[0].id),
                    (int, float)):
                last.names.append(node.targets[0].id)
    return [threshold for threshold in found if threshold.names]


def _load(name: str) -> typing.Any:
    return importlib.import_module('nova_migprogress.convergence.' + name)


def draw_thresholds() -> str:
    """Return the table of the thresholds."""
    lines = ['.. Made by python -m tools.estimator_page', '',
             '.. list-table::', '   :header-rows: 1', '   :widths: 40 10 50',
             '   :class: rooms', '', '   * - Threshold', '     - Value',
             '     - Meaning']
    module = None
    for threshold in find_thresholds():
        if threshold.module != module:
            module = threshold.module
            lines += ['   * - ``convergence/%s.py``' % module, '     -',
                      '     -']
        values = [getattr(_load(module), name) for name in threshold.names]
        lines += [
            '   * - ' + _stack('``%s``' % name for name in threshold.names),
            '     - ' + _stack('1 MiB' if value == MIB else '%g' % value
                               for value in values),
            '     - ' + threshold.meaning]
    return '\n'.join(lines) + '\n'


def _stack(words: collections.abc.Iterable[str]) -> str:
    """Return a cell with a line for each of the words."""
    return '\n       '.join('| ' + word for word in words)


def main() -> None:
    PICTURE.write_text(draw())
    THRESHOLDS.write_text(draw_thresholds())


if __name__ == '__main__':
    main()
