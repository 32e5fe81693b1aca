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

import html.parser
import re

import ddt
from oslotest import base

from benchmarks.convergence import recordings
from nova_migprogress.convergence import samples
from nova_migprogress.recording import reader
from nova_migprogress.replay import moments
from nova_migprogress.report import collector

GIB = 1024 ** 3
#: Elements that have no end.
VOID = {'meta', 'br', 'path', 'polyline'}


class Document(html.parser.HTMLParser):
    """What a page holds; fails on elements that are not closed."""

    def __init__(self, page):
        super().__init__()
        self.open = []
        self.elements = []
        self.words = []
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ('style', 'script'):
            self.words.append(data)

    def all(self, tag, **attributes):
        return [found for name, found in self.elements if name == tag and
                all(value in found.get(key, '').split()
                    for key, value in attributes.items())]

    @property
    def text(self):
        return ' '.join(' '.join(self.words).split())


def render(*migrations, problems=(), step=None):
    """Return the page of (uuid, samples, about) migrations."""
    player = moments.Replayer()
    page = collector.Collector()
    count = 0
    for uuid, some, about in migrations:
        for sample in some:
            count += 1
            page.add(player.assess(
                reader.RecordedSample(count, uuid, sample, about)))
    return page.render('x.jsonl', count, list(problems), step)


def recorded(name):
    return next(each.samples for each in recordings.load()
                if each.name == name)


def cold(status='finished'):
    found = [samples.Sample(time, 'migrating', None, None, None, 20 * GIB,
                            time * GIB, (20 - time) * GIB)
             for time in range(20)]
    return found + [samples.Sample(20.0, status, None, None, None, 20 * GIB,
                                   20 * GIB, 0)]


@ddt.ddt
class RecordedTestCase(base.BaseTestCase):

    @ddt.data('abort5', 'ac', 'block1', 'blockfull', 'border', 'conv',
              'fast512', 'kill5', 'nonconv', 'pc2')
    def test_curves(self, name):
        page = Document(render((name, recorded(name), {})))
        names = {each['data-name'] for each in page.all('polyline')}
        self.assertEqual({'memory', 'throughput'},
                         names - {'dirty rate', 'disk'})
        self.assertEqual(name.startswith('block'), 'disk' in names)
        # Until the second pass ends there is none, except of disks.
        self.assertEqual(name in ('ac', 'block1', 'blockfull', 'border',
                                  'conv', 'fast512', 'nonconv'),
                         'dirty rate' in names)
        for each in page.all('polyline'):
            for place in each['points'].split():
                x, y = map(int, place.split(','))
                self.assertTrue(0 <= x <= 10000 and 0 <= y <= 1000, place)

    def test_verdicts_over_time(self):
        page = Document(render(('u', recorded('nonconv'), {})))
        bands = [each['class'] for each in page.all('span')
                 if ' for ' in each.get('title', '')]
        self.assertEqual(
            ['verdict-unknown', 'verdict-borderline',
             'verdict-not-converging', 'verdict-failed', 'phase-preparing',
             'phase-first-pass', 'phase-pre-copy', 'phase-ended'], bands)

    def test_passes(self):
        page = render(('u', recorded('nonconv'), {}))
        strip = re.search('<div class="strip numbers">.*?</div>', page)
        self.assertEqual(
            list('23456789'), re.findall('%">(\\d+)<', strip.group()))

    def test_final_numbers(self):
        page = Document(render(('u', recorded('nonconv'), {})))
        self.assertIn('Ended with status cancelled, 39s after the first '
                      'sample; the last verdict was not converging.',
                      page.text)
        self.assertIn('Memory 513 MiB 1.05 GiB 112 MiB', page.text)
        self.assertEqual(1, len(page.all('span', title='537403392')))

    def test_post_copy(self):
        page = Document(render(('u', recorded('pc2'), {})))
        self.assertTrue(page.all('span', **{'class': 'phase-post-copy'}))

    def test_cold(self):
        page = Document(render(('u', cold(), {})))
        self.assertEqual(
            ['disk', 'throughput', 'dirty rate'],
            [each['data-name'] for each in page.all('polyline')])
        self.assertIn('Completed (status finished), 20s', page.text)

    def test_cold_failed(self):
        page = Document(render(('u', cold('error'), {})))
        self.assertIn('Ended with status error, 20s after', page.text)

    def test_no_numbers(self):
        page = Document(render(('u', [samples.Sample(1, 'queued')], {})))
        self.assertIn('No numbers of it were recorded.', page.text)
        self.assertEqual([], page.all('polyline'))

    def test_one_sample(self):
        page = Document(render(('u', cold()[:1], {})))
        self.assertEqual(1, len(page.all('polyline')))


