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

"""The page as a whole."""

import base64
import collections.abc
import hashlib
import importlib.resources
import typing

from nova_migprogress.convergence import verdicts
from nova_migprogress.report import history
from nova_migprogress.report import markup
from nova_migprogress.report import section
from nova_migprogress.text import severity
from nova_migprogress.text import units

#: Migrations that are shown in full, and in the table at the top.
MAX_SECTIONS = 200
MAX_LISTED = 2000

_MEANINGS = (
    (verdicts.CONVERGING, 'each pass is clearly shorter than the one before; '
     'it will end by itself.'),
    (verdicts.BORDERLINE, 'it may end, but slowly, or a little more load in '
     'the guest keeps it from ending.'),
    (verdicts.NOT_CONVERGING, 'as long as the guest writes as it does and the '
     'link is as fast as it is, it never ends.'),
    (verdicts.STALLED, 'no number has moved for a while.'),
    (verdicts.UNKNOWN, 'nobody could tell; before the second pass of memory '
     'ends this is the only honest answer.'),
)
_TERMS = (
    ('dirty rate', 'bytes per second that must be sent again. A page that is '
     'written ten times within a pass counts once, so that it saturates near '
     'the throughput.'),
    ('ratio', 'memory written again per memory sent: 0.5 if each pass is half '
     'as long as the one before, 1 if it goes on forever.'),
    ('pass', 'dotted lines: the hypervisor looks which memory the guest has '
     'written, which adds it to what remains.'),
    ('pause if forced', 'how long the server would stand still if the '
     'migration were completed at once by pausing it.'),
)
_LISTED = ('', 'Migration', 'From', 'To', 'Status', 'Verdict', 'Recorded for',
           'Remaining', 'Passes')

_PAGE = '''<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; script-src 'sha256-%(hash)s'; base-uri 'none'; \
form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>%(title)s</title>
<style>
%(style)s</style>
</head>
<body>
<h1>%(title)s</h1>
<p class="about">%(about)s</p>
%(problems)s
%(list)s
%(sections)s
<footer>
<h2>How to read this</h2>
<dl>%(terms)s</dl>
</footer>
<script>%(script)s</script>
</body>
</html>
'''


def render(histories: collections.abc.Iterable[history.History], name: str,
           samples: int, problems: collections.abc.Sequence[str],
           step: typing.Optional[float]) -> str:
    """Return the page.

    :param name: of the recording
    :param samples: how many were read
    :param problems: what is wrong with the recording
    :param step: seconds to which it was thinned out, or None
    """
    ranked = sorted(histories, key=lambda each: (
        severity.rank(section.telling_verdict(each)), each.number))
    script = _read_resource('readout.js')
    about = ['%d samples of %d migration%s' % (
        samples, len(ranked), '' if len(ranked) == 1 else 's')]
    if step is not None:
        about.append('thinned out to one every %g s' % step)
    return _PAGE % {
        'hash': base64.b64encode(
            hashlib.sha256(script.encode()).digest()).decode(),
        'title': 'Migrations recorded in ' + markup.escape(name),
        'style': _read_resource('style.css'),
        'about': ', '.join(about),
        'problems': _render_problems(problems),
        'list': _render_list(ranked) if len(ranked) > 1 else '',
        'sections': '\n'.join(section.render(each)
                              for each in ranked[:MAX_SECTIONS]),
        'terms': ''.join(
            '<dt>%s</dt><dd>%s</dd>' % pair for pair in
            [(section.render_badge(word), meaning)
             for word, meaning in _MEANINGS] + list(_TERMS)),
        'script': script,
    }


def _read_resource(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(
        encoding='utf-8')


def _render_problems(problems: collections.abc.Sequence[str]) -> str:
    if not problems:
        return ''
    return ('<div class="problems"><h2>What is wrong with the recording</h2>'
            '<ul>%s</ul></div>' % ''.join(
                '<li>%s</li>' % markup.escape(each) for each in problems))


def _render_list(ranked: collections.abc.Sequence[history.History]) -> str:
    rows = []
    for position, each in enumerate(ranked[:MAX_LISTED]):
        summed = each.summary
        about = summed.last.row.about
        label = markup.shorten(section.choose_name(each))
        if position < MAX_SECTIONS:
            label = '<a href="#m%d">%s</a>' % (each.number, label)
        rows.append((
            '#%d' % each.number, label,
            markup.shorten(about.get('source', units.UNKNOWN)),
            markup.shorten(about.get('destination', units.UNKNOWN)),
            markup.shorten(summed.last.status or units.UNKNOWN),
            section.render_badge(section.telling_verdict(each)),
            units.seconds(summed.duration), units.size(summed.last.remaining),
            '%d' % (summed.passes.count + 1) if summed.passes.count
            else units.UNKNOWN))
    found = '<nav>%s</nav>' % markup.render_table(_LISTED, rows, (0, 6, 7, 8))
    if len(ranked) > MAX_SECTIONS:
        found += ('<p>Curves of the first %d of them follow; the worst come '
                  'first.</p>' % MAX_SECTIONS)
    if len(ranked) > MAX_LISTED:
        found += '<p>%d more are not listed.</p>' % (len(ranked) - MAX_LISTED)
    return found
