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

"""Stands in for neutron: there are no networks, ports or extensions.

The sandbox's servers are booted with ``networks: none``.
"""

import webob
import webob.exc


class NetworkService:

    def __call__(self, request: webob.Request) -> webob.Response:
        path = request.path_info.strip('/').split('/')
        if request.method != 'GET' or len(path) != 2 or path[0] != 'v2.0':
            raise webob.exc.HTTPNotFound()
        collection = path[1].partition('.')[0].replace('-', '_')
        return webob.Response(json={collection: []})
