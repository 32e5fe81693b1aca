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

"""What is missing or too old of the libraries that a Nova node needs.

pip installs none of them, because every Nova brings them. They are listed
once, with the lowest versions, in the extra ``server`` of this distribution.
This module needs none of them, to be able to name each.
"""

import collections.abc
import importlib.metadata
import re

# As any builder of distributions writes them.
_REQUIREMENT = re.compile(
    r'(?P<name>[\w.-]+) *\(?>= *(?P<lowest>[\w.]+)\)? *; *'
    r'extra *== *["\']server["\']')


def _requirements() -> collections.abc.Iterator[tuple[str, str]]:
    """Generate (distribution, lowest version)."""
    for text in importlib.metadata.requires('nova-migprogress') or []:
        found = _REQUIREMENT.fullmatch(text)
        if found:
            yield found['name'], found['lowest']


def _release(version: str) -> list[int]:
    """Return the numbers of a version, without a suffix and final zeros."""
    leading = re.sub(r'[^\d.].*', '', version)
    numbers = [int(number) for number in leading.split('.') if number]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def problems() -> list[str]:
    """Return what is missing or too old, a phrase for each.

    :raises importlib.metadata.PackageNotFoundError: this package is on the
        path but not installed, so that there is no list
    """
    found = []
    for name, lowest in _requirements():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found.append('%s is not installed, %s or later is needed' %
                         (name, lowest))
            continue
        if _release(installed) < _release(lowest):
            found.append('%s %s is installed, %s or later is needed' %
                         (name, installed, lowest))
    return found
