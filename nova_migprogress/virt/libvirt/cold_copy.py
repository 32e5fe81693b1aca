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

"""What a cold migration copies, and how far each copy is.

Nova copies every local disk with one ``cp``, ``scp`` or ``rsync``
(nova.virt.libvirt.utils.copy_image and nova.virt.libvirt.volume.remotefs),
none of which says how far it is. It can be read from outside, without changing
the commands: from the position in the source file (``/proc/PID/fdinfo``, see
proc(5)) of ``scp`` and ``rsync``, and from the size of what a ``cp`` has
written. Not the other way round: ``cp`` lets the kernel copy up to 2 GiB at a
time, during which its position stands still, and what a remote copy has
written is not seen from here.

All sizes are apparent sizes (``st_size``), in bytes. Only they are the same
at both ends, whatever a tool does with holes.
"""

import collections.abc
import os
import stat
import typing

from nova import utils
from nova.virt.libvirt import host

#: Nova makes a new swap disk at the destination (migrate_disk_and_power_off of
#: nova.virt.libvirt.driver.LibvirtDriver).
NOT_COPIED = 'disk.swap'


def apparent_size(path: str) -> typing.Optional[int]:
    """Return the size of a file, or of all files in a directory.

    A directory is what the disk of a Virtuozzo container ("ploop") is.

    :returns: bytes, or None for anything else, e.g. a block device
    :raises OSError: it does not exist or cannot be read
    """
    status = os.stat(path)
    if stat.S_ISREG(status.st_mode):
        return status.st_size
    if stat.S_ISDIR(status.st_mode):
        return sum(os.lstat(os.path.join(directory, name)).st_size
                   for directory, _directories, names in os.walk(path)
                   for name in names)
    return None


class Plan:
    """The disks that will be copied, to be made when the guest is off.

    Left out are swap disks, for which Nova makes new ones, and what is not in
    the instance's directory: volumes, Ceph images. The small files that Nova
    copies besides (``disk.info``, the state of a vTPM) are no disks.

    :param disk_info: what LibvirtDriver._get_instance_disk_info() returned
    :raises OSError: a disk cannot be read
    """

    def __init__(self, disk_info: collections.abc.Iterable[
            collections.abc.Mapping[str, typing.Any]]) -> None:
        #: Size of each disk in bytes, by the name of its file.
        self.sizes: dict[str, int] = {}
        for disk in disk_info:
            name = os.path.basename(disk['path'])
            size = apparent_size(disk['path'])
            if name != NOT_COPIED and size is not None:
                self.sizes[name] = size
        #: Bytes of all disks together.
        self.total = sum(self.sizes.values())

    def size(self, path: str) -> typing.Optional[int]:
        """Return the size of the disk in a file, None if it is no disk."""
        return self.sizes.get(os.path.basename(path))


class Reader(typing.Protocol):
    """Reads the position of one copy; no method raises OSError."""

    def read(self) -> typing.Optional[int]:
        """Return the position in bytes, None while it is unknown."""

    def close(self) -> None:
        """Read no more."""


def reader(source: str, destination: str,
           pid: typing.Optional[int] = None) -> Reader:
    """Return what reads the position of one copy.

    :param source: path of the file or directory that is copied
    :param destination: path of the copy; of use for a local one only
    :param pid: process id of a remote copy's local end; None for a ``cp``
    """
    if pid is None:
        return DestinationSize(destination)
    if os.path.isdir(source):
        return BytesRead(pid)
    return SourcePosition(pid, source)


class _Process:
    """The /proc directory of a running process.

    It is kept open: then it can never become that of another process that
    gets the same id.
    """

    def __init__(self, pid: int) -> None:
        self._directory: typing.Optional[int]
        try:
            self._directory = os.open('/proc/%d' % pid,
                                      os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            # It has ended already.
            self._directory = None

    def read(self) -> typing.Optional[int]:
        if self._directory is None:
            return None
        try:
            return self._read_position()
        except OSError:
            return None

    def close(self) -> None:
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None

    def _read_position(self) -> typing.Optional[int]:
        raise NotImplementedError

    def _read_number(self, name: str, key: bytes) -> typing.Optional[int]:
        """Return the number after a key in one of the process's files."""
        with open(os.open(name, os.O_RDONLY, dir_fd=self._directory),
                  'rb', buffering=0) as proc_file:
            for line in proc_file.read(4096).splitlines():
                if line.startswith(key):
                    return int(line[len(key):])
        return None


class SourcePosition(_Process):
    """The position in the file that an ``scp`` or ``rsync`` is reading."""

    def __init__(self, pid: int, path: str) -> None:
        super().__init__(pid)
        self._path = os.path.realpath(path)
        self._descriptor: typing.Optional[str] = None

    def _read_position(self) -> typing.Optional[int]:
        if self._descriptor is None or not self._is_source(self._descriptor):
            self._descriptor = self._find()
        if self._descriptor is None:
            return None
        return self._read_number('fdinfo/' + self._descriptor, b'pos:')

    def _find(self) -> typing.Optional[str]:
        descriptors = os.open('fd', os.O_RDONLY | os.O_DIRECTORY,
                              dir_fd=self._directory)
        try:
            names = os.listdir(descriptors)
        finally:
            os.close(descriptors)
        for name in names:
            if self._is_source(name):
                return name
        return None

    def _is_source(self, descriptor: str) -> bool:
        try:
            return os.readlink('fd/' + descriptor,
                               dir_fd=self._directory) == self._path
        except FileNotFoundError:
            return False


class BytesRead(_Process):
    """All that an ``scp`` or ``rsync`` of a directory has read.

    It includes the little that the process read for itself and, at the very
    end, what its child, ssh, has read.
    """

    def _read_position(self) -> typing.Optional[int]:
        return self._read_number('io', b'rchar:')


class DestinationSize:
    """The size of what a ``cp`` has written.

    Asking for the size of a file on a network file system whose server does
    not answer may hang. That must hang nobody else: with native threads it
    hangs only the thread that reads; where eventlet is in use, Nova's way to
    call libvirt, a native thread of eventlet's pool, is used here too.
    """

    def __init__(self, path: str) -> None:
        self._size = _native_proxy(_Size(path))

    def read(self) -> typing.Optional[int]:
        try:
            return self._size.apparent()
        except OSError:
            return None

    def close(self) -> None:
        pass


class _Size:

    def __init__(self, path: str) -> None:
        self._path = path

    def apparent(self) -> typing.Optional[int]:
        return apparent_size(self._path)


def _native_proxy(target: _Size) -> _Size:
    """Return a stand-in whose methods run in a native thread."""
    # nova.utils.tpool_wrap has been there since Nova 33; before, nova-compute
    # is always on eventlet.
    if hasattr(utils, 'tpool_wrap'):
        return utils.tpool_wrap(target)
    return host.tpool.Proxy(target)
