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

"""The programs the sandbox runs, and the Debian packages that hold them.

The packages themselves are listed in bindep.txt and installed by tools/setup.
"""

from collections import abc
import glob
import os
import shutil

from sandbox import exception
from sandbox import layout

#: Program -> package.
PACKAGES = {
    'busybox': 'busybox-static',
    'cpio': 'cpio',
    'gcc': 'gcc and libc6-dev',
    'ip': 'iproute2',
    'libvirtd': 'libvirt-daemon-system',
    'mariadb': 'mariadb-client',
    'mariadb-admin': 'mariadb-client',
    'mariadb-install-db': 'mariadb-server',
    'mariadbd': 'mariadb-server',
    'nsenter': 'util-linux',
    'qemu-img': 'qemu-utils',
    'qemu-system-x86_64': 'qemu-system-x86',
    'rsync': 'rsync',
    'ssh': 'openssh-client',
    'ssh-keygen': 'openssh-client',
    'sshd': 'openssh-server',
    'unshare': 'util-linux',
    'virsh': 'libvirt-clients',
}

#: Not in any PATH: rabbitmq's wrapper in /usr/sbin insists on its own user.
RABBITMQ_GLOB = '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server'

KERNEL_PACKAGES = ('linux-image-cloud-amd64 (Debian) or linux-image-virtual '
                   '(Ubuntu)')


def path() -> str:
    """The PATH that the sandbox's processes get."""
    return os.pathsep.join([
        os.path.dirname(layout.program('python')),
        '/usr/local/sbin', '/usr/local/bin',
        '/usr/sbin', '/usr/bin', '/sbin', '/bin'])


def find(name: str) -> str:
    """The path of a program.

    :raises SandboxError: if it is not installed; names the package.
    """
    found = shutil.which(name, path=path())
    if not found:
        raise exception.SandboxError(
            'The program %(name)s is missing: install the package '
            '%(package)s, or run tools/setup.'
            % {'name': name, 'package': PACKAGES.get(name, name)})
    return found


def rabbitmq() -> str:
    """The path of rabbitmq-server itself.

    :raises SandboxError: if it is not installed.
    """
    found = sorted(glob.glob(RABBITMQ_GLOB))
    if not found:
        raise exception.SandboxError(
            'The program rabbitmq-server is missing: install the package '
            'rabbitmq-server, or run tools/setup.')
    return found[-1]


def kernels() -> list[tuple[str, str]]:
    """Pairs (kernel image, its modules directory), newest last.

    :raises SandboxError: if no kernel package is installed.
    """
    found = []
    for image in glob.glob('/boot/vmlinuz-*'):
        release = os.path.basename(image)[len('vmlinuz-'):]
        modules = '/lib/modules/' + release
        if os.path.isdir(modules) and os.access(image, os.R_OK):
            # Small kernels made for guests boot faster than generic ones.
            small = any(word in release
                        for word in ('cloud', 'kvm', 'virtual'))
            found.append((small, image, modules))
    if not found:
        raise exception.SandboxError(
            'No guest kernel in /boot: install the package %s, or run '
            'tools/setup.' % KERNEL_PACKAGES)
    return [(image, modules) for _small, image, modules in sorted(found)]


def check_root() -> None:
    """Check that this process may create namespaces.

    :raises SandboxError: if it may not
    """
    if os.geteuid() != 0:
        raise exception.SandboxError(
            'The sandbox needs root: it creates network and mount '
            'namespaces.')


def check() -> None:
    """Check that everything needed is there.

    :raises SandboxError: naming all packages that are missing.
    """
    check_root()
    missing = []
    for name in sorted(PACKAGES):
        try:
            find(name)
        except exception.SandboxError:
            missing.append('%s (package %s)' % (name, PACKAGES[name]))
    probes: tuple[abc.Callable[[], object], ...] = (rabbitmq, kernels)
    for probe in probes:
        try:
            probe()
        except exception.SandboxError as exc:
            missing.append(str(exc))
    for name in ('nova-compute', 'nova-migprogress-manage',
                 'placement-manage', 'uwsgi'):
        if not os.access(layout.program(name), os.X_OK):
            missing.append('%s (in the Python environment)' % name)
    if missing:
        raise exception.SandboxError(
            'Missing: %s. tools/setup installs everything.'
            % '; '.join(missing))
