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

"""The paste application factory: Nova's compute API with progress.

Used in api-paste.ini in place of Nova's own::

    [app:osapi_compute_app_v21]
    paste.app_factory = nova_migprogress.api.deploy:app_factory
"""

from nova.api.openstack.compute import routes
from oslo_log import log as logging

from nova_migprogress import exception

LOG = logging.getLogger(__name__)


def app_factory(global_config: dict[str, str],
                **local_config: str) -> routes.APIRouterV21:
    """Return Nova's v2.1 router, extended if this Nova can be.

    Where it cannot, the reason is logged and stock Nova is served: a plugin
    that does not fit must not take the compute API down.
    """
    try:
        # Imported late, because a Nova in which one of the modules that it
        # builds on is missing must not fail to load this factory.
        from nova_migprogress.api import extension
        extension.install()
    except exception.UnsupportedNova as exc:
        LOG.error('The progress of migrations is not served: this Nova '
                  'release is not supported because %s.', exc)
    except Exception:
        LOG.exception('The progress of migrations is not served: the '
                      'compute API could not be extended.')
    return routes.APIRouterV21.factory(global_config, **local_config)
