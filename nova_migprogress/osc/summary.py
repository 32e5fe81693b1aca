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

"""How many migrations there are of each verdict."""

import collections

from nova_migprogress.text import severity


def counts(verdicts_found):
    """Return pairs of verdict and number, the worst verdict first.

    :param verdicts_found: a verdict for each migration
    """
    found = collections.Counter(verdicts_found)
    return [(verdict, found[verdict]) for verdict in severity.ORDER
            if found[verdict]]
