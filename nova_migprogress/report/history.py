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

"""What the report shows of one migration, in bounded memory."""

from nova_migprogress.replay import moments
from nova_migprogress.replay import summary
from nova_migprogress.report import bands
from nova_migprogress.report import series


class History:
    """What the report shows of one migration.

    :param number: its place in the recording, from 1
    :param first: its first moment, which is to be added like all others
    """

    def __init__(self, number: int, first: moments.Moment) -> None:
        self.number = number
        self.summary = summary.MigrationSummary(first)
        self.series = series.Series()
        self.bands = bands.Bands()

    def add(self, moment: moments.Moment, buckets: int,
            stretches: int) -> None:
        """Take the next moment.

        :param buckets: how many to keep
        :param stretches: how many to keep
        """
        self.summary.add(moment)
        if self.summary.ended in (None, moment.time):
            self.series.add(series.make_point(moment), buckets)
        self.bands.add(moment, stretches)

    def shrink(self, buckets: int, stretches: int) -> None:
        """Keep no more than so many buckets and stretches."""
        self.series.shrink(buckets)
        self.bands.shrink(stretches)
