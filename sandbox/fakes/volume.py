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

"""Stands in for cinder: volumes on storage that all compute hosts share.

A volume is a sparse file and a JSON file beside it. It is attached as what
Nova calls a gpfs volume, a file at a path that is the same on every compute
host, so a server that boots from it has no disk to copy when it moves.
"""

import json
import pathlib
import typing
import uuid

import webob
import webob.exc

VERSIONS = {'versions': [{
    'id': 'v3.0', 'status': 'CURRENT', 'version': '3.71',
    'min_version': '3.0', 'links': []}]}


#: A volume as it is stored.
Volume = dict[str, typing.Any]


def add(directory: pathlib.Path, size_mib: int,
        image_properties: dict[str, str]) -> str:
    """Store a bootable volume.

    :param size_mib: size of the file in MiB
    :param image_properties: what the volume inherited from its image
    :returns: its id
    """
    volume_id = str(uuid.uuid4())
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / volume_id, 'wb') as data:
        data.truncate(size_mib << 20)
    _save(directory, {
        'id': volume_id, 'name': 'root', 'description': None, 'size': 1,
        'status': 'available', 'availability_zone': 'nova',
        'created_at': '2026-01-01T00:00:00', 'volume_type': None,
        'snapshot_id': None, 'bootable': 'true', 'multiattach': False,
        'metadata': {}, 'attachments': [],
        'volume_image_metadata': image_properties,
        # Not part of a volume in cinder's API: filtered out when shown.
        'records': {},
    })
    return volume_id


def _save(directory: pathlib.Path, volume: Volume) -> None:
    (directory / (volume['id'] + '.json')).write_text(json.dumps(volume))


class VolumeService:

    def __init__(self, directory: str) -> None:
        self.directory = pathlib.Path(directory)

    def __call__(self, request: webob.Request) -> webob.Response:
        path = request.path_info.strip('/').split('/')
        if path == ['']:
            return webob.Response(json=VERSIONS)
        # /v3/{project_id}/{collection}[/{id}[/action]]
        if path[0] != 'v3' or len(path) < 3:
            raise webob.exc.HTTPNotFound()
        action = '_'.join([request.method.lower(), path[2]] + path[4:])
        method = getattr(self, action, None)
        if method is None:
            raise webob.exc.HTTPNotFound()
        return method(request, path[3] if len(path) > 3 else None)

    def _volume(self, volume_id: typing.Optional[str]) -> Volume:
        try:
            name = str(uuid.UUID(volume_id or '')) + '.json'
            volume: Volume = json.loads((self.directory / name).read_text())
        except (ValueError, OSError):
            raise webob.exc.HTTPNotFound()
        return volume

    def _find_attached(self, attachment_id: str) -> Volume:
        for path in self.directory.glob('*.json'):
            volume: Volume = json.loads(path.read_text())
            if attachment_id in volume['records']:
                return volume
        raise webob.exc.HTTPNotFound()

    def _show_attachment(self, volume: Volume,
                         attachment_id: str) -> webob.Response:
        record = volume['records'][attachment_id]
        attachment = {
            'id': attachment_id, 'status': record['status'],
            'instance': record['instance'], 'volume_id': volume['id'],
            'attached_at': '', 'detached_at': '', 'attach_mode': 'rw',
            'connection_info': {},
        }
        if record['connected']:
            attachment['connection_info'] = {
                'driver_volume_type': 'gpfs',
                'device_path': str(self.directory / volume['id']),
                'access_mode': 'rw', 'volume_id': volume['id'],
                'attachment_id': attachment_id,
            }
        return webob.Response(json={'attachment': attachment})

    def _store(self, volume: Volume) -> None:
        volume['status'] = 'in-use' if volume['records'] else 'available'
        volume['attachments'] = [
            {'attachment_id': key, 'server_id': record['instance'],
             'volume_id': volume['id'], 'device': '/dev/vda'}
            for key, record in volume['records'].items()]
        _save(self.directory, volume)

    def get_volumes(self, _request: webob.Request,
                    volume_id: typing.Optional[str]) -> webob.Response:
        volume = self._volume(volume_id)
        del volume['records']
        return webob.Response(json={'volume': volume})

    def post_volumes_action(
            self, _request: webob.Request,
            volume_id: typing.Optional[str]) -> webob.Response:
        self._volume(volume_id)
        return webob.Response(status=202)

    def delete_volumes(self, _request: webob.Request,
                       volume_id: typing.Optional[str]) -> webob.Response:
        volume = self._volume(volume_id)
        for name in (volume['id'], volume['id'] + '.json'):
            (self.directory / name).unlink()
        return webob.Response(status=202)

    def post_attachments(self, request: webob.Request,
                         _none: None) -> webob.Response:
        asked = request.json['attachment']
        volume = self._volume(asked['volume_uuid'])
        attachment_id = str(uuid.uuid4())
        volume['records'][attachment_id] = {
            'instance': asked['instance_uuid'], 'status': 'reserved',
            'connected': bool(asked.get('connector'))}
        self._store(volume)
        return self._show_attachment(volume, attachment_id)

    def get_attachments(self, _request: webob.Request,
                        attachment_id: str) -> webob.Response:
        return self._show_attachment(self._find_attached(attachment_id),
                                     attachment_id)

    def put_attachments(self, _request: webob.Request,
                        attachment_id: str) -> webob.Response:
        volume = self._find_attached(attachment_id)
        volume['records'][attachment_id].update(
            connected=True, status='attaching')
        self._store(volume)
        return self._show_attachment(volume, attachment_id)

    def post_attachments_action(self, _request: webob.Request,
                                attachment_id: str) -> webob.Response:
        volume = self._find_attached(attachment_id)
        volume['records'][attachment_id]['status'] = 'attached'
        self._store(volume)
        return webob.Response(status=204)

    def delete_attachments(self, _request: webob.Request,
                           attachment_id: str) -> webob.Response:
        volume = self._find_attached(attachment_id)
        del volume['records'][attachment_id]
        self._store(volume)
        return webob.Response(json={'attachments': []})
