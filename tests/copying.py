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

"""Real scp and rsync between directories of this machine, at a given pace.

Only ssh is replaced: it runs the far end's command on this machine, inside a
directory that stands for the remote machine, and passes on what is sent to it
no faster than asked.
"""

import os
import pathlib
import shutil
import stat
import sys
import typing

import fixtures

_SFTP_SERVERS = ('/usr/lib/openssh/sftp-server', '/usr/lib/ssh/sftp-server',
                 '/usr/libexec/openssh/sftp-server')

_SSH = '''import os, shlex, subprocess, sys, threading, time
args = sys.argv[1:]
subsystem = False
while args[0].startswith('-'):
    option = args.pop(0)
    subsystem = subsystem or option == '-s'
    if option in ('-o', '-l', '-p'):
        args.pop(0)
command = args[1:]
if len(command) == 1:
    command = shlex.split(command[0])
if subsystem:
    command = [{sftp_server!r}]
command = [{root!r} + arg if arg.startswith('/') and not subsystem and
           not arg.startswith({root!r}) else arg for arg in command]
far = subprocess.Popen(command, stdin=subprocess.PIPE)
rate = int(open({rate!r}).read())
def pass_on():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            far.stdin.write(data)
            far.stdin.flush()
            time.sleep(len(data) / rate)
    except OSError:
        # A killed scp resets the connection if it had not read everything.
        pass
    try:
        far.stdin.close()
    except OSError:
        pass
threading.Thread(target=pass_on, daemon=True).start()
os._exit(far.wait())
'''

# Not Python's path behind #!, which may hold no space. What the shell runs is
# a string to Python.
_BEGIN = """#!/bin/sh
'''exec' '{python}' -IS "$0" "$@"
' '''
"""

# The process becomes the real program: its id stays.
_PROGRAM = '''import os, sys
args = [arg.replace(':/', ':' + {root!r} + '/', 1)
        if arg.partition(':/')[0].strip('/') == arg.partition(':/')[0]
        and ':/' in arg else arg for arg in sys.argv[1:]]
os.execv({program!r}, [{program!r}] + {options!r} + args)
'''


def missing() -> typing.Optional[str]:
    """Return what this machine lacks, for a test's skip message; or None."""
    for program in ('scp', 'rsync', 'cp'):
        if not shutil.which(program):
            return 'needs the program %s' % program
    if not _sftp_server():
        return 'needs the sftp-server of OpenSSH'
    return None


def _sftp_server() -> typing.Optional[str]:
    for path in _SFTP_SERVERS:
        if os.path.exists(path):
            return path
    return None


class RemoteMachine(fixtures.Fixture):
    """A machine to which this process's ssh, scp and rsync go.

    :param rate: bytes per second that are passed on to it
    """

    def __init__(self, rate: int = 1 << 40) -> None:
        super().__init__()
        self._rate = rate

    def _setUp(self) -> None:
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        #: The directory that stands for the machine's root directory.
        self.root = directory / 'root'
        self.root.mkdir()
        self._rate_file = directory / 'rate'
        self.set_rate(self._rate)
        programs = directory / 'bin'
        programs.mkdir()
        facts = {'root': str(self.root)}
        ssh = self._program(programs / 'ssh', _SSH.format(
            sftp_server=_sftp_server(), rate=str(self._rate_file), **facts))
        for name, options in (('scp', ['-S', ssh]), ('rsync', ['-e', ssh])):
            self._program(programs / name, _PROGRAM.format(
                program=shutil.which(name), options=options, **facts))
        self.useFixture(fixtures.EnvironmentVariable(
            'PATH', '%s:%s' % (programs, os.environ['PATH'])))

    def set_rate(self, rate: int) -> None:
        """Set the bytes per second of copies that begin from now on."""
        self._rate_file.write_text(str(rate))

    def path(self, path: typing.Union[str, pathlib.Path]) -> pathlib.Path:
        """Return where a path of the machine really is."""
        return self.root / str(path).lstrip('/')

    @staticmethod
    def _program(path: pathlib.Path, text: str) -> str:
        path.write_text(_BEGIN.format(python=sys.executable) + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)
