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

"""Requests and migrations as Nova's controllers get them."""

import datetime
import typing
from unittest import mock

from nova.api.openstack import api_version_request
from nova.api.openstack import wsgi
from nova.objects import migration as migration_obj
from oslo_utils.fixture import uuidsentinel as uuids

BASE = 'http://openstack.example.com/v2.1'


def make_request(query: str = '', version: str = '2.104',
                 project_id: str = 'project', add_host: bool = True,
                 cls: type[wsgi.Request] = wsgi.Request) -> wsgi.Request:
    """Return a GET of the list by somebody who may see everything.

    :param version: the microversion that it asks for
    :param add_host: whether the policy lets the caller see hosts
    """
    context = mock.Mock(project_id=project_id)
    context.can.side_effect = lambda rule, fatal=True: (
        add_host or not rule.endswith(':host'))
    request = cls.blank('/os-migrations?' + query, base_url=BASE,
                        environ={'nova.context': context})
    request.api_version_request = api_version_request.APIVersionRequest(
        version)
    return request


def make_migration(number: int = 1, **values: typing.Any
                   ) -> migration_obj.Migration:
    """Return a running live migration, unless told otherwise."""
    moment = datetime.datetime(2026, 1, 29, 11, 0, number,
                               tzinfo=datetime.timezone.utc)
    every: dict[str, typing.Any] = dict.fromkeys(
        migration_obj.Migration.fields)
    every.update(
        id=number, uuid=getattr(uuids, 'migration_%d' % number),
        instance_uuid=getattr(uuids, 'server_%d' % number),
        status='running', migration_type='live-migration', hidden=False,
        cross_cell_move=False, deleted=False, created_at=moment,
        updated_at=moment, source_compute='compute1', source_node='node1',
        dest_compute='compute2', dest_node='node2', dest_host='192.0.2.2',
        old_instance_type_id=1, new_instance_type_id=1,
        project_id=uuids.project, user_id=uuids.user)
    every.update(values)
    return migration_obj.Migration(**every)


def make_list(*migrations: migration_obj.Migration
              ) -> migration_obj.MigrationList:
    """Return what Nova's compute API returns."""
    return migration_obj.MigrationList(objects=list(migrations))
