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

"""JSON schemas and samples of ``GET /os-migrations``, as package data.

``os-migrations/query.json`` and ``os-migrations/response.json`` are what the
API validates with. ``os-migrations/samples/`` holds requests (``*-req.json``)
and responses (``*-resp.json``).
"""

import json
import pkgutil
import typing


def load(name: str) -> dict[str, typing.Any]:
    """Return the parsed document of this package.

    :param name: path below this package without the extension, such as
        'os-migrations/query'
    :raises FileNotFoundError: there is no such document
    """
    content = pkgutil.get_data(__name__, name + '.json')
    # It is None only where a package is loaded from neither files nor a zip.
    assert content is not None
    document: dict[str, typing.Any] = json.loads(content)
    return document
