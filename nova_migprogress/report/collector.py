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

"""Collects what the report shows of all migrations, in bounded memory."""

import collections.abc
import typing

from nova_migprogress.replay import moments
from nova_migprogress.report import history
from nova_migprogress.report import page

#: Buckets and stretches of time that all migrations share: they bound the
#: size of the page.
BUCKETS = 20000
STRETCHES = 3000
#: What one migration gets at most and at least.
BUCKETS_EACH = (12, 1500)
STRETCHES_EACH = (6, 200)


class Collector:
    """Collects the moments of all migrations of a recording."""

    def __init__(self) -> None:
        # By uuid.
        self._histories: dict[typing.Optional[str], history.History] = {}

    def add(self, moment: moments.Moment) -> None:
        """Take the next moment of any migration."""
        known = self._histories.get(moment.row.uuid)
        if known is None:
            known = self._histories[moment.row.uuid] = history.History(
                len(self._histories) + 1, moment)
        known.add(moment, *self._compute_shares())

    def render(self, name: str, samples: int,
               problems: collections.abc.Sequence[str],
               step: typing.Optional[float]) -> str:
        """Return the page.

        :param name: of the recording
        :param samples: how many were read
        :param problems: what is wrong with the recording
        :param step: seconds to which it was thinned out, or None
        """
        shares = self._compute_shares()
        for each in self._histories.values():
            each.shrink(*shares)
        return page.render(list(self._histories.values()), name, samples,
                           problems, step)

    def _compute_shares(self) -> tuple[int, int]:
        """Return the buckets and the stretches of one migration."""
        count = len(self._histories) or 1
        return (_divide(BUCKETS, count, BUCKETS_EACH),
                _divide(STRETCHES, count, STRETCHES_EACH))


def _divide(everything: int, count: int, bounds: tuple[int, int]) -> int:
    return min(max(everything // count, bounds[0]), bounds[1])
