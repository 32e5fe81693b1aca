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

"""The report in a real browser."""

import pathlib
import struct
import zlib

import ddt
import fixtures
import testtools

from tests.unit.report import test_page
from tools import browser

#: In the order of the columns of a picture.
RED, GREEN, BLUE = range(3)


def pixels(png):
    """Return the rows of a PNG of 8-bit colours as lists of (r, g, b)."""
    position, data = 8, b''
    while position < len(png):
        length, kind = struct.unpack('>I4s', png[position:position + 8])
        body = png[position + 8:position + 8 + length]
        if kind == b'IHDR':
            width, height, depth, colours = struct.unpack('>IIBB', body[:10])
            assert depth == 8 and colours in (2, 6)
        elif kind == b'IDAT':
            data += body
        position += length + 12
    size = 3 if colours == 2 else 4
    data = zlib.decompress(data)
    before = bytearray(width * size)
    rows = []
    for number in range(height):
        start = number * (width * size + 1)
        line = bytearray(data[start + 1:start + 1 + width * size])
        _unfilter(data[start], line, before, size)
        rows.append([tuple(line[at:at + 3])
                     for at in range(0, len(line), size)])
        before = line
    return rows


def _unfilter(kind, line, before, size):
    for at in range(len(line)):
        left = line[at - size] if at >= size else 0
        above = before[at]
        corner = before[at - size] if at >= size else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above
        elif kind == 3:
            guess = (left + above) // 2
        elif kind == 4:
            guess = min((left, above, corner),
                        key=lambda each: abs(left + above - corner - each))
        else:
            guess = 0
        line[at] = (line[at] + guess) & 0xff


