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

"""What a cloud offers to those who want to see progress."""

import dataclasses
import re
import typing

from nova_migprogress.client import errors
from nova_migprogress.client import rest as client_rest

#: The alias of the plugin in GET /extensions.
ALIAS = 'os-migration-progress'

#: The newest microversion of stock Nova whose os-migrations is known here.
NEWEST_STOCK = '2.80'

#: From this one on a live migration's numbers can be asked for, server by
#: server: GET /servers/{id}/migrations.
FIRST_NUMBERS = '2.23'

_MICROVERSION = re.compile(r'\bmicroversion (2\.[1-9]\d{0,5})\b', re.ASCII)

#: Where the six numbers come from: GET /os-migrations, or GET
#: /servers/{id}/migrations for each live migration, or nowhere.
PROGRESS: typing.Final = 'progress'
SERVERS: typing.Final = 'servers'
NONE: typing.Final = 'none'


@dataclasses.dataclass(frozen=True)
class Capabilities:
    """What a cloud offers to this user."""

    #: That of the plugin, such as '2.105'; None without the plugin.
    progress_microversion: typing.Optional[str]
    #: The microversion at which requests are made.
    microversion: str
    #: PROGRESS, SERVERS or NONE.
    listing: typing.Literal['progress', 'servers', 'none']
    #: What is left out, a sentence each, for the user.
    missing: tuple[str, ...] = ()

    def supports(self, microversion: str) -> bool:
        """Tell whether requests are made at least at a microversion."""
        return (parse_microversion(self.microversion) >=
                parse_microversion(microversion))


def parse_microversion(microversion: str) -> tuple[int, ...]:
    """Return a microversion, such as '2.80', as a tuple that compares."""
    return tuple(int(part) for part in microversion.split('.'))


def discover(rest: client_rest.Rest) -> Capabilities:
    """Ask a cloud what it offers, in at most three requests.

    :raises ClientError: it does not answer
    """
    missing = []
    try:
        progress = _find_progress(rest.get('/extensions').get('extensions'))
    except errors.Rejected as exc:
        progress = None
        missing.append('Whether this cloud has the progress plugin is not '
                       'known (%s).' % exc)
    if progress:
        return Capabilities(progress, progress, PROGRESS)
    if not missing:
        missing.append('This cloud does not have the progress plugin: only '
                       'running live migrations have numbers, every server '
                       'is asked for its own, and nothing is known of cold '
                       'migrations, post-copy and the end.')
    microversion = min(rest.max_microversion(), NEWEST_STOCK,
                       key=parse_microversion)
    stock = Capabilities(None, microversion, SERVERS, tuple(missing))
    if stock.supports(FIRST_NUMBERS):
        return stock
    missing.append('This Nova (microversion %s) is older than %s and has no '
                   'numbers at all.' % (microversion, FIRST_NUMBERS))
    return Capabilities(None, microversion, NONE, tuple(missing))


def _find_progress(extensions: object) -> typing.Optional[str]:
    """Return the plugin's microversion, None without the plugin.

    :param extensions: what the server calls a list of extensions
    :raises InvalidAnswer: it is none, or the plugin's entry is unreadable
    """
    if not isinstance(extensions, list):
        raise errors.InvalidAnswer(
            'GET /extensions: extensions is %.100r, which is not a list'
            % (extensions,))
    for entry in extensions:
        if isinstance(entry, dict) and entry.get('alias') == ALIAS:
            found = _MICROVERSION.search(str(entry.get('description')))
            if found is None:
                raise errors.InvalidAnswer(
                    'GET /extensions: %s does not name its microversion: '
                    '%.200r' % (ALIAS, entry.get('description')))
            return found.group(1)
    return None
