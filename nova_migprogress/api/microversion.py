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

"""The microversion that this package adds to Nova's compute API.

It is the one after the installed Nova's maximum: with a maximum of 2.104 it
is 2.105. The number is computed, never written down.
"""

import re
import typing

from nova.api.openstack import api_version_request
from nova.api.openstack.compute import versions
from nova.api.openstack import wsgi

from nova_migprogress import exception

#: What the microversion means.
MEANING = (
    'GET /os-migrations returns the progress of every migration in '
    'memory_total, memory_processed, memory_remaining, disk_total, '
    'disk_processed and disk_remaining (bytes or null); the status query '
    'parameter may be repeated.')

#: The microversion, None before bump() has been called.
_bumped: typing.Optional[str] = None


def check() -> None:
    """Check that Nova binds its maximum where it is expected.

    :raises UnsupportedNova: it does not
    """
    maximum = getattr(api_version_request, '_MAX_API_VERSION', None)
    if not (isinstance(maximum, str) and re.fullmatch(r'2\.\d+', maximum)):
        raise exception.UnsupportedNova(
            'api_version_request._MAX_API_VERSION is %r, not a 2.x '
            'microversion' % (maximum,))
    announced = versions.VERSIONS.get('v2.1', {}).get('version')
    if announced != maximum:
        raise exception.UnsupportedNova(
            'the version document announces %r, but the maximum '
            'microversion is %s' % (announced, maximum))


def bump() -> str:
    """Raise Nova's maximum microversion by one, once a process.

    :returns: the new one, such as '2.105'
    :raises UnsupportedNova: :func:`check` does; nothing is changed
    """
    global _bumped
    if _bumped is None:
        check()
        stock = api_version_request._MAX_API_VERSION
        major, minor = stock.split('.')
        new = '%s.%d' % (major, int(minor) + 1)
        api_version_request._MAX_API_VERSION = new
        versions.VERSIONS['v2.1']['version'] = new
        # Up to Nova 31 the maximum is also bound as the default of
        # is_supported(req, min_version, max_version); left alone, every such
        # check would turn false at the new microversion.
        is_supported = api_version_request.is_supported
        is_supported.__defaults__ = is_supported.__defaults__ and tuple(
            new if default == stock else default
            for default in is_supported.__defaults__)
        _bumped = new
    return _bumped


def is_requested(req: wsgi.Request) -> bool:
    """Tell whether a request asks for the progress fields' microversion."""
    return api_version_request.is_supported(req, _bumped)
