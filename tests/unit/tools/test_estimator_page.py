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

import re
from xml.etree import ElementTree

import testtools

from nova_migprogress.convergence import verdicts
from tools import estimator_page

ADVICE = 'run python -m tools.estimator_page'
VERDICTS = estimator_page.ROOT / 'doc' / 'source' / 'user' / 'verdicts.rst'


class PictureTestCase(testtools.TestCase):

    def test_the_documentation_shows_it_as_it_is_now(self):
        self.assertEqual(estimator_page.PICTURE.read_text(),
                         estimator_page.draw(), ADVICE)

    def test_it_shows_what_the_page_says(self):
        drawing = estimator_page.draw()
        words = ' '.join(ElementTree.fromstring(drawing).itertext())
        self.assertIn('not converging, ratio 1.00', words)
        self.assertIn(' converging, ratio 0.86', words)
        # Nothing is fetched.
        self.assertEqual([], re.findall(r'href|url\(|src=', drawing))

    def test_syncs_are_those_of_the_hypervisor(self):
        """The inflows that were told apart are where it said, within a step.

        It is what the picture is to show.
        """
        for name, _title in estimator_page.MIGRATIONS:
            run = estimator_page.replay(name)
            told = [sync for sync in run.syncs if sync.single]
            self.assertLess(5, len(told))
            for sync in told:
                self.assertLess(min(abs(sync.time - began)
                                    for began in run.passes), 1.0)


class ThresholdsTestCase(testtools.TestCase):

    def test_the_documentation_lists_them_as_they_are_now(self):
        self.assertEqual(estimator_page.THRESHOLDS.read_text(),
                         estimator_page.draw_thresholds(), ADVICE)

    def test_all_of_them(self):
        names = [name for threshold in estimator_page.find_thresholds()
                 for name in threshold.names]
        self.assertIn('NOT_CONVERGING_RATIO', names)
        self.assertLess(30, len(names))
        for name, value in vars(verdicts).items():
            if name.isupper() and isinstance(value, float):
                self.assertIn(name, names)

    def test_the_user_guide_has_the_same(self):
        text = VERDICTS.read_text()
        for words in (
                'ratio up to %.2f: converging' % verdicts.CONVERGING_RATIO,
                'ratio from %.2f: not' % verdicts.NOT_CONVERGING_RATIO,
                '%.3f if only one' % verdicts.NOT_CONVERGING_RATIO_ONE_PASS,
                'passes of up to %g s' % verdicts.SWITCHABLE,
                '%g s, and %d usual steps: stalled' % (
                    verdicts.STALL_TIME, verdicts.STALL_STEPS),
                '%g s for disks' % verdicts.STALL_TIME_DISK,
                '%g s where so little' % verdicts.STALL_TIME_FINISHING):
            self.assertIn(words, text)
