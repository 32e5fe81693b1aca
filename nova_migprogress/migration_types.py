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

"""Nova's migration types, and what each of them means.

The API shows them as plain strings. Nova's own list of them is
nova.objects.fields.MigrationType, which cannot be imported where there is no
Nova.
"""

#: A running server goes to another host, with numbers of its memory and of
#: the local disks that are copied along.
LIVE_MIGRATION = 'live-migration'
#: A cold migration: the server is shut down and its disks go to another host.
#: It has numbers of its disks only, as a resize.
COLD_MIGRATION = 'migration'
#: The same to another flavor, and perhaps to the same host.
RESIZE = 'resize'
#: A server whose host is down is built again elsewhere. It has no numbers.
EVACUATION = 'evacuation'

#: They wait in statuses.FINISHED until they are confirmed or reverted.
CONFIRMED_TYPES = (COLD_MIGRATION, RESIZE)
