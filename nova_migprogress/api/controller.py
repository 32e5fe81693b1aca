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

"""``GET /os-migrations`` with the progress of every migration."""

import collections.abc
import functools
import inspect
import typing

from nova.api.openstack.compute import migrations
from nova.api.openstack import wsgi
from nova.api import validation
from nova.objects import migration as migration_obj

from nova_migprogress.api import microversion
from nova_migprogress.api import response_validation
from nova_migprogress.api import view_builder
from nova_migprogress import api_schema

QUERY = api_schema.load('os-migrations/query')
RESPONSE = api_schema.load('os-migrations/response')

#: Keys of every entry; each is a field of Nova's Migration object.
KEYS = tuple(RESPONSE['properties']['migrations']['items']['required'])

_STOCK = migrations.MigrationsController


class MigrationsController(migrations.MigrationsController):
    """Nova's controller, with a path of its own at the new microversion.

    Older microversions, and legacy v2, call the stock method untouched. The
    new one runs Nova's own index without its decorators, so that filters,
    policies and paging stay Nova's, but builds the view straight from the
    objects, serialises it once and validates it once.
    """

    _view_builder_class = view_builder.ViewBuilder
    _validate = response_validation.ResponseValidator(RESPONSE)

    @wsgi.expected_errors(400)
    @validation.query_schema(QUERY)
    def _index_progress(self, req: wsgi.Request) -> wsgi.ResponseObject:
        query = req
        if len(req.GET.getall('status')) > 1:
            query = view_builder.RepeatedStatusRequest(req.environ)
        body = inspect.unwrap(_STOCK.index)(self, query)
        # A response rather than a dict, which the WSGI layer would serialise
        # again.
        response = wsgi.ResponseObject(body).serialize(
            req, req.best_match_content_type())
        self._validate(response.body)
        return response

    # What the WSGI layer and Nova's own tools read off the stock method, its
    # schemas for one, stays readable here.
    @functools.wraps(_STOCK.index)
    def index(self, req: wsgi.Request) -> typing.Any:
        if microversion.is_requested(req):
            return self._index_progress(req)
        return super().index(req)

    def _output(
            self, req: wsgi.Request,
            migrations_obj: collections.abc.Iterable[migration_obj.Migration],
            add_link: bool = False, add_uuid: bool = False,
            add_user_project: bool = False, add_host: bool = True
    ) -> list[dict[str, typing.Any]]:
        if not microversion.is_requested(req):
            return super()._output(
                req, migrations_obj, add_link, add_uuid, add_user_project,
                add_host)
        return self._view_builder.build_entries(
            req, migrations_obj, KEYS, add_host)
