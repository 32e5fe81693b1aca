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

"""Built packages and virtual environments, made once for all tests here."""

import atexit
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / 'constraints' / 'nova-34.0.0.txt'
NOVA = 'nova==34.0.0'

_IGNORED = shutil.ignore_patterns(
    '.git', '.venv*', '.tox', '.cache', '.state', '.stestr', 'build', 'dist',
    '*.egg-info', '__pycache__')


class CommandFailed(Exception):
    """A command of a test's preparation failed; holds all it said."""


def run(*command, check=True, cwd='/'):
    """Run a command away from the source tree, and return what it did.

    :returns: subprocess.CompletedProcess, output and errors in stdout
    :raises CommandFailed: its exit code is not 0, unless check is False
    """
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(('PYTHON', 'VIRTUAL_ENV'))}
    environment['PIP_DISABLE_PIP_VERSION_CHECK'] = '1'
    done = subprocess.run(
        [str(argument) for argument in command], cwd=str(cwd), text=True,
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise CommandFailed('%s exited with %d:\n%s' % (
            ' '.join(map(str, command)), done.returncode, done.stdout))
    return done


@functools.lru_cache(maxsize=None)
def scratch():
    """Return a directory that is removed when the process ends."""
    path = pathlib.Path(tempfile.mkdtemp(prefix='migprogress-packaging-'))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@functools.lru_cache(maxsize=None)
def source():
    """Return a copy of the source tree, which building would clutter."""
    path = scratch() / 'source'
    shutil.copytree(ROOT, path, ignore=_IGNORED)
    return path


@functools.lru_cache(maxsize=None)
def built():
    """Return the directory of the sdist, and of the wheel built from it."""
    path = scratch() / 'dist'
    run(sys.executable, '-m', 'build', '--outdir', path, source())
    return path


def wheel():
    return next(built().glob('*.whl'))


def sdist():
    return next(built().glob('*.tar.gz'))


def version():
    """Return the version of the wheel, from its name."""
    return wheel().name.split('-')[1]


def wheel_names():
    with zipfile.ZipFile(wheel()) as archive:
        return set(archive.namelist())


class Environment:
    """A virtual environment of the Python that runs the tests."""

    def __init__(self, name):
        self.path = scratch() / name
        run(sys.executable, '-m', 'venv', '--without-pip', self.path)
        self.python = self.path / 'bin' / 'python'
        self.site = pathlib.Path(run(
            self.python, '-c', 'import sysconfig\n'
            'print(sysconfig.get_path("purelib"))').stdout.strip())

    def pip(self, *arguments):
        return run(sys.executable, '-m', 'pip', '--python', self.python,
                   *arguments)

    def installed(self):
        """Return {name: version} of what pip knows to be installed."""
        listed = next(
            line for line in self.pip(
                'list', '--format', 'json').stdout.splitlines()
            if line.startswith('['))
        return {each['name']: each['version'] for each in json.loads(listed)}

    def script(self, name, *arguments):
        """Run an installed console script; any exit code is fine."""
        return run(self.path / 'bin' / name, *arguments, check=False)

    def evaluate(self, code):
        """Run Python code and return the JSON that its last line is."""
        return json.loads(
            run(self.python, '-c', code).stdout.splitlines()[-1])


@functools.lru_cache(maxsize=None)
def nova_environment():
    """Return an environment with Nova from PyPI and nothing of ours."""
    environment = Environment('nova')
    environment.pip('install', '-q', '-c', CONSTRAINTS, NOVA)
    return environment


@functools.lru_cache(maxsize=None)
def without_nova():
    """Return a directory with all that Nova requires, but not Nova."""
    path = scratch() / 'without-nova'
    path.mkdir()
    for entry in nova_environment().site.iterdir():
        if not entry.name.startswith(('nova', '__pycache__')):
            (path / entry.name).symlink_to(entry)
    return path


def digests(directory):
    """Return {relative path: SHA-256} of a tree, without byte code."""
    return {
        str(path.relative_to(directory)):
            hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob('*'))
        if path.is_file() and path.suffix != '.pyc'}
