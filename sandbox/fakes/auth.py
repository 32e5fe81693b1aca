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

"""Stands in for keystonemiddleware: a token is simply ``user[:project]``.

The user admin has the roles admin, manager, member and reader, everybody else
member and reader of their project. Nova's own keystonecontext filter follows
in the pipeline and sees the headers that keystone's middleware would set.
"""

import typing

import webob
import webob.dec
import webob.exc


class TokenFilter:
    """Lets through what has a token, with the headers that tell whose."""

    def __init__(self, application: typing.Any) -> None:
        self.application = application

    def _let_through(self, request: webob.Request) -> webob.Response:
        token = request.headers.get('X-Auth-Token')
        if not token:
            return webob.exc.HTTPUnauthorized()
        user, _, project = token.partition(':')
        roles = 'member,reader'
        if user == 'admin':
            roles = 'admin,manager,' + roles
        request.headers.update({
            'X-Identity-Status': 'Confirmed',
            'X-User-Id': user,
            'X-User-Name': user,
            'X-Project-Id': project or user,
            'X-Project-Name': project or user,
            'X-Project-Domain-Id': 'default',
            'X-User-Domain-Id': 'default',
            'X-Roles': roles,
        })
        return request.get_response(self.application)

    __call__ = webob.dec.wsgify(_let_through)


def filter_factory(_global_conf: typing.Any,
                   **_local_conf: typing.Any) -> type[TokenFilter]:
    return TokenFilter
