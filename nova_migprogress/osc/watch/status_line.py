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

"""A sentence about how old a picture is and what is wrong."""

from nova_migprogress.text import printable

#: Seconds after which an open question or an old picture is worth a word.
SLOW = 10.0


def describe(poll, asking_since, now, wait):
    """Describe the state of a watch.

    :param look: a poller.Poll
    :param asking_since: when the open question was asked, None without one
    :param now: seconds since 1970
    :param wait: seconds to the next question, None if one is open
    :returns: the sentence, and whether it tells of something wrong
    """
    snapshot = poll.snapshot
    words = []
    wrong = False
    if snapshot is None or snapshot.taken_at is None:
        words.append('nothing seen yet')
    else:
        age = max(now - snapshot.taken_at, 0.0)
        words.append('seen %ds ago' % age)
    problem = poll.fault or (snapshot and snapshot.error)
    if problem:
        wrong = True
        words.append(printable.sentence(problem))
    if asking_since is not None and now - asking_since >= SLOW:
        wrong = True
        words.append('no answer for %ds' % (now - asking_since))
    elif problem and wait:
        words.append('next look in %ds' % round(wait))
    return '; '.join(words), wrong
