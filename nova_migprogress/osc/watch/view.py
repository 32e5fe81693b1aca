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

"""What a watch shows at one moment, on a screen or as lines."""

import collections.abc
import typing

from nova_migprogress.osc import columns
from nova_migprogress.osc import sorting
from nova_migprogress.osc.watch import poller
from nova_migprogress.text import printable

#: Seconds after which a poll under way or an old snapshot is worth a word.
SLOW = 10.0


class View(typing.NamedTuple):
    """All that is shown."""

    #: One for each migration, that in most trouble first.
    rows: collections.abc.Sequence[columns.MigrationRow]
    #: A sentence about the state of the watch: the age of the numbers, or
    #: what is wrong.
    note: str
    #: Whether the note tells of something wrong.
    wrong: bool = False
    #: Sentences about what is left out.
    missing: collections.abc.Sequence[str] = ()


def make_view(result: poller.PollResult,
              polling_since: typing.Optional[float],
              wait: typing.Optional[float],
              recording_problem: typing.Optional[str], now: float) -> View:
    """Make what is shown now of the newest poll.

    :param result: the newest poll
    :param polling_since: when the poll under way began, None without one
    :param wait: seconds to the next poll, None if one is under way
    :param recording_problem: why nothing is recorded any more, None while all
        is well
    :param now: seconds since 1970
    """
    note, wrong = describe_state(result, polling_since, wait, now)
    if recording_problem:
        note, wrong = '%s; %s' % (note, recording_problem), True
    snapshot = result.snapshot
    if snapshot is None:
        return View([], note, wrong)
    elapsed = now - result.polled_at
    return View(
        [columns.make_row(tracked, result.server_names, elapsed)
         for tracked in sorted(snapshot.tracked, key=sorting.trouble_rank)],
        note, wrong,
        () if snapshot.capabilities is None else snapshot.capabilities.missing)


def describe_state(
        result: poller.PollResult, polling_since: typing.Optional[float],
        wait: typing.Optional[float], now: float) -> tuple[str, bool]:
    """Say how old the newest snapshot is and what is wrong; see make_view.

    :returns: the sentence, and whether it tells of something wrong
    """
    snapshot = result.snapshot
    words = []
    wrong = False
    if snapshot is None or snapshot.taken_at is None:
        words.append('nothing seen yet')
    else:
        age = max(now - snapshot.taken_at, 0.0)
        words.append('seen %ds ago' % age)
    problem = result.fault or (snapshot and snapshot.error)
    if problem:
        wrong = True
        words.append(printable.sentence(problem))
    if polling_since is not None and now - polling_since >= SLOW:
        wrong = True
        words.append('no answer for %ds' % (now - polling_since))
    elif problem and wait:
        words.append('next look in %ds' % round(wait))
    return '; '.join(words), wrong
