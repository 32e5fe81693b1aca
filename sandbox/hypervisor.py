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

"""libvirtd and sshd of a compute host: their files and configuration."""

import pathlib
import shutil
import subprocess
import uuid

from sandbox import layout as layout_mod
from sandbox import programs

#: (below the machine's directory, what it covers on the machine)
BINDS = (
    ('etc-libvirt', '/etc/libvirt'),
    ('lib-libvirt', '/var/lib/libvirt'),
    ('cache-libvirt', '/var/cache/libvirt'),
    ('log-libvirt', '/var/log/libvirt'),
    ('etc-ssh', '/etc/ssh'),
    ('machine-id', '/etc/machine-id'),
    ('nova', '/run/nova'),
)

# calls.log holds each call about a domain; sandbox.truth.calls reads it.
LIBVIRTD_CONF = """\
listen_tls = 0
listen_tcp = 1
listen_addr = "%(address)s"
auth_tcp = "none"
auth_unix_ro = "none"
auth_unix_rw = "none"
host_uuid = "%(host_uuid)s"
log_outputs = "3:stderr 1:file:/var/log/libvirt/calls.log"
log_filters = "1:libvirt.domain 3:*"
"""

QEMU_CONF = """\
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
migration_host = "%(address)s"
"""

SSHD_CONFIG = """\
ListenAddress %(address)s
HostKey /etc/ssh/host_key
AuthorizedKeysFile /etc/ssh/authorized_keys
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""

SSH_CONFIG = """\
Host *
    IdentityFile /etc/ssh/identity
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
"""


def _keygen(path: pathlib.Path) -> None:
    subprocess.run(
        [programs.find('ssh-keygen'), '-q', '-t', 'ed25519', '-N', '',
         '-C', 'sandbox', '-f', str(path)],
        check=True, stdin=subprocess.DEVNULL)


def configure(layout: layout_mod.Layout) -> None:
    """Write the files of all compute hosts."""
    identity = layout.etc / 'identity'
    layout.etc.mkdir(parents=True, exist_ok=True)
    _keygen(identity)
    for host in layout_mod.COMPUTES:
        own = layout.machine(host)
        names = {'address': layout_mod.ADDRESSES[host],
                 'host_uuid': uuid.uuid4()}
        for source, _target in BINDS:
            if source != 'machine-id':
                (own / source).mkdir(parents=True)
        (own / 'machine-id').write_text(uuid.uuid4().hex + '\n')
        (own / 'nova' / 'instances').mkdir()
        etc = own / 'etc-libvirt'
        (etc / 'libvirtd.conf').write_text(LIBVIRTD_CONF % names)
        (etc / 'qemu.conf').write_text(QEMU_CONF % names)
        ssh = own / 'etc-ssh'
        _keygen(ssh / 'host_key')
        shutil.copy2(identity, ssh / 'identity')
        shutil.copy2(str(identity) + '.pub', ssh / 'authorized_keys')
        (ssh / 'sshd_config').write_text(SSHD_CONFIG % names)
        (ssh / 'ssh_config').write_text(SSH_CONFIG)
