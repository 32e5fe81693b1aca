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

"""The phases of a migration, told from its status and its six numbers."""

from nova_migprogress.convergence import samples
from nova_migprogress import statuses

PREPARING = 'preparing'
STORAGE = 'storage'
FIRST_PASS = 'first pass'
PRE_COPY = 'pre-copy'
POST_COPY = 'post-copy'
COPYING = 'copying'
ENDED = 'ended'

#: Every phase, in the order in which a migration goes through them.
ALL = (PREPARING, STORAGE, FIRST_PASS, PRE_COPY, POST_COPY, COPYING, ENDED)


def tell_phase(sample: samples.Sample) -> str:
    """Tell the phase from one sample alone.

    The numbers of one sample cannot tell the first pass from the later ones:
    FIRST_PASS stands for both here, see passes.PassTracker.

    :returns: one of ALL but PRE_COPY
    """
    status = sample.status
    if status in statuses.ENDED_STATUSES:
        return ENDED
    if status == statuses.POST_COPY:
        return POST_COPY
    memory_total = sample.memory_total
    if memory_total is None:
        # Only a cold migration or a resize has disk numbers alone.
        return PREPARING if sample.disk_total is None else COPYING
    if sample.disk_total and not sample.memory_processed:
        # While disks are copied nothing is known of the memory: all of it
        # remains (or, straight from libvirt, all three numbers are 0).
        if sample.disk_remaining or sample.memory_remaining == memory_total:
            return STORAGE
    if not memory_total:
        return PREPARING
    return FIRST_PASS
