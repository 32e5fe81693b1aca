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

"""Which migrations a command is about."""

import argparse

from osc_lib import shell

from nova_migprogress.client import cloud
from nova_migprogress import migration_types
from nova_migprogress.osc import connection
from nova_migprogress import statuses

#: The words of ``openstack server migration list``, and the API's.
TYPES = {'live-migration': migration_types.LIVE_MIGRATION,
         'cold-migration': migration_types.COLD_MIGRATION,
         'resize': migration_types.RESIZE,
         'evacuation': migration_types.EVACUATION}

STATUSES = (statuses.IN_PROGRESS_STATUSES +
            tuple(sorted(statuses.ENDED_STATUSES)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the filters that all commands share."""
    parser.add_argument(
        '--host', metavar='<host>',
        help='Only migrations from or to this host')
    parser.add_argument(
        '--source', metavar='<host>',
        help='Only migrations from this host')
    parser.add_argument(
        '--destination', metavar='<host>',
        help='Only migrations to this host')
    parser.add_argument(
        '--project', metavar='<project>',
        help="Only migrations of this project's servers (name or ID)")
    parser.add_argument(
        '--project-domain', metavar='<project-domain>',
        help='Domain that the project belongs to (name or ID)')
    parser.add_argument(
        '--type', metavar='<type>', choices=sorted(TYPES),
        help='Only migrations of this type: %s' % ', '.join(sorted(TYPES)))


def collect_filters(
        parsed_args: argparse.Namespace, cloud: cloud.Cloud,
        app: shell.OpenStackShell) -> dict[str, object]:
    """Translate the filters for client.cloud.Cloud.migrations().

    :param parsed_args: also has ``server``, a list of names or ids
    :returns: keyword arguments
    :raises CommandError: a server or project does not exist
    :raises ClientError: the cloud does not answer
    """
    filters: dict[str, object] = {
        'host': parsed_args.host,
        'source_compute': parsed_args.source,
        'dest_compute': parsed_args.destination,
        'migration_type': TYPES.get(parsed_args.type),
    }
    if parsed_args.project is not None:
        filters['project'] = connection.find_project_id(
            app, parsed_args.project, parsed_args.project_domain)
    if parsed_args.server:
        filters['server'] = tuple(
            cloud.server(name)['id'] for name in parsed_args.server)
    return {name: value for name, value in filters.items()
            if value is not None}
