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

"""Bytes of memory and of disks taken together."""


def together(memory, disk):
    """Return the sum, None if neither is known.

    One of the two alone is what is known: a cold migration has no numbers of
    memory.
    """
    if memory is None and disk is None:
        return None
    return (memory or 0) + (disk or 0)


def percent(total, remaining):
    """Return how much does not remain: 0.0 to 100.0, None if unknown.

    :param total: bytes or None
    :param remaining: bytes, which may be more than the total, or None
    """
    if not total or remaining is None:
        return None
    return 100.0 * (total - min(remaining, total)) / total
