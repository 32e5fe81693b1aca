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

"""What a save that is done late has spoilt, besides the numbers.

A status that is saved apart from Nova (post_copy_seam.py), and the write by
which the conductor is asked (conductor_wait.py), may be done after they were
given up, when Nova has saved that the migration has ended. The record would be
of a migration that runs in post-copy mode for ever, or seem older than it is,
so that who asks for changes misses its end.
"""

import typing

from nova_migprogress import statuses

if typing.TYPE_CHECKING:
    from nova import objects


def correct(row: 'objects.Migration', stock: 'objects.Migration') -> bool:
    """Put right what a late save has overwritten; to be saved if it was.

    :param row: as it is in the database, a copy of its own
    :param stock: Nova's own object, as Nova has saved it last
    :returns: something is to be saved
    """
    if not all(obj.obj_attr_is_set(name) for obj in (row, stock)
               for name in ('status', 'updated_at')):
        # Of a cold migration only the id is known.
        return False
    changed = False
    if (row.status == statuses.POST_COPY and
            stock.status in statuses.ENDED_STATUSES and
            'status' not in stock.obj_what_changed()):
        row.status = stock.status
        changed = True
    if (row.updated_at is not None and stock.updated_at is not None and
            row.updated_at < stock.updated_at):
        row.updated_at = stock.updated_at
        changed = True
    return changed
