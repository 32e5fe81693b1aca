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

"""The WSGI application of all stand-ins, run by uwsgi in one process.

The directories come from the environment: MIGPROGRESS_IMAGES,
MIGPROGRESS_VOLUMES and MIGPROGRESS_FAILING. While the last one holds a file
with the name of a service, all that is asked of it is answered with 503.
"""

from collections import abc
import os
import pathlib
import sys
import threading

import webob
import webob.dec
import webob.exc

from sandbox.fakes import image
from sandbox.fakes import network
from sandbox.fakes import volume


class Fakes:
    """Answers for all of them, each below a path of its own.

    :param services: what answers for the path's first segment
    :param failing: a directory with a file for each that does not answer now
    """

    def __init__(self, services: abc.Mapping[
            str, abc.Callable[[webob.Request], webob.Response]],
            failing: pathlib.Path) -> None:
        self.services = services
        self.failing = failing
        # The volumes are read, changed and written back.
        self.lock = threading.Lock()

    def _answer(self, request: webob.Request) -> webob.Response:
        name = request.path_info_pop()
        service = self.services.get(name)
        try:
            if service is None:
                raise webob.exc.HTTPNotFound()
            if (self.failing / name).exists():
                return webob.exc.HTTPServiceUnavailable()
            with self.lock:
                return service(request)
        except webob.exc.HTTPNotFound:
            print('not answered: %s %s' % (request.method, request.url),
                  file=sys.stderr, flush=True)
            raise

    __call__ = webob.dec.wsgify(_answer)


application = Fakes({
    'image': image.ImageService(os.environ['MIGPROGRESS_IMAGES']),
    'network': network.NetworkService(),
    'volume': volume.VolumeService(os.environ['MIGPROGRESS_VOLUMES']),
}, pathlib.Path(os.environ['MIGPROGRESS_FAILING']))
