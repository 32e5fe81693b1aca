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

"""Collects what the report shows, in bounded memory."""

from nova_migprogress.replay import summary
from nova_migprogress.report import bands
from nova_migprogress.report import page
from nova_migprogress.report import series

#: Buckets and stretches of time that all migrations share: they bound the
#: size of the page.
BUCKETS = 20000
STRETCHES = 3000
#: What one migration gets at most and at least.
BUCKETS_EACH = (12, 1500)
STRETCHES_EACH = (6, 200)


class History:
    """What the report shows of one migration.

    :param number: its place in the recording, from 1
    :param first: its first moments.Moment
    """

    def __init__(self, number, first):
        self.number = number
        self.summary = summary.MigrationSummary(first)
        self.series = series.Series()
        self.bands = bands.Bands()

    def add(self, moment, buckets, stretches):
        """Take the next Moment.

        :param moment: a moments.Moment
        :param buckets: how many to keep
        :param stretches: how many to keep
        """
        self.summary.add(moment)
        if self.summary.ended in (None, moment.time):
            self.series.add(series.point(moment), buckets)
        self.bands.add(moment, stretches)


class Collector:
    """Collects the moments of all migrations of a recording."""

    def __init__(self):
        self._histories = {}

    def add(self, moment):
        """Take the next moments.Moment of any migration."""
        history = self._histories.get(moment.row.uuid)
        if history is None:
            history = self._histories[moment.row.uuid] = History(
                len(self._histories) + 1, moment)
        history.add(moment, *self._shares())

    def render(self, name, samples, problems, step):
        """Return the page.

        :param name: of the recording
        :param samples: how many were read
        :param problems: strings
        :param step: seconds to which it was thinned out, or None
        """
        buckets, stretches = self._shares()
        for history in self._histories.values():
            history.series.shrink(buckets)
            history.bands.shrink(stretches)
        return page.render(list(self._histories.values()), name, samples,
                           problems, step)

    def _shares(self):
        count = len(self._histories) or 1
        return (_share(BUCKETS, count, BUCKETS_EACH),
                _share(STRETCHES, count, STRETCHES_EACH))


def _share(everything, count, bounds):
    return min(max(everything // count, bounds[0]), bounds[1])
