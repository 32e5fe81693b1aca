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

"""Bring the whole sandbox up and down."""

from collections import abc
import concurrent.futures
import contextlib
import fcntl
import json
import shutil
import time

from sandbox import client
from sandbox import database
from sandbox import exception
from sandbox.fakes import image
from sandbox.guest import build as guest_build
from sandbox import hypervisor
from sandbox import layout as layout_mod
from sandbox import messaging
from sandbox import namespaces
from sandbox import novaconf
from sandbox import process
from sandbox import programs
from sandbox import schemas
from sandbox import services
from sandbox import settings
from sandbox import status

#: Needed before the databases are there.
EARLY = ('mariadb', 'rabbitmq', 'fakes', 'libvirtd@', 'sshd@', 'truth@')
#: What reads a file that depends on the driver.
DRIVER_DEPENDENT = ('nova-api',) + tuple(
    services.qualify('nova-compute', host) for host in layout_mod.COMPUTES)

#: Called with a line about each step.
Say = abc.Callable[[str], object]


@contextlib.contextmanager
def _locked(layout: layout_mod.Layout) -> abc.Iterator[None]:
    """One up or down at a time."""
    layout.lock.parent.mkdir(parents=True, exist_ok=True)
    with open(layout.lock, 'a') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise exception.SandboxError(
                'Another "up" or "down" of this sandbox is running.')
        yield


def _store_guest(layout: layout_mod.Layout) -> None:
    guest_build.build(layout.guest)
    settings.save(
        layout,
        kernel_id=image.add(
            layout.images, 'kernel', layout.guest / 'kernel',
            disk_format='aki', container_format='aki'),
        ramdisk_id=image.add(
            layout.images, 'initramfs', layout.guest / 'initramfs',
            disk_format='ari', container_format='ari'))


def _wait_computes(layout: layout_mod.Layout) -> None:
    """Wait until the API shows both compute services up."""
    api = client.Client(layout)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(exception.SandboxError):
            up = {service['host'] for service in
                  api.get('/os-services?binary=nova-compute')['services']
                  if service['state'] == 'up'}
            if up == set(layout_mod.COMPUTES):
                return
        time.sleep(0.5)
    raise exception.TimedOut(
        'The compute services are not up; see %s.' % layout.logs)


def _prepare(layout: layout_mod.Layout, driver: str, say: Say) -> None:
    """Everything that needs no running service."""
    say('preparing the files of databases, hypervisors and guests')
    layout.state.mkdir(parents=True)
    settings.save(layout, driver=driver)
    hypervisor.configure(layout)
    messaging.configure(layout)
    novaconf.configure(layout, driver)
    for directory in (layout.images, layout.volumes, layout.failing,
                      layout.truth):
        directory.mkdir()


def _build(layout: layout_mod.Layout, driver: str, say: Say,
           executor: concurrent.futures.Executor) -> None:
    _prepare(layout, driver, say)
    guest = executor.submit(_store_guest, layout)
    data = executor.submit(database.configure, layout)
    say('creating the machines: %s' % ', '.join(layout_mod.MACHINES))
    namespaces.create(
        layout, {host: hypervisor.BINDS for host in layout_mod.COMPUTES})
    data.result()
    names = [service.name for service in services.all_services(layout)]
    early = [name for name in names if name.startswith(EARLY)]
    say('starting %s' % ', '.join(early))
    services.start(layout, early, say)
    say('creating the databases (about 30 s)')
    database.create(layout)
    placement = executor.submit(schemas.create_placement, layout)
    nova = executor.submit(schemas.create_nova, layout)
    placement.result()
    nova.result()
    if driver == 'migprogress':
        schemas.change(layout, driver)
    guest.result()
    late = [name for name in names if name not in early]
    say('starting %s' % ', '.join(late))
    services.start(layout, late, say)
    schemas.discover_hosts(layout)
    # From here on the sandbox is usable.
    layout.marker.write_text(json.dumps({'time': time.time()}))
    _wait_computes(layout)


def _change_driver(layout: layout_mod.Layout, driver: str,
                   say: Say) -> None:
    say('changing the driver to %s' % driver)
    for name in DRIVER_DEPENDENT:
        process.stop(layout, name)
    schemas.change(layout, driver)
    novaconf.configure(layout, driver)
    # Last: should this be interrupted, the next "up" does it again.
    settings.save(layout, driver=driver)


def up(layout: layout_mod.Layout, driver: str = 'migprogress',
       say: Say = print) -> None:
    """Bring the sandbox up, or make it what was asked for.

    :param driver: migprogress or stock
    :param say: called with a line about each step
    :raises SandboxError: if that fails; nothing is left then
    """
    programs.check()
    with _locked(layout):
        if status.is_up(layout):
            if settings.load(layout)['driver'] != driver:
                _change_driver(layout, driver, say)
            for service in services.all_services(layout):
                if process.is_frozen(layout, service.name):
                    say('thawing %s' % service.name)
                    process.thaw(layout, service.name)
            missing = [
                service.name for service in services.all_services(layout)
                if process.find_pid(layout, service.name) is None]
            if missing:
                say('starting %s' % ', '.join(missing))
                services.start(layout, missing, say)
            # After an outage they may have to connect again first.
            _wait_computes(layout)
            return
        _remove(layout, keep_logs=False)
        executor = concurrent.futures.ThreadPoolExecutor()
        try:
            _build(layout, driver, say, executor)
        except BaseException:
            say('cleaning up')
            # What the threads wait for ends with the machines.
            namespaces.destroy(layout)
            executor.shutdown(wait=True, cancel_futures=True)
            _remove(layout, keep_logs=True)
            raise
        executor.shutdown()


def _remove(layout: layout_mod.Layout, keep_logs: bool) -> int:
    ended = namespaces.destroy(layout)
    if layout.state.exists():
        for path in layout.state.iterdir():
            if path == layout.logs and keep_logs:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not keep_logs:
            layout.state.rmdir()
    return ended


def down(layout: layout_mod.Layout) -> int:
    """End everything and remove all files but the logs.

    :returns: how many processes were ended
    """
    programs.check_root()
    with _locked(layout):
        return _remove(layout, keep_logs=True)


def env(layout: layout_mod.Layout) -> dict[str, str]:
    """The variables with which standard clients use the sandbox."""
    api = client.Client(layout)
    url = client.endpoint(layout)
    return {
        'OS_AUTH_TYPE': 'admin_token',
        'OS_ENDPOINT': url,
        'OS_TOKEN': client.TOKEN,
        'OS_COMPUTE_ENDPOINT_OVERRIDE': url,
        'OS_COMPUTE_API_VERSION': api.maximum(),
        # There is no identity service, but the openstack command wants to
        # know that it would be of version 3.
        'OS_IDENTITY_API_VERSION': '3',
        'OS_IDENTITY_ENDPOINT_OVERRIDE': url,
    }
