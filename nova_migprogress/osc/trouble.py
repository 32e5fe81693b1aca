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

"""Which migrations need a look first."""

from nova_migprogress.text import severity


def rank(shown):
    """Return the place of a migration's verdict, 0 for the worst."""
    return severity.rank(shown.assessment.verdict)


def key(shown):
    """Sort by trouble: by verdict, the longest time left first, then age.

    :param shown: has a record and an assessment, such as a columns.Row
    :returns: a tuple for sorted(); total, so that the order is steady
    """
    eta = shown.assessment.eta
    created = shown.record.created_at
    return (rank(shown), -eta if eta is not None else 0.0,
            created.timestamp() if created else 0.0, shown.record.key)
