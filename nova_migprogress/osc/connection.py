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

"""From the ``openstack`` shell to nova_migprogress.client."""

import contextlib

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from nova_migprogress.client import cloud
from nova_migprogress.client import errors
from nova_migprogress.client import rest
from nova_migprogress.text import printable


def connect(app, timeout=rest.TIMEOUT):
    """Return a client.cloud.Cloud with the user's credentials.

    :param app: the shell
    :param timeout: seconds that one request may take
    """
    return cloud.Cloud.from_sdk(app.client_manager.sdk_connection, timeout)


@contextlib.contextmanager
def reported():
    """Turn the client's errors into those that the shell prints."""
    try:
        yield
    except errors.ClientError as exc:
        raise exceptions.CommandError(
            printable.sentence(exc)) from exc


def project_id(app, name_or_id, domain=None):
    """Return a project's id.

    What the identity service cannot look up, because there is none or the
    user has no right to, is taken for an id.

    :raises CommandError: there is no such project
    """
    identity = app.client_manager.sdk_connection.identity
    try:
        if domain is not None:
            domain = identity.find_domain(domain, ignore_missing=False).id
        return identity.find_project(
            name_or_id, ignore_missing=False, domain_id=domain).id
    except sdk_exceptions.NotFoundException:
        raise exceptions.CommandError(
            'There is no project with the name or ID %r.' % name_or_id)
    except Exception as exc:
        # The errors of keystoneauth and of the SDK have no common base.
        app.LOG.debug('Project %r is not looked up: %s', name_or_id, exc)
        return name_or_id


def cloud_options(app):
    """Return the shell options that name the cloud in a command to paste."""
    options = []
    for option, name in (('--os-cloud', 'cloud'),
                         ('--os-region-name', 'region_name')):
        value = getattr(app.options, name, None)
        if isinstance(value, str) and value:
            options.extend((option, value))
    return tuple(options)
