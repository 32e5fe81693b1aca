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

"""From the ``openstack`` shell to nova_migprogress.client, and back."""

import collections.abc
import contextlib
import logging
import typing

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib import shell

from nova_migprogress.client import cloud
from nova_migprogress.client import discovery
from nova_migprogress.client import errors
from nova_migprogress.client import rest
from nova_migprogress.client import tracking
from nova_migprogress.text import printable

LOG = logging.getLogger(__name__)


def connect(app: shell.OpenStackShell,
            timeout: float = rest.TIMEOUT) -> cloud.Cloud:
    """Return the cloud, with the user's credentials.

    :param app: the shell
    :param timeout: seconds that one request may take
    """
    return cloud.Cloud.from_sdk(app.client_manager.sdk_connection, timeout)


@contextlib.contextmanager
def translate_errors() -> collections.abc.Iterator[None]:
    """Turn the client's errors into those that the shell prints."""
    try:
        yield
    except errors.ClientError as exc:
        raise exceptions.CommandError(printable.sentence(exc)) from exc


def warn_of_missing(
        log: logging.Logger,
        capabilities: typing.Optional[discovery.Capabilities],
        warned: typing.Optional[set[str]] = None) -> None:
    """Log what a cloud leaves out.

    :param log: the command's
    :param capabilities: the cloud's; None if it has not answered yet
    :param warned: the sentences that were logged already; those are left
        out, and what is logged now is added
    """
    if capabilities is None:
        return
    for sentence in capabilities.missing:
        if warned is not None:
            if sentence in warned:
                continue
            warned.add(sentence)
        log.warning(printable.escape(sentence))


def find_server_names(
        cloud: cloud.Cloud,
        migrations: collections.abc.Iterable[tracking.Tracked]
) -> dict[str, str]:
    """Return a mapping of server uuids to names.

    Migrations are worth showing without them: an error is no more than a
    note in the log.

    :param cloud: the cloud, which remembers the names
    :param migrations: all migrations that are shown
    """
    uuids = {uuid for uuid in (
        tracked.record.instance_uuid for tracked in migrations)
        if uuid is not None}
    if not uuids:
        return {}
    try:
        return cloud.server_names(sorted(uuids))
    except errors.ClientError as exc:
        LOG.info('The names of the servers are not known: %s', exc)
        return {}


def find_project_id(
        app: shell.OpenStackShell, name_or_id: str,
        domain: typing.Optional[str] = None) -> str:
    """Return a project's id.

    What the identity service cannot look up, because there is none or the
    user has no right to, is taken for an id.

    :raises CommandError: there is no such project
    """
    # Identity v2 cannot look up as v3 can: an error like any other.
    identity: typing.Any = app.client_manager.sdk_connection.identity
    try:
        if domain is not None:
            domain = identity.find_domain(domain, ignore_missing=False).id
        found: str = identity.find_project(
            name_or_id, ignore_missing=False, domain_id=domain).id
        return found
    except sdk_exceptions.NotFoundException:
        raise exceptions.CommandError(
            'There is no project with the name or ID %r.' % name_or_id)
    except Exception as exc:
        # The errors of keystoneauth and of the SDK have no common base.
        app.LOG.debug('Project %r is not looked up: %s', name_or_id, exc)
        return name_or_id


def cloud_options(app: shell.OpenStackShell) -> tuple[str, ...]:
    """Return the shell options that name the cloud in a command to paste."""
    options: list[str] = []
    for option, name in (('--os-cloud', 'cloud'),
                         ('--os-region-name', 'region_name')):
        value = getattr(app.options, name, None)
        if isinstance(value, str) and value:
            options.extend((option, value))
    return tuple(options)
