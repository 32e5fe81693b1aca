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

"""Stands in for glance: images are pairs of files in a directory.

``ID.json`` holds the image as the API shows it, ``ID`` its data.
"""

import json
import pathlib
import typing
import uuid

import webob
import webob.exc

#: The base properties; glanceclient turns all others into strings.
SCHEMA = {
    'name': 'image',
    'properties': {
        name: {'type': kind} for name, kind in (
            ('id', 'string'), ('name', 'string'), ('status', 'string'),
            ('visibility', 'string'), ('protected', 'boolean'),
            ('owner', 'string'), ('size', 'integer'),
            ('virtual_size', 'integer'), ('min_ram', 'integer'),
            ('min_disk', 'integer'), ('checksum', 'string'),
            ('os_hash_algo', 'string'), ('os_hash_value', 'string'),
            ('container_format', 'string'), ('disk_format', 'string'),
            ('created_at', 'string'), ('updated_at', 'string'),
            ('tags', 'array'), ('file', 'string'), ('self', 'string'),
            ('schema', 'string'), ('os_hidden', 'boolean'))},
    'additionalProperties': {'type': 'string'},
}


def add(directory: pathlib.Path, name: str, data: pathlib.Path,
        disk_format: str, container_format: str = 'bare',
        **properties: str) -> str:
    """Store an image.

    :param data: a file that is linked
    :returns: its id
    """
    image_id = str(uuid.uuid4())
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / image_id
    target.symlink_to(data)
    now = '2026-01-01T00:00:00Z'
    image: dict[str, typing.Any] = {
        'id': image_id, 'name': name, 'status': 'active',
        'visibility': 'public', 'protected': False, 'owner': 'admin',
        'size': target.stat().st_size, 'min_ram': 0, 'min_disk': 0,
        'container_format': container_format, 'disk_format': disk_format,
        'created_at': now, 'updated_at': now, 'tags': [],
        'os_hidden': False, 'schema': '/v2/schemas/image',
        'self': '/v2/images/' + image_id,
        'file': '/v2/images/%s/file' % image_id,
    }
    image.update(properties)
    (directory / (image_id + '.json')).write_text(json.dumps(image))
    return image_id


class ImageService:

    def __init__(self, directory: str) -> None:
        self.directory = pathlib.Path(directory)

    def __call__(self, request: webob.Request) -> webob.Response:
        path = request.path_info.strip('/').split('/')
        if path == ['v2', 'schemas', 'image']:
            return webob.Response(json=SCHEMA)
        if path[:2] != ['v2', 'images'] or request.method != 'GET':
            raise webob.exc.HTTPNotFound()
        try:
            image_id = str(uuid.UUID(path[2]))
            text = (self.directory / (image_id + '.json')).read_text()
        except (IndexError, ValueError, OSError):
            raise webob.exc.HTTPNotFound()
        if path[3:] == ['file']:
            return webob.Response(
                content_type='application/octet-stream',
                body=(self.directory / image_id).read_bytes())
        return webob.Response(json=json.loads(text))
