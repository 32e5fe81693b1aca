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

"""Whole lists: every page of them, of every project that the user may see."""

from collections import abc
import typing

from nova_migprogress.client import errors
from nova_migprogress.client import rest as client_rest

_Entry = typing.TypeVar('_Entry')
_Answer = typing.TypeVar('_Answer')


def read_pages(rest: client_rest.Rest, path: str,
               params: abc.Sequence[client_rest.Param], microversion: str, *,
               name: str,
               parse: abc.Callable[[dict[str, typing.Any], str],
                                   abc.Sequence[_Entry]],
               get_marker: abc.Callable[[_Entry], typing.Optional[str]],
               most: int) -> abc.Iterator[abc.Sequence[_Entry]]:
    """Yield the pages of a list, as long as the server links to a next one.

    The link itself is not followed: of a parameter that repeats, as status
    does, it has the last one only (ViewBuilder._get_next_link of
    nova/api/openstack/common.py).

    :param name: what is listed, such as 'servers', whose link is in
        'servers_links'
    :param parse: takes a decoded body and the path, returns the entries; a
        page without any is the last one
    :param get_marker: returns what names an entry in the parameter 'marker';
        a page whose last one nothing names, None, is the last page
    :param most: pages after which the list is left, whatever the server says
    :raises ClientError: no good answer
    """
    marker: list[client_rest.Param] = []
    for _page in range(most):
        body = rest.get(path, [*params, *marker], microversion)
        entries = parse(body, path)
        yield entries
        if not entries or not body.get(name + '_links'):
            return
        last = get_marker(entries[-1])
        if last is None:
            return
        marker = [('marker', last)]


class ProjectScope:
    """All projects, or the user's own where a policy hides the others.

    Nova answers 403 to those who may not see all; it does not narrow the list
    by itself. What it has answered once is remembered.

    :param all_params: query parameters that ask for all projects
    :param find_own_params: returns those that ask for the user's own project,
        None if there is no way to
    """

    def __init__(self, all_params: abc.Sequence[client_rest.Param],
                 find_own_params: abc.Callable[[], typing.Optional[
                     abc.Sequence[client_rest.Param]]]) -> None:
        self._all_params = all_params
        self._find_own_params = find_own_params
        self._own_params: typing.Optional[
            abc.Sequence[client_rest.Param]] = None

    @property
    def is_narrowed(self) -> bool:
        """Only the user's own project can be seen."""
        return self._own_params is not None

    def read(self, ask: abc.Callable[[abc.Sequence[client_rest.Param]],
                                     _Answer]) -> _Answer:
        """Return the answer for as many projects as the user may see.

        :param ask: makes the request with these parameters among others
        :raises Forbidden: the user may not even see the own project
        """
        if self._own_params is None:
            try:
                return ask(self._all_params)
            except errors.Forbidden:
                own_params = self._find_own_params()
                if own_params is None:
                    raise
                self._own_params = own_params
        return ask(self._own_params)
