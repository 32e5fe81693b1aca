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

"""Nova's migration statuses, and what each of them means.

Nova writes them as plain strings, in nova.compute.manager, nova.conductor and
nova.virt.libvirt.driver; there is no list of them to import. Several tuples
and sets here overlap: each answers one question.
"""

ACCEPTED = 'accepted'
QUEUED = 'queued'
PREPARING = 'preparing'
PRE_MIGRATING = 'pre-migrating'
MIGRATING = 'migrating'
RUNNING = 'running'
POST_COPY = 'running (post-copy)'
POST_MIGRATING = 'post-migrating'
#: What a cold migration or resize is from the end of the copy until it is
#: confirmed or reverted.
FINISHED = 'finished'
CONFIRMING = 'confirming'
CONFIRMED = 'confirmed'
REVERTING = 'reverting'
REVERTED = 'reverted'
#: Of a live migration.
COMPLETED = 'completed'
#: Of an evacuation.
DONE = 'done'
ERROR = 'error'
FAILED = 'failed'
CANCELLED = 'cancelled'

#: In progress. A resize or cold migration that is 'finished' has been copied
#: and waits to be confirmed: not in progress.
IN_PROGRESS_STATUSES = (
    ACCEPTED, QUEUED, PREPARING, PRE_MIGRATING, MIGRATING, RUNNING, POST_COPY,
    POST_MIGRATING)

#: The copying has succeeded: of a live migration or an evacuation, and of a
#: cold migration or resize.
COMPLETED_STATUSES = frozenset((
    COMPLETED, DONE, FINISHED, CONFIRMING, CONFIRMED, REVERTING, REVERTED))
#: Ended otherwise.
FAILED_STATUSES = frozenset((ERROR, FAILED, CANCELLED))
ENDED_STATUSES = COMPLETED_STATUSES | FAILED_STATUSES

#: A live migration that does not run yet.
QUEUED_STATUSES = (QUEUED, PREPARING)
#: GET /servers/{id}/migrations shows a live migration
#: (MigrationsController.index of nova.api.openstack.compute.server_migrations,
#: which calls get_migrations_in_progress_by_instance), and GET /os-migrations
#: links to it.
LINKED_STATUSES = QUEUED_STATUSES + (RUNNING, POST_MIGRATING)
#: Of these, those in which it can have numbers there.
MEASURED_STATUSES = (RUNNING, POST_MIGRATING)
#: Nova's monitor may still end a live migration that takes too long.
MONITORED_STATUSES = QUEUED_STATUSES + (RUNNING,)