@ddt.ddt
class BrowserTestCase(testtools.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if browser.find() is None:
            raise cls.skipException(
                'needs Chromium, one of the programs %s (Debian: chromium)'
                % ', '.join(browser.PROGRAMS))
        cls.browser = browser.Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).path
        self.path = pathlib.Path(directory) / 'report.html'
        self.browser.requests.clear()
        self.browser.blocked.clear()
        self.browser.complaints.clear()
        self.browser.resize(1000, 900)
        self.browser.medium()

    def open(self, page):
        self.path.write_text(page)
        self.browser.open(self.path)

    def evaluate(self, expression):
        return self.browser.evaluate(expression)

    def assert_undisturbed(self):
        """Nothing but the file was asked for, and nothing went wrong."""
        self.assertEqual([self.path.as_uri()],
                         list(self.browser.requests.values()))
        self.assertEqual([], self.browser.complaints)

    def test_curves(self):
        self.open(test_page.render(
            ('u', test_page.recorded('block1'), {})))
        boxes = self.evaluate('''
            Array.from(document.querySelectorAll('polyline'), line => {
              const box = line.getBoundingClientRect();
              return [line.dataset.name, box.width, box.height,
                      getComputedStyle(line).stroke];
            })''')
        self.assertEqual({'memory', 'disk', 'throughput', 'dirty rate'},
                         {box[0] for box in boxes})
        memory, disk = boxes[0], boxes[1]
        self.assertEqual(['memory', 'disk'], [memory[0], disk[0]])
        for _name, width, height, _stroke in (memory, disk):
            self.assertGreater(width, 700)
            self.assertGreater(height, 80)
        self.assertNotEqual(memory[3], disk[3])
        self.assert_undisturbed()

    def test_verdict_bands_are_where_they_belong(self):
        self.open(test_page.render(
            ('u', test_page.recorded('nonconv'), {})))
        band = self.evaluate('''(() => {
            const box = document.querySelector(
              '.verdicts .verdict-not-converging').getBoundingClientRect();
            const area = document.querySelector(
              '.verdicts .area').getBoundingClientRect();
            return [(box.left - area.left) / area.width,
                    (box.right - area.left) / area.width,
                    box.left, box.top, box.height];
        })()''')
        # From 11.7 s to 38.5 s of 39.3 s.
        self.assertAlmostEqual(0.30, band[0], 2)
        self.assertAlmostEqual(0.98, band[1], 2)
        rows = pixels(self.browser.picture(1000, 480))
        colour = rows[round(band[3] + band[4] / 2)][round(band[2]) + 300]
        self.assertEqual((0xc2, 0x36, 0x0f), colour)

    def test_readout(self):
        self.open(test_page.render(
            ('u', test_page.recorded('nonconv'), {})))
        area = self.evaluate('''(() => {
            const box = document.querySelector(
              '.plot .area').getBoundingClientRect();
            return [box.left, box.width, box.top + 50];
        })()''')
        self.browser.point(area[0] + area[1] * 0.5, area[2])
        said = self.evaluate("document.querySelector('output').innerText")
        lines = said.split('\n')
        self.assertEqual(['19.6 s', 'not converging', 'pre-copy'], lines[:3])
        self.assertIn('throughput: 31.', said)
        self.browser.point(area[0] + area[1] * 0.1, area[2])
        self.assertIn('first pass',
                      self.evaluate("document.querySelector('output')"
                                    '.innerText'))
        self.browser.point(1, 1)
        self.assertEqual('none', self.evaluate(
            "document.querySelector('output').style.display"))
        self.assert_undisturbed()

    @ddt.data(('light', 255), ('dark', 0))
    @ddt.unpack
    def test_colours(self, scheme, paper):
        self.browser.medium(scheme=scheme)
        self.open(test_page.render(
            ('u', test_page.recorded('conv'), {})))
        rows = pixels(self.browser.picture(1000, 480))
        background = rows[3][3]
        for value in background:
            self.assertAlmostEqual(paper, value, delta=32)
        # The curves stand out from it.
        ink = [colour for row in rows[250:450] for colour in row
               if colour[BLUE] - colour[RED] > 90]
        self.assertGreater(len(ink), 500)

    @ddt.data(360, 700, 1000, 1900)
    def test_no_wider_than_the_screen(self, width):
        self.browser.resize(width, 900)
        about = {'name': 'n' * 255, 'source': 's' * 255}
        self.open(test_page.render(
            ('u' * 255, test_page.recorded('border'), about),
            ('v', test_page.cold(), about)))
        self.assertEqual(width, self.evaluate(
            'document.documentElement.scrollWidth'))
        self.assert_undisturbed()

    def test_axis_labels_do_not_overlap(self):
        for width in (360, 1000):
            self.browser.resize(width, 900)
            self.open(test_page.render(
                ('u', test_page.recorded('border'), {})))
            overlaps = self.evaluate('''(() => {
                let found = 0;
                for (const group of document.querySelectorAll(
                    '.times, .plot > .axis, .numbers .area')) {
                  const boxes = Array.from(
                    group.children, each => each.getBoundingClientRect())
                    .filter(box => box.width);
                  for (let i = 1; i < boxes.length; i++) {
                    const a = boxes[i - 1], b = boxes[i];
                    if (a.left < b.right && b.left < a.right &&
                        a.top < b.bottom && b.top < a.bottom) {
                      found += 1;
                    }
                  }
                }
                return found;
            })()''')
            self.assertEqual(0, overlaps, width)

    def test_evil_text_does_nothing(self):
        evil = test_page.SafetyTestCase.EVIL
        some = [sample._replace(status=evil) for sample in test_page.cold()]
        self.open(test_page.render(
            (evil, some, {'name': evil}), ('v', some, {}), problems=[evil]))
        self.assertEqual(0, self.evaluate('document.images.length'))
        self.assertIn('</script><img src=x onerror=alert(1)>',
                      self.evaluate('document.body.innerText'))
        self.assert_undisturbed()

    def test_policy_keeps_the_page_from_the_network(self):
        self.open(test_page.render(('u', test_page.cold(), {})))
        self.evaluate("new Image().src = 'https://example.org/x'; 0")
        self.evaluate("fetch('https://example.org/y').catch(() => 0); 0")
        self.evaluate('new Promise(done => setTimeout(done, 300))')
        self.assertEqual(
            {'csp'}, {self.browser.blocked.get(number) for number, url in
                      self.browser.requests.items()
                      if url != self.path.as_uri()})
        for url in ('https://example.org/x', 'https://example.org/y'):
            self.assertTrue(
                [each for each in self.browser.complaints if url in each and
                 'Content Security Policy' in each], url)

    def test_print(self):
        self.open(test_page.render(
            ('u', test_page.recorded('border'), {}),
            ('v', test_page.cold(), {})))
        printed = self.browser.printed()
        self.assertTrue(printed.startswith(b'%PDF'))
        # One page at least for each migration.
        self.assertGreaterEqual(printed.count(b'/Type /Page\n'), 2)
        self.assertTrue(self.evaluate(
            "document.querySelector('details').open"))
        self.assert_undisturbed()

    def test_many(self):
        some = test_page.recorded('nonconv')[::8]
        self.open(test_page.render(*[
            ('%036d' % number, some, {}) for number in range(200)]))
        self.assertEqual(200, self.evaluate(
            "document.querySelectorAll('figure').length"))
        self.assert_undisturbed()
