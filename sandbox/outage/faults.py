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

"""What can fail in a cloud while a migration runs, and comes back.

Each fault is a context manager: entered, something has failed; left, it is
back and ready.
"""

from collections import abc
import contextlib
import os
import signal
import time

from sandbox import database
from sandbox import exception
from sandbox import layout as layout_mod
from sandbox import process
from sandbox import services


def _signal(layout: layout_mod.Layout, name: str, signum: int) -> None:
    pid = process.find_pid(layout, name)
    if pid is None:
        raise exception.SandboxError('%s does not run.' % name)
    # A service leads its process group.
    os.killpg(pid, signum)


@contextlib.contextmanager
def frozen(layout: layout_mod.Layout, name: str) -> abc.Iterator[None]:
    """A service that neither answers nor ends: SIGSTOP, then SIGCONT."""
    process.freeze(layout, name)
    try:
        yield
    finally:
        process.thaw(layout, name)


@contextlib.contextmanager
def stopped(layout: layout_mod.Layout, name: str) -> abc.Iterator[None]:
    """A service that was ended in an orderly way and is started again."""
    process.stop(layout, name)
    try:
        yield
    finally:
        services.start(layout, [name])


@contextlib.contextmanager
def killed(layout: layout_mod.Layout, name: str) -> abc.Iterator[None]:
    """A service that was killed and is started again."""
    _signal(layout, name, signal.SIGKILL)
    while process.find_pid(layout, name) is not None:
        time.sleep(0.05)
    try:
        yield
    finally:
        services.start(layout, [name])


@contextlib.contextmanager
def read_only(layout: layout_mod.Layout, name: str) -> abc.Iterator[None]:
    """A database that answers what it is asked and refuses what is written."""
    if process.find_pid(layout, name) is None:
        raise exception.NotRunning('%s does not run.' % name)
    database.set_read_only(layout, True)
    try:
        yield
    finally:
        database.set_read_only(layout, False)


@contextlib.contextmanager
def network_and_frozen(layout: layout_mod.Layout,
                       name: str) -> abc.Iterator[None]:
    """The network service answers 503 to everything, another is frozen."""
    failing = layout.failing / 'network'
    with frozen(layout, name):
        failing.touch()
        try:
            yield
        finally:
            failing.unlink()
