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

"""What loading the plugin changes in Nova's API, and how to undo it."""

import fixtures
from nova.api.openstack import api_version_request
from nova.api.openstack.compute import extension_info
from nova.api.openstack.compute import routes
from nova.api.openstack.compute import versions

from nova_migprogress.api import microversion


class UntouchedNova(fixtures.Fixture):
    """Undo, at the end, what loading the plugin does to Nova's modules."""

    def _setUp(self):
        self.useFixture(fixtures.MonkeyPatch(
            'nova_migprogress.api.microversion._bumped',
            microversion._bumped))
        self.useFixture(fixtures.MonkeyPatch(
            'nova.api.openstack.api_version_request._MAX_API_VERSION',
            api_version_request._MAX_API_VERSION))
        v21 = versions.VERSIONS['v2.1']
        self.addCleanup(v21.update, version=v21['version'])
        self.useFixture(fixtures.MonkeyPatch(
            'nova.api.openstack.compute.extension_info.EXTENSION_LIST',
            list(extension_info.EXTENSION_LIST)))
        methods = dict(routes.ROUTE_LIST)['/os-migrations']
        self.addCleanup(methods.update, methods.copy())
