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

from nova_migprogress.convergence import verdicts
from nova_migprogress.text import units


def eta(assessment, at_least='>='):
    """Say how long a migration will take yet: ``never``, ``>=17s``.

    :param assessment: a convergence.assessment.Assessment
    :param at_least: what stands before a time that is the least
    """
    if assessment.verdict == verdicts.NOT_CONVERGING:
        return 'never'
    if assessment.eta is None:
        return units.UNKNOWN
    return '%s%s' % (at_least if assessment.eta_at_least else '',
                     units.seconds(assessment.eta))


def pauses(assessment):
    """Say how long the server would stand still if forced to complete.

    :param assessment: a convergence.assessment.Assessment
    :returns: a tuple of durations: none where nothing is known, the least and
        the most where they differ
    """
    if assessment.pause is None:
        return ()
    bounds = [number for number in (assessment.pause, assessment.pause_most)
              if number is not None]
    return tuple(dict.fromkeys(
        units.seconds(number) for number in sorted(bounds)))