class SafetyTestCase(base.BaseTestCase):

    EVIL = '</script><img src=x onerror=alert(1)>"\'&\x1b[31m\u202e\ud800'

    def test_all_text_is_escaped(self):
        about = dict.fromkeys(reader.ABOUT, self.EVIL)
        some = [sample._replace(status=self.EVIL) for sample in cold()]
        page = render((self.EVIL, some, about), ('b', cold(), about),
                      problems=[self.EVIL])
        page.encode('utf-8')
        self.assertEqual([], [each for each in page
                              if each != '\n' and not each.isprintable()])
        document = Document(page)
        self.assertEqual([], document.all('img'))
        self.assertEqual(1, len(document.all('script')))
        self.assertIn('</script><img src=x onerror=alert(1)>"\'&\\x1b[31m'
                      '\\u202e\\ud800', document.text)

    def test_nothing_is_loaded(self):
        document = Document(render(('u', cold(), {}), ('v', cold(), {})))
        policy = document.all('meta', content='default-src')[0]['content']
        self.assertIn("default-src 'none'", policy)
        for _tag, attributes in document.elements:
            self.assertNotIn('src', attributes)
            self.assertTrue(attributes.get('href', '#').startswith('#'))
            self.assertEqual([], [key for key in attributes
                                  if key.startswith('on')])

    def test_links_lead_somewhere(self):
        document = Document(render(('u', cold(), {}), ('v', cold(), {})))
        self.assertEqual(
            sorted(each['href'] for each in document.all('a')),
            sorted('#' + each['id'] for each in document.all('section')))


class SeveralTestCase(base.BaseTestCase):

    def test_worst_first(self):
        document = Document(render(
            ('good', recorded('conv'), {}), ('bad', recorded('nonconv'), {}),
            ('broken', recorded('kill5'), {})))
        self.assertEqual(['m2', 'm3', 'm1'],
                         [each['id'] for each in document.all('section')])
        self.assertEqual(3, len(document.all('figure')))
        self.assertIn('3 migrations', document.text)

    def test_one_needs_no_list(self):
        self.assertEqual([], Document(render(('u', cold(), {}))).all('nav'))

    def test_problems_and_step(self):
        document = Document(render(('u', cold(), {}), step=2.0,
                                   problems=['line 7: odd']))
        self.assertIn('line 7: odd', document.text)
        self.assertIn('thinned out to one every 2 s', document.text)


class SizeTestCase(base.BaseTestCase):

    def test_long(self):
        """A day of a hopeless migration every 0.5 s."""
        some = recorded('nonconv')[:-1]
        period = some[-1].time + 0.1
        player = moments.Replayer()
        page = collector.Collector()
        for turn in range(170):
            for sample in some:
                page.add(player.assess(reader.RecordedSample(
                    1, 'u', sample._replace(
                        time=sample.time + turn * period), {})))
        text = page.render('x', 1, [], None)
        self.assertLess(len(text), 300000)
        self.assertGreater(len(text), 50000)

    def test_many(self):
        some = recorded('nonconv')[::8]
        text = render(*[('%036d' % number, some, {'name': 'n' * 60})
                        for number in range(400)])
        self.assertLess(len(text), 4e6)
        document = Document(text)
        self.assertEqual(200, len(document.all('section')))
        self.assertEqual(200, len(document.all('a')))
        self.assertIn('Curves of the first 200 of them follow', document.text)
