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

"""What an assessment says, in words."""

from nova_migprogress.convergence import assessment
from nova_migprogress.convergence import verdicts
from nova_migprogress.text import units


def describe_eta(said: assessment.Assessment, at_least: str = '>=') -> str:
    """Say how long a migration will take yet: ``never``, ``>=17s``.

    :param at_least: what stands before a time that is the least
    """
    if said.verdict == verdicts.NOT_CONVERGING:
        return 'never'
    if said.eta is None:
        return units.UNKNOWN
    return '%s%s' % (at_least if said.eta_at_least else '',
                     units.seconds(said.eta))


def describe_pauses(said: assessment.Assessment) -> tuple[str, ...]:
    """Say how long the server would stand still if forced to complete.

    :returns: durations: none where nothing is known, the least and the most
        where they differ
    """
    if said.pause is None:
        return ()
    bounds = [number for number in (said.pause, said.pause_most)
              if number is not None]
    return tuple(dict.fromkeys(
        units.seconds(number) for number in sorted(bounds)))
